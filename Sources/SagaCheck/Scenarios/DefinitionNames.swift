package import SagaCore

// What a definition's parts are called, wherever a story names them.
extension SagaDefinition {
    /// Every event that the saga may raise, once each, in file order.
    package var eventNames: [String] {
        var names: [String] = []
        func add(_ name: String?) {
            if let name, !names.contains(name) { names.append(name) }
        }
        add(intake?.event)
        for step in steps {
            for outcome in step.outcomes { add(outcome.event?.event) }
            add(step.compensation?.event?.event)
        }
        add(finish.completed?.event)
        add(finish.compensated?.event)
        return names
    }

    /// Every subject on which the saga may send, once each, in file order.
    package var subjects: [String] {
        var subjects: [String] = []
        for step in steps {
            var probe: String?
            if case .probe(let policy) = step.unknown { probe = policy.subject }
            for subject in [step.subject, probe, step.compensation?.subject].compactMap({ $0 })
            where !subject.isEmpty && !subjects.contains(subject) {
                subjects.append(subject)
            }
        }
        return subjects
    }

    /// The outcomes that a command of that target may be answered with.
    func outcomeNames(_ target: Target) -> [String] {
        let outcomes = step(at: target.path)?.outcomes.map(\.name) ?? []
        switch target.kind {
        case .command: return outcomes
        case .compensation: return ["done"]
        case .probe: return outcomes + ["never", "pending"]
        }
    }

    /// Whether a command of that target may be answered with that outcome.
    func hasOutcome(_ name: String, _ target: Target) -> Bool {
        outcomeNames(target).contains(name)
    }

    /// What a participant answers where a scenario does not say: a step its first continuing
    /// outcome, a compensation `done`.
    package func usualAnswer(to target: Target) -> Reply.Answer {
        let nothing = Value.map(Members())
        switch target.kind {
        case .compensation: return .outcome("done", nothing)
        case .command, .probe:
            let outcomes = step(at: target.path)?.outcomes ?? []
            let usual = outcomes.first { $0.then == .continue && $0.name != "timeout" }
            return .outcome(usual?.name ?? "done", nothing)
        }
    }
}

extension Step {
    /// The kinds of commands that the step may send.
    var commandKinds: [CommandKind] {
        var kinds: [CommandKind] = [.command]
        if compensation != nil { kinds.append(.compensation) }
        if case .probe = unknown { kinds.append(.probe) }
        return kinds
    }
}
