/// A parent's part: starting, cancelling and taking back child sagas.
extension Course {
    mutating func start(
        _ child: Child, of place: PlacedStep, given: Value?
    ) throws(ExpressionError) {
        let path = place.path
        let body =
            if let given { CommandBody.value(given) } else { try body(child.body, at: path) }
        let key = try named("key") { () throws(ExpressionError) in
            try child.key?.evaluate(in: scope(at: path)).json.keyText
        }
        let target = ChildTarget(
            sagaID: childID(at: path), definition: child.saga,
            key: key ?? state.identity.id.derived("key of \(path)").description, order: .start)
        send(place, to: .child(target), body)
    }

    /// The identity of the child at a path: the same for every start.
    private func childID(at path: NodePath) -> SagaID {
        state.identity.id.derived("child at \(path)")
    }

    /// What an open command orders of its child.
    func order(_ command: OpenCommand, _ child: ChildTarget) -> ChildOrder {
        let key = child.key ?? ""
        let input: Value =
            switch command.body {
            case .document: state.input
            case .value(let value): value
            }
        let reason = state.failure?.reason ?? AttemptFailure.timeout.words
        let kind: ChildOrder.Kind =
            switch child.order {
            case .start: .start(key: key, input: input)
            case .cancel: .cancel(key: key, input: input, reason: reason)
            case .takeBack: .takeBack(reason: reason)
            }
        return ChildOrder(
            parent: state.identity, commandID: command.id, attempt: command.attempt,
            path: command.path, childID: child.sagaID, definition: child.definition, kind: kind)
    }

    /// Orders a child to turn round, and goes on waiting for its end.
    mutating func cancel(child command: OpenCommand) {
        guard command.child?.order == .start else { return }
        record(
            .childCancelled(
                command.id, command.path,
                resendAt: now + circumstances.resend.wait(after: 0)))
        send(command.id)
    }

    mutating func openTakeBack(of path: NodePath, original: CommandID?) {
        guard case .child(let child) = step(path).step.work else {
            preconditionFailure("The loader has only a child saga take itself back.")
        }
        let target = ChildTarget(
            sagaID: childID(at: path), definition: child.saga, key: nil, order: .takeBack)
        open(
            .compensation, of: path, target: .child(target), body: .document, timeout: nil,
            original: original)
    }

    /// The child that an open command ordered is stuck, or is no more.
    mutating func note(child id: CommandID, stuck reason: String?) throws(NotTaken) {
        guard let command = state.open.first(where: { $0.id == id }) else {
            guard state.formerCommand(id) != nil else { throw .refused(.unknownCommand(id)) }
            throw .ignored("command \(id) is answered already")
        }
        guard state.steps[command.path]?.childStuckReason != reason else {
            throw .ignored("that is known of the child at \(command.path)")
        }
        record(.childStuck(command.path, reason: reason))
    }
}

// MARK: - A child's part

extension Course {
    /// The parent takes the completed saga back.
    mutating func takeBack(_ id: CommandID, _ reason: String) throws(NotTaken) {
        guard let parent = state.parent else {
            throw .refused(.notTakenBack("it is no child of another saga"))
        }
        if parent.takeBackID == id { throw .ignored("it is being taken back already") }
        if state.failure != nil {
            guard !state.hasEnded, parent.takeBackID != nil else {
                throw .ignored("it turned round by itself")
            }
            return record(.takenBack(id))
        }
        guard state.hasEnded else { throw .refused(.notTakenBack("it has not completed")) }
        if isPastPivot, let pivot = decider.outline.pivot {
            throw .refused(
                .notTakenBack("step \(pivot), the point of no return, is done"))
        }
        record(.takenBack(id))
        record(.turned(Failure(kind: .cancel, reason: reason)))
        setStatus(.compensating)
    }

    mutating func tellParentOfEnd() {
        guard let parent = state.parent,
            let answer = decider.answer(of: state, takenBack: parent.takeBackID != nil)
        else { return }
        perform(
            .tellParent(
                ParentReport(
                    parent: parent.sagaID, commandID: parent.waitingID, attempt: 1,
                    answer: answer)))
    }

    /// That the saga has become stuck, or moves again.
    func newsOfStanding(since before: SagaStatus) -> Effect? {
        guard let parent = state.parent, !state.hasEnded, state.status != before,
            state.status == .stuck || before == .stuck
        else { return nil }
        let input = Input.childStuck(parent.waitingID, reason: state.stuckness)
        return .tellParent(ParentReport(parent: parent.sagaID, input: input))
    }
}

extension SagaState {
    /// Why nothing moves without an operator, in words; nil unless the saga is stuck.
    fileprivate var stuckness: String? {
        guard status == .stuck else { return nil }
        let reasons = steps.sorted { $0.key < $1.key }.compactMap { path, step in
            (step.stuckReason ?? step.childStuckReason).map { "step \(path): \($0)" }
        }
        return reasons.first ?? "nothing moves without an operator"
    }
}

extension Decider {
    /// What a child saga that is there answers to its parent's order: its end, or while it is on its
    /// way whether it is stuck.
    ///
    /// A saga of another parent, or of none, answers with the error `key-taken`.
    package func report(to order: ChildOrder, by child: SagaState) -> ParentReport {
        let parent = order.parent.id
        guard child.parent?.sagaID == parent else {
            return ParentReport(
                parent: parent, commandID: order.commandID, attempt: order.attempt,
                answer: .error(
                    code: "key-taken",
                    message: "saga \(child.identity.id) is no child of saga \(parent)",
                    isRetriable: false))
        }
        let isTakeBack =
            switch order.kind {
            case .start, .cancel: false
            case .takeBack: true
            }
        guard let answer = answer(of: child, takenBack: isTakeBack) else {
            return ParentReport(
                parent: parent, input: .childStuck(order.commandID, reason: child.stuckness))
        }
        return ParentReport(
            parent: parent, commandID: order.commandID, attempt: order.attempt, answer: answer)
    }

    /// What the end of a child says to its start, or to its taking back; nil where it has not
    /// ended so.
    func answer(of child: SagaState, takenBack: Bool) -> Reply.Answer? {
        guard let endedAt = child.endedAt, child.hasEnded else { return nil }
        switch (child.failure, takenBack) {
        case (nil, true): return nil
        case (nil, false): return .outcome("completed", output(of: child, at: endedAt))
        case (.some, true): return .outcome("done", .map(Members()))
        case (.some, false) where child.parent?.takeBackID != nil: return nil
        case (.some(let failure), false):
            return .outcome("compensated", ["reason": .string(failure.reason)])
        }
    }

    /// What the saga's parent sees as its result; members that have no value are null.
    private func output(of child: SagaState, at endedAt: Instant) -> Value {
        guard let output = definition.output else { return .map(Members()) }
        let scope = SagaScope(state: child, now: endedAt, outline: outline, path: nil)
        return output.evaluateMembers(in: scope).value.json
    }
}
