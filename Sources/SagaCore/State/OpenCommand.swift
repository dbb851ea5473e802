/// A command that no final answer has settled: what to send again, and when.
package struct OpenCommand: Equatable, Sendable {
    /// The identity that stays over all attempts and resends.
    package var id: CommandID
    /// The step it belongs to.
    package var path: NodePath
    /// What the command asks for.
    package var kind: CommandKind
    /// Whom it goes to.
    package var target: CommandTarget
    /// Its body.
    package var body: CommandBody
    /// The number of the attempt, from 1.
    package var attempt: Int
    /// How often this attempt was sent again, from 0.
    package var resend: Int
    /// The step's own command, where this is its compensation or probe.
    package var originalID: CommandID?
    /// When the attempt, or its wait, began.
    package var since: Instant
    /// Whether an attempt is in flight or the next one waits.
    package var phase: Phase
    /// In flight: when the attempt times out, nil where a child saga has no limit. Waiting: when
    /// the next attempt is sent.
    package var dueAt: Instant?
    /// In flight: when the attempt is sent again.
    package var resendAt: Instant

    /// How far an open command is.
    package enum Phase: String, CaseIterable, Hashable, Sendable {
        /// An attempt was sent and is waited for; can become `waiting`.
        case inFlight
        /// The last attempt failed and the next is not due yet; can become `inFlight`.
        case waiting
    }

    /// A first attempt, in flight.
    package init(
        id: CommandID, path: NodePath, kind: CommandKind, target: CommandTarget,
        body: CommandBody, originalID: CommandID? = nil, since: Instant, dueAt: Instant?,
        resendAt: Instant
    ) {
        self.id = id
        self.path = path
        self.kind = kind
        self.target = target
        self.body = body
        attempt = 1
        resend = 0
        self.originalID = originalID
        self.since = since
        phase = .inFlight
        self.dueAt = dueAt
        self.resendAt = resendAt
    }

    /// A first attempt, in flight to a participant.
    package init(
        id: CommandID, path: NodePath, kind: CommandKind, subject: String, body: CommandBody,
        originalID: CommandID? = nil, since: Instant, dueAt: Instant, resendAt: Instant
    ) {
        self.init(
            id: id, path: path, kind: kind, target: .participant(subject: subject), body: body,
            originalID: originalID, since: since, dueAt: dueAt, resendAt: resendAt)
    }

    /// What follows `saga.command.` in its subject; empty where a child saga is ordered.
    package var subject: String {
        switch target {
        case .participant(let subject): subject
        case .child: ""
        }
    }

    /// Has something else ordered of the child saga from now on.
    mutating func order(_ order: ChildTarget.Order) {
        guard case .child(var child) = target else { return }
        child.order = order
        target = .child(child)
    }

    /// The child saga that is ordered; nil where a participant is asked.
    package var child: ChildTarget? {
        switch target {
        case .participant: nil
        case .child(let child): child
        }
    }
}

/// Whom a command goes to.
package enum CommandTarget: Hashable, Sendable {
    /// A participant listens on `saga.command.` and that subject.
    case participant(subject: String)
    /// A child saga is started, cancelled or taken back.
    case child(ChildTarget)
}

/// A child saga, and what is ordered of it.
package struct ChildTarget: Hashable, Sendable {
    /// The child's identity.
    package var sagaID: SagaID
    /// The name of the child's definition.
    package var definition: String
    /// The child's business key; nil where it is taken back, and known by its identity alone.
    package var key: String?
    /// What is ordered.
    package var order: Order

    /// What a parent orders of its child.
    package enum Order: String, CaseIterable, Hashable, Sendable {
        /// To start; can become `cancel`.
        case start
        /// To turn round, and not to start where it has not.
        case cancel
        /// To take itself back, although it has completed.
        case takeBack = "take_back"
    }

    /// That order to that child.
    package init(sagaID: SagaID, definition: String, key: String?, order: Order) {
        self.sagaID = sagaID
        self.definition = definition
        self.key = key
        self.order = order
    }
}

/// What a command asks for.
package enum CommandKind: String, CaseIterable, Hashable, Sendable {
    /// A step's work.
    case command
    /// What takes it back.
    case compensation
    /// What became of it.
    case probe
}

/// A command's body.
package enum CommandBody: Hashable, Sendable {
    /// The saga's document, which is not repeated in the state.
    case document
    /// A body of its own, JSON kinds only.
    case value(Value)
}

/// A command that is open no more.
package struct FormerCommand: Hashable, Sendable {
    /// Its identity.
    package var id: CommandID
    /// The step it belongs to.
    package var path: NodePath
    /// What it asked for.
    package var kind: CommandKind
    /// The step's own command, where this was its compensation or probe.
    package var originalID: CommandID?

    /// The command of that identity, step and kind.
    package init(
        id: CommandID, path: NodePath, kind: CommandKind, originalID: CommandID? = nil
    ) {
        self.id = id
        self.path = path
        self.kind = kind
        self.originalID = originalID
    }
}
