import SagaCore

// What an answer that counted says about what the participant has really done.
extension Stepper {
    /// Learns from a move that counted.
    ///
    /// An operator settles what is stuck as it is: the participant says nothing else later.
    func learn(from move: Move, _ before: ModelState, _ after: inout ModelState) {
        switch move {
        case .settle(let target, let outcome): settle(target, outcome, &after)
        case .answer(let id, let target, let answer, _):
            learn(from: answer, to: id, target, before, &after)
        case .report(let path, let outcome, _): tell(outcome, of: path, &after)
        case .append(let told): tell(told, &after)
        case .start(let early): for told in early { tell(told, &after) }
        case .due, .waitDue, .attention, .child, .deadline, .heldDeadline, .cancel, .retry: break
        }
    }

    /// Learns what is awaited, and of which element of a list an event turned out to be.
    func learn(from entries: [Entry], _ after: inout ModelState) {
        for entry in entries {
            if case .waitOpened(let wait) = entry, isTold(wait.path) {
                after.learn(at: wait.path) { _ in }
            }
            guard let (path, outcome) = entry.told, isTold(path), world.layout.isInList(path) else {
                continue
            }
            tell(outcome, of: path, &after)
        }
    }

    private func learn(
        from answer: Reply.Answer, to id: CommandID, _ target: Target, _ before: ModelState,
        _ after: inout ModelState
    ) {
        let original =
            before.saga.open.first { $0.id == id }?.originalID
            ?? before.saga.former.first { $0.id == id }?.originalID
        switch (target.kind, answer) {
        case (.compensation, .outcome):
            if let original { return after.learn(of: original) { $0.isUndone = true } }
            for place in after.truths.indices
            where after.truths[place].id == nil && after.truths[place].path == target.path {
                after.truths[place].isUndone = true
            }
        case (.command, .outcome(let name, _)):
            settle(&after, id, .outcome(name))
        case (.command, .error(_, _, false)): settle(&after, id, .finalNo)
        case (.probe, .outcome("never", _)): settle(&after, original, .finalNo)
        case (.probe, .outcome("pending", _)): break
        case (.probe, .outcome(let name, _)): settle(&after, original, .outcome(name))
        case (_, .error): break
        }
    }

    private func settle(_ target: Target, _ outcome: String, _ state: inout ModelState) {
        switch target.kind {
        case .compensation:
            for place in state.truths.indices where state.truths[place].path == target.path {
                state.truths[place].isUndone = true
            }
        case .command, .probe:
            guard let id = state.saga.steps[target.path]?.commandID else {
                return tell(outcome, of: target.path, &state)
            }
            state.learn(of: id) { $0.answer = .outcome(outcome) }
        }
    }

    /// One who first says no and then that it is done has, by the last word, done it.
    private func settle(
        _ state: inout ModelState, _ id: CommandID?, _ answer: ModelState.Answer
    ) {
        guard let id else { return }
        state.learn(of: id) { truth in
            if truth.answer == .finalNo, answer != .finalNo { truth.isUndone = false }
            truth.answer = answer
        }
    }
}

// MARK: Without a command

extension Stepper {
    /// Whether it is remembered what is told of a step: it is awaited, and can be taken back.
    private func isTold(_ path: NodePath) -> Bool {
        let place = world.layout[path]
        return place.isTold && place.step?.compensation != nil
    }

    /// Of a list nobody knows yet which element an event is about.
    private func tell(_ told: AppendedOutcome, _ state: inout ModelState) {
        if !told.isInList { tell(told.outcome, of: told.step, &state) }
    }

    /// Who has said that a step is done has done it, whatever he says later; after a no it is done
    /// anew.
    private func tell(_ name: String, of path: NodePath, _ state: inout ModelState) {
        guard isTold(path), let step = world.layout[path].step, name != "timeout" else { return }
        if let id = state.saga.steps[path]?.commandID {
            return settle(&state, id, .outcome(name))
        }
        state.learn(at: path) { truth in
            if case .outcome(let known)? = truth.answer {
                if step.isDone(by: known) { return }
                if step.isDone(by: name) { truth.isUndone = false }
            }
            truth.answer = .outcome(name)
        }
    }
}

extension Step {
    /// Whether an outcome says that the step was done.
    func isDone(by name: String) -> Bool {
        outcomes.first { $0.name == name }?.then == .continue
    }
}

extension Entry {
    /// The outcome that it takes in without a command, and of what.
    fileprivate var told: (path: NodePath, outcome: String)? {
        if case .stepCompleted(let path, let outcome, _) = self { return (path, outcome) }
        if case .stepRejected(let path, let outcome, _) = self { return (path, outcome) }
        if case .lateReply(let path, nil, let outcome, _, _) = self { return (path, outcome) }
        return nil
    }
}
