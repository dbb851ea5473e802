import SagaCore

/// A saga and its world: what the daemon knows, and what the participants have really done.
struct ModelState {
    /// The saga, its times collapsed and its identities renamed.
    var saga: SagaState
    /// What became of each command that was sent, by the command's identity.
    var truths: [CommandID: Truth] = [:]
    /// Conditions that may be asked again.
    var chosen: Choices = [:]
    /// The events raised so far; empty where nobody looks at them.
    var events: [String] = []

    /// What a participant has really done about a command.
    ///
    /// Nothing is decided before somebody hears of it: until then the command may have been done,
    /// with any outcome, or not.
    struct Truth: Hashable {
        /// The step.
        var path: NodePath
        /// What it has answered for good; nil while that may still be anything.
        var answer: Answer?
        /// Whether it has undone whatever it did.
        var isUndone = false
    }

    /// A participant's final answer.
    enum Answer: Hashable {
        case outcome(String)
        case finalNo
    }

    /// What tells this state from others.
    var key: [UInt8] {
        var key = saga.encoded
        for (id, truth) in truths.sorted(by: { $0.key < $1.key }) {
            key += Array("|\(id.low)\(truth.isUndone)\(truth.answerText)".utf8)
        }
        for (name, choice) in chosen.sorted(by: { $0.key < $1.key }) {
            key += Array("|\(name)\(choice.rawValue)".utf8)
        }
        if !events.isEmpty { key += Array("|\(events.listed)".utf8) }
        return key
    }

    /// Whether nothing need happen any more, or an operator must act.
    var isTerminal: Bool { saga.hasEnded || saga.status == .stuck }
}

extension ModelState.Truth {
    fileprivate var answerText: String {
        switch answer {
        case .outcome(let name): name
        case .finalNo: "!"
        case nil: "?"
        }
    }
}

// Times collapse to an order, identities to what they identify.
extension SagaState {
    /// When everything happens.
    static let modelNow = Rehearsal.start
    /// What is not due yet.
    static let modelFar = modelNow + .seconds(1_000_000_000)
    /// What is over.
    static let modelPast = modelNow + .seconds(-1)

    /// The state that stands for all that differ from this one in times and identities only.
    ///
    /// Everything that depends on a kind of open thing stands here and in ``Move``.
    func collapsed(_ renaming: inout [CommandID: CommandID]) -> SagaState {
        var state = self
        state.version = 1
        state.startedAt = Self.modelNow
        state.endedAt = endedAt.map { _ in Self.modelNow }
        state.deadline = deadline.map { _ in Self.modelFar }
        state.heldDeadline = heldDeadline.map {
            $0 < Self.modelNow ? Self.modelPast : Self.modelFar
        }
        for (path, step) in steps {
            var known = step
            known.commandID = step.commandID.map { id in
                renaming.name(id, Self.named(path, "command"))
            }
            known.doubts = step.doubts.enumerated().map { place, id in
                renaming.name(id, Self.named(path, "doubt \(place)"))
            }
            known.attempt = min(step.attempt, ModelDefinition.attempts)
            known.probingEndsAt = step.probingEndsAt.map { _ in Self.modelFar }
            state.steps[path] = known
        }
        state.open = open.map { $0.collapsed(&renaming) }
        state.waits = waits.map(\.collapsed)
        state.former = collapsedFormer(&renaming)
        return state
    }

    private func collapsedFormer(_ renaming: inout [CommandID: CommandID]) -> [FormerCommand] {
        var kept: [FormerCommand] = []
        for former in self.former {
            var command = former
            command.originalID = former.originalID.map { renaming[$0] ?? $0 }
            command.id =
                renaming[former.id]
                ?? Self.named(
                    former.path, "former \(former.kind.rawValue) \(command.originalID?.low ?? 0)")
            if !kept.contains(command) { kept.append(command) }
        }
        return kept.sorted { ($0.id, $0.path) < ($1.id, $1.path) }
    }

    /// An identity by what it identifies; millions are made, so it is spread and not hashed.
    static func named(_ path: NodePath, _ role: String) -> CommandID {
        CommandID(high: spread(path), low: spread(role))
    }
}

/// The text's bytes spread over 64 bits: FNV-1a.
private func spread(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

extension OpenWait {
    fileprivate var collapsed: OpenWait {
        var wait = self
        wait.since = SagaState.modelNow
        wait.dueAt = dueAt.map { _ in SagaState.modelFar }
        if case .question(var question) = kind {
            for place in question.answers.indices {
                question.answers[place].at = SagaState.modelNow
            }
            wait.kind = .question(question)
        }
        return wait
    }
}

extension OpenCommand {
    fileprivate func collapsed(_ renaming: inout [CommandID: CommandID]) -> OpenCommand {
        var command = self
        command.originalID = originalID.map { renaming[$0] ?? $0 }
        let role = "\(kind.rawValue) \(command.originalID?.low ?? 0)"
        command.id =
            kind == .command
            ? renaming.name(id, SagaState.named(path, "command"))
            : renaming.name(id, SagaState.named(path, role))
        command.attempt = min(attempt, ModelDefinition.attempts)
        command.resend = 0
        command.since = SagaState.modelNow
        command.dueAt = dueAt.map { _ in SagaState.modelFar }
        command.resendAt = SagaState.modelFar
        return command
    }
}

extension [CommandID: CommandID] {
    /// Remembers the new name of an identity.
    fileprivate mutating func name(_ id: CommandID, _ name: CommandID) -> CommandID {
        self[id] = name
        return name
    }
}
