/// What operators' actions lead to.
extension Course {
    mutating func cancel(_ action: OperatorAction) throws(NotTaken) {
        if state.hasEnded {
            throw .refused(.notCancellable("it has ended as \(state.status.rawValue)"))
        }
        if state.failure != nil {
            throw .refused(.notCancellable("it is being compensated already"))
        }
        if let pivot = definition.steps.first(where: \.isPivot), isSent(pivot) {
            throw .refused(
                .notCancellable("step \(pivot.name), the point of no return, was sent"))
        }
        record(.operatorActed(action, verb: "cancel", nil))
        fail(Failure(kind: .cancel, reason: action.reason))
    }

    private func isSent(_ step: Step) -> Bool {
        guard let known = state.steps[step.name] else { return false }
        return known.commandID != nil && !known.isUndone
    }

    mutating func retry(
        _ path: NodePath, body: Value?, _ action: OperatorAction
    ) throws(NotTaken) {
        guard let step = definition.step(at: path), let known = state.steps[path] else {
            throw .refused(.notStuck(path))
        }
        if known.compensation == .stuck {
            record(.operatorActed(action, verb: "retry", path))
            compensate(path, body: body)
        } else if known.phase == .stuck {
            record(.operatorActed(action, verb: "retry", path))
            try send(again: step, body)
        } else {
            throw .refused(.notStuck(path))
        }
    }

    private mutating func send(again step: Step, _ given: Value?) throws(NotTaken) {
        do throws(ExpressionError) {
            let body = if let given { CommandBody.value(given) } else { try body(of: step) }
            send(step, body)
        } catch {
            throw .refused(
                .unsuitableAction(step.name, "its body has no value: \(error.message)"))
        }
    }

    mutating func settle(
        _ path: NodePath, _ settlement: Settlement, _ action: OperatorAction
    ) throws(NotTaken) {
        guard let step = definition.step(at: path), let known = state.steps[path] else {
            throw .refused(.notStuck(path))
        }
        switch settlement {
        case .compensated:
            guard known.compensation == .stuck else { throw .refused(.notStuck(path)) }
            record(.operatorActed(action, verb: "settle", path))
            finishCompensation(of: path, original: nil, .map(Members()))
        case .outcome(let name, let result):
            guard known.phase == .stuck else { throw .refused(.notStuck(path)) }
            guard let outcome = step.outcomes.first(where: { $0.name == name }) else {
                let names = step.outcomes.map(\.name)
                throw .refused(.unknownOutcome(path, outcome: name, known: names))
            }
            record(.operatorActed(action, verb: "settle", path))
            settle(step, outcome, result)
        }
    }
}
