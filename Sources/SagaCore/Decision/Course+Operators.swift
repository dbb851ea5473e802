/// What operators' actions lead to.
extension Course {
    mutating func cancel(_ action: OperatorAction) throws(NotTaken) {
        if state.hasEnded {
            throw .refused(.notCancellable("it has ended as \(state.status.rawValue)"))
        }
        if state.failure != nil {
            throw .refused(.notCancellable("it is being compensated already"))
        }
        if let pivot = decider.outline.pivot, isSent(pivot) {
            throw .refused(
                .notCancellable("step \(pivot), the point of no return, was sent"))
        }
        turn(by: action)
    }

    mutating func turn(by action: OperatorAction) {
        record(.operatorActed(action, verb: "cancel", nil))
        fail(Failure(kind: .cancel, reason: action.reason))
    }

    /// Whether the pivot is done, or may be: a question is not until it is decided.
    private func isSent(_ pivot: NodePath) -> Bool {
        guard let known = state.steps[pivot], !known.isUndone else { return false }
        // An operator may have settled what was never sent.
        if known.phase == .completed { return true }
        switch step(pivot).step.work {
        case .command, .child: return known.commandID != nil
        case .await: return known.phase != .skipped
        case .ask: return false
        }
    }

    mutating func retry(
        _ path: NodePath, body: Value?, _ action: OperatorAction
    ) throws(NotTaken) {
        guard let place = decider.outline.place(of: path), let known = state.steps[path] else {
            throw .refused(.notStuck(path))
        }
        if known.compensation == .stuck {
            try checkTakesBody(step(path).step.compensation?.work == .child, body, path)
            record(.operatorActed(action, verb: "retry", path))
            compensate(path, body: body)
        } else if known.phase == .stuck {
            try checkTakesBody(place.node.asksWithoutBody, body, path)
            record(.operatorActed(action, verb: "retry", path))
            try begin(again: place.node, at: path, body)
        } else {
            throw .refused(.notStuck(path))
        }
    }

    private func checkTakesBody(
        _ isWithoutBody: Bool, _ body: Value?, _ path: NodePath
    ) throws(NotTaken) {
        if isWithoutBody, body != nil {
            throw .refused(
                .unsuitableAction(path, "nothing is sent that a body could stand for"))
        }
    }

    private mutating func begin(
        again node: Node, at path: NodePath, _ given: Value?
    ) throws(NotTaken) {
        do throws(ExpressionError) {
            try begin(node, at: path, given: given)
        } catch {
            throw .refused(.unsuitableAction(path, "it cannot be tried again: \(error.message)"))
        }
    }

    /// Settles what another has proposed to settle so, else proposes it.
    mutating func propose(
        _ path: NodePath, _ settlement: Settlement, _ action: OperatorAction
    ) throws(NotTaken) {
        if let proposal = state.steps[path]?.proposal, proposal.settlement == settlement {
            guard proposal.by != action.by else {
                throw .refused(
                    .unsuitableAction(
                        path, "\(action.by) has proposed that already: another has to confirm it"))
            }
            return try settle(path, settlement, action)
        }
        // What could not be settled so is not proposed either.
        var trial = self
        try trial.settle(path, settlement, action)
        record(.settlementProposed(path, settlement, action))
    }

    mutating func settle(
        _ path: NodePath, _ settlement: Settlement, _ action: OperatorAction
    ) throws(NotTaken) {
        guard let place = decider.outline.place(of: path), let known = state.steps[path] else {
            throw .refused(.notStuck(path))
        }
        switch settlement {
        case .compensated:
            guard known.compensation == .stuck else { throw .refused(.notStuck(path)) }
            record(.operatorActed(action, verb: "settle", path))
            finishCompensation(of: path, original: nil, .map(Members()))
        case .outcome(let name, let result):
            guard known.phase == .stuck else { throw .refused(.notStuck(path)) }
            try settle(place.node, at: path, name, result, action)
        }
    }

    /// A stuck step takes one of its outcomes; any other stuck node has `done`, which passes it.
    private mutating func settle(
        _ node: Node, at path: NodePath, _ name: String, _ result: Value,
        _ action: OperatorAction
    ) throws(NotTaken) {
        switch node.body {
        case .step(let step):
            let place = PlacedStep(step: step, path: path)
            let outcome = try outcome(name, of: place)
            record(.operatorActed(action, verb: "settle", path))
            settle(place, outcome, result)
        case .parallel, .each, .wait:
            guard name == "done" else {
                throw .refused(.unknownOutcome(path, outcome: name, known: ["done"]))
            }
            record(.operatorActed(action, verb: "settle", path))
            record(.passed(path))
        }
    }
}

extension Node {
    /// Whether nothing is sent or evaluated for which an operator could give another value.
    fileprivate var asksWithoutBody: Bool {
        switch body {
        case .parallel: true
        case .each, .wait: false
        case .step(let step):
            switch step.work {
            case .command, .child: false
            case .ask, .await: true
            }
        }
    }
}
