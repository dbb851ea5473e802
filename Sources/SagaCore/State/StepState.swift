/// Where one node that was entered stands: a step, or any other node of the definition.
package struct StepState: Equatable, Sendable {
    /// How far the step itself is.
    package var phase: StepPhase
    /// The number of the last attempt, from 1; 0 where nothing was sent.
    package var attempt: Int
    /// The step's command; nil where nothing was sent.
    package var commandID: CommandID?
    /// Commands that an operator's retry replaced while nobody knew whether they were done; each
    /// is taken back by a compensation of its own.
    package var doubts: [CommandID]
    /// The participant's answer, once there is one.
    package var outcome: String?
    /// The answer's data.
    package var result: Value?
    /// How far taking it back is; nil where nothing asked for it.
    package var compensation: CompensationPhase?
    /// Whether the participant's final no says that the step is not done and never will be.
    package var isUndone: Bool
    /// Whether the step's own command was taken back, and nothing was heard of it since; those that
    /// it replaced may still be taken back.
    package var isTakenBack: Bool
    /// Whether a late reply asks for one more compensation after the one that is running.
    package var compensatesAgain: Bool
    /// When probing ends; nil unless probing.
    package var probingEndsAt: Instant?
    /// Why an operator is needed; nil unless something is stuck.
    package var stuckReason: String?
    /// Why the step's child saga is stuck; nil where it is not, or is none.
    package var childStuckReason: String?
    /// What an operator proposed to settle, where another has to agree; nil where nothing is.
    package var proposal: SettlementProposal?
    /// The list of an `each`, frozen on entry, JSON kinds only; nil for any other node.
    package var list: [Value]?
    /// The event, appended by a participant, that said what became of the step; nil where none did.
    package var eventID: String?

    /// A step in that phase, of which nothing else is known.
    package init(phase: StepPhase, attempt: Int = 0, commandID: CommandID? = nil) {
        self.phase = phase
        self.attempt = attempt
        self.commandID = commandID
        doubts = []
        outcome = nil
        result = nil
        compensation = nil
        isUndone = false
        isTakenBack = false
        compensatesAgain = false
        probingEndsAt = nil
        stuckReason = nil
        childStuckReason = nil
        proposal = nil
        list = nil
        eventID = nil
    }

    /// Whether an operator is asked about a command that may have been done.
    var isInDoubt: Bool { phase == .stuck && !isUndone }

    /// Whether a compensation is asked for that does not wait for the saga to turn round.
    var asksCompensation: Bool {
        switch compensation {
        case .running: false
        case .stuck: compensatesAgain
        case .done, nil: compensatesAgain || !doubts.isEmpty
        }
    }
}

/// What an operator proposed to settle by hand.
package struct SettlementProposal: Hashable, Sendable {
    /// What became of the step.
    package var settlement: Settlement
    /// Who proposed it.
    package var by: String

    /// That settlement, proposed by that person.
    package init(settlement: Settlement, by: String) {
        self.settlement = settlement
        self.by = by
    }
}

/// How far a node itself is.
package enum StepPhase: String, CaseIterable, Hashable, Sendable {
    /// Its command, question, awaited event or timer is open; can become any but `skipped`.
    case running
    /// It is a `parallel` or an `each` whose nodes are on their way; can become `completed`.
    case entered
    /// Its attempts are used up and the participant is being asked; can become `completed`,
    /// `rejected`, `failed`, `unknown` or `stuck`.
    case probing
    /// It has a continuing outcome, its time has come, or all within it are done; stays.
    case completed
    /// It has a rejecting outcome: it was not done and never will be.
    case rejected
    /// It has a final no without an outcome, was never sent, or was closed before anybody answered;
    /// stays unless a reply says otherwise.
    case failed
    /// It was given up and may have happened; a late reply tells.
    case unknown
    /// Its condition was false; stays.
    case skipped
    /// Nobody knows whether it was done, and an operator is asked; a late reply settles it too.
    case stuck
}

/// How far taking a step back is.
package enum CompensationPhase: String, CaseIterable, Hashable, Sendable {
    /// Its compensation is open; can become `done` or `stuck`.
    case running
    /// The participant has confirmed it; a late reply may open another.
    case done
    /// An operator is needed.
    case stuck
}

/// Why a saga turned round.
package struct Failure: Hashable, Sendable {
    /// The step at which it turned; nil for a deadline or a cancel.
    package var step: NodePath?
    /// What kind of cause it was.
    package var kind: Kind
    /// The rejecting outcome.
    package var outcome: String?
    /// The error's code.
    package var code: String?
    /// The error's message.
    package var message: String?
    /// The rejecting reply's data.
    package var reply: Value?
    /// The reason in words; never empty.
    package var reason: String

    /// A kind of cause.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A rejecting outcome.
        case outcome
        /// An error, or a probe's `never`.
        case error
        /// No answer in time.
        case timeout
        /// The saga's deadline passed.
        case deadline
        /// An operator's cancel.
        case cancel
        /// An expression had no value.
        case expression
    }

    /// The failure with these parts; where `reason` is nil it is the reply's `reason` member, else
    /// the message, else `STEP: OUTCOME`.
    package init(
        step: NodePath? = nil, kind: Kind, outcome: String? = nil, code: String? = nil,
        message: String? = nil, reply: Value? = nil, reason: String? = nil
    ) {
        self.step = step
        self.kind = kind
        self.outcome = outcome
        self.code = code
        self.message = message
        self.reply = reply
        let candidates = [reason, reply?["reason"]?.text, message]
        let given = candidates.compactMap { $0 }.first { !$0.isEmpty }
        self.reason = given ?? "\(step ?? "saga"): \(outcome ?? code ?? kind.rawValue)"
    }

    /// The value that expressions see as `failure`.
    package var value: Value {
        .map(
            Members([
                ("step", step.map(Value.string) ?? .null), ("kind", .string(kind.rawValue)),
                ("outcome", outcome.map(Value.string) ?? .null),
                ("code", code.map(Value.string) ?? .null),
                ("message", message.map(Value.string) ?? .null),
                ("data", reply ?? .null), ("reason", .string(reason)),
            ]))
    }
}
