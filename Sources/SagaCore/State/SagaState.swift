/// Where one saga stands: the fold of its journal, and all that the next decision needs.
///
/// From it alone follow the commands to send again (``open``), what people are asked (``waits``) and
/// when to look again (``nextDue``).
package struct SagaState: Equatable, Sendable {
    /// Which saga this is, and of which definition.
    package var identity: SagaIdentity
    /// How many transitions were recorded; the start is 1.
    package var version: Int64
    /// Where the saga is on its way.
    package var status: SagaStatus
    /// The document: the input after `set`; never changes.
    package var input: Value
    /// When the start was decided.
    package var startedAt: Instant
    /// When the saga ended; nil while it has not.
    package var endedAt: Instant?
    /// When the saga is rejected if its pivot has not been sent by then; nil once it turned round.
    package var deadline: Instant?
    /// The deadline once the pivot was sent and holds it.
    package var heldDeadline: Instant?
    /// Where each node that was entered stands.
    package var steps: [NodePath: StepState]
    /// The nodes that may have happened, in the order in which they completed or were given up.
    package var order: [NodePath]
    /// The commands that no final answer has settled, in the order in which they were opened.
    package var open: [OpenCommand]
    /// The questions, awaited events and timers that are open, in the order in which they were
    /// opened.
    package var waits: [OpenWait]
    /// Commands that are open no more, so that a late reply is recognised; beyond
    /// ``formerCommandsMax`` probes are dropped first, then the oldest.
    package var former: [FormerCommand]
    /// Why the saga turned round; nil while it goes forward.
    package var failure: Failure?
    /// Whether an operator settled a step by hand.
    package var isSettledByHand: Bool
    /// Whose child this saga is; nil where it stands for itself.
    package var parent: ParentLink?
    /// Outcome events that were appended before their steps were open, in the order in which they
    /// came; at most ``keptEventsMax``.
    package var kept: [KeptEvent]
    /// The events of the saga's ends that participants appended, each with its identity.
    package var finishEvents: [String: String]
    /// When the saga has to look at what its aggregate had before; nil where it has, or need not.
    package var looksBackAt: Instant?

    /// How many commands that are open no more a saga remembers.
    package static let formerCommandsMax = 64

    /// A saga that has not recorded anything yet.
    package init(identity: SagaIdentity, input: Value, startedAt: Instant) {
        self.identity = identity
        version = 0
        status = .running
        self.input = input
        self.startedAt = startedAt
        endedAt = nil
        deadline = nil
        heldDeadline = nil
        steps = [:]
        order = []
        open = []
        waits = []
        former = []
        failure = nil
        isSettledByHand = false
        parent = nil
        kept = []
        finishEvents = [:]
        looksBackAt = nil
    }

    /// Whether the saga has ended; compensations of late news may still be open.
    package var hasEnded: Bool { status.isEnd }

    /// Whether the deadline rejects the saga when it passes: it does not apply to what is stuck.
    var canMissDeadline: Bool { status == .running && failure == nil }

    /// The earliest time at which something falls due, or nil where nothing will.
    package var nextDue: Instant? { nextDue(after: Instant(microseconds: .min)) }

    /// The earliest time after that one at which something falls due, or nil where nothing will.
    package func nextDue(after instant: Instant) -> Instant? {
        var earliest: Instant?
        func consider(_ due: Instant) {
            if due > instant, earliest.map({ due < $0 }) ?? true { earliest = due }
        }
        if let deadline, canMissDeadline { consider(deadline) }
        if let looksBackAt { consider(looksBackAt) }
        for command in open {
            if let dueAt = command.dueAt { consider(dueAt) }
            if command.phase == .inFlight { consider(command.resendAt) }
        }
        for wait in waits { wait.dueTimes.forEach(consider) }
        return earliest
    }

    /// The command of that identity that is open no more, or nil where there was none.
    func formerCommand(_ id: CommandID) -> FormerCommand? {
        if let former = former.last(where: { $0.id == id }) { return former }
        let path = steps.first { $0.value.commandID == id }?.key
        return path.map { FormerCommand(id: id, path: $0, kind: .command) }
    }
}

/// Which saga something belongs to.
package struct SagaIdentity: Hashable, Sendable {
    /// The saga's own identity.
    package var id: SagaID
    /// The definition's name.
    package var name: String
    /// The definition's version, to which the saga is pinned.
    package var definitionVersion: Int
    /// The business key, unique among the sagas of its name.
    package var key: String

    /// The identity with these parts.
    package init(id: SagaID, name: String, definitionVersion: Int, key: String) {
        self.id = id
        self.name = name
        self.definitionVersion = definitionVersion
        self.key = key
    }
}

/// Whose child a saga is.
package struct ParentLink: Hashable, Sendable {
    /// The parent.
    package var sagaID: SagaID
    /// The parent's command that started the child, and that the child's end answers.
    package var commandID: CommandID
    /// The parent's command that takes the completed child back; nil while there is none.
    package var takeBackID: CommandID?

    /// The child that this command of that saga started.
    package init(sagaID: SagaID, commandID: CommandID, takeBackID: CommandID? = nil) {
        self.sagaID = sagaID
        self.commandID = commandID
        self.takeBackID = takeBackID
    }

    /// The parent's command that waits for news of the child now.
    var waitingID: CommandID { takeBackID ?? commandID }
}

/// Where a saga is on its way.
package enum SagaStatus: String, CaseIterable, Hashable, Sendable {
    /// Goes forward; can become any other.
    case running
    /// Turned round: what may have happened is being taken back; can become `stuck`, `compensated`
    /// or `settled`.
    case compensating
    /// Nothing moves without an operator; can become any other.
    case stuck
    /// Ended well: everything is done; a child that its parent takes back becomes `compensating`.
    case completed
    /// Ended well: everything that may have happened is taken back.
    case compensated
    /// Ended with at least one step settled by an operator.
    case settled

    /// Whether a saga of that status has ended.
    package var isEnd: Bool {
        switch self {
        case .running, .compensating, .stuck: false
        case .completed, .compensated, .settled: true
        }
    }
}
