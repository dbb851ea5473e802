/// What a parent saga orders of a child; repeated until it is answered, as commands are.
///
/// Whoever performs it looks for the saga of ``childID``:
/// - It is missing: for `start` and `cancel` the newest version of the child's definition starts,
///   by `Decider.start` with that identity, ``parentLink``, and ``cancellation`` where it is not
///   nil, so that a start that comes late finds a saga that has ended already. A key that another
///   saga has is answered with an error of code `key-taken`, a definition that is not loaded with
///   `unknown-definition`, a start that the rules refuse with `refused`; none is retriable. A
///   missing saga that is to be taken back is a fault of the store: the error `unknown-saga`.
/// - It is there: ``input``, where it is not nil, is decided. A taking back that is refused is
///   answered with the error `refused`. Where the verdict is any other but a record, and for a
///   start, `Decider.report(to:by:)` says what the parent is told.
///
/// An error is given to the parent as an `Input.reply` to ``commandID`` and ``attempt``.
package struct ChildOrder: Equatable, Sendable {
    /// The saga that orders.
    package var parent: SagaIdentity
    /// The parent's command.
    package var commandID: CommandID
    /// The attempt of the command, from 1.
    package var attempt: Int
    /// The parent's step.
    package var path: NodePath
    /// The child's identity, derived from the parent's and the path.
    package var childID: SagaID
    /// The name of the child's definition.
    package var definition: String
    /// What is ordered.
    package var kind: Kind

    /// What is ordered.
    package enum Kind: Equatable, Sendable {
        /// To start under that key with that input.
        case start(key: String, input: Value)
        /// To turn round; where it has not started, to start turned.
        case cancel(key: String, input: Value, reason: String)
        /// To take itself back, although it has completed.
        case takeBack(reason: String)
    }

    /// The order of that parent's command.
    package init(
        parent: SagaIdentity, commandID: CommandID, attempt: Int, path: NodePath,
        childID: SagaID, definition: String, kind: Kind
    ) {
        self.parent = parent
        self.commandID = commandID
        self.attempt = attempt
        self.path = path
        self.childID = childID
        self.definition = definition
        self.kind = kind
    }

    /// The parent as the child knows it.
    package var parentLink: ParentLink { ParentLink(sagaID: parent.id, commandID: commandID) }

    /// What a child that is not there yet starts turned round by; nil has it go forward.
    package var cancellation: OperatorAction? {
        switch kind {
        case .start, .takeBack: nil
        case .cancel(_, _, let reason):
            OperatorAction(by: "saga \(parent.id)", reason: reason)
        }
    }

    /// What a child that is there is told; nil is nothing.
    package var input: Input? {
        switch kind {
        case .start: nil
        case .cancel: cancellation.map(Input.cancel)
        case .takeBack(let reason): .takeBack(commandID, reason: reason)
        }
    }
}

/// What a child saga tells its parent: an input that the parent decides on.
package struct ParentReport: Equatable, Sendable {
    /// The parent.
    package var parent: SagaID
    /// What it is told: a reply to its command, or that the child is stuck or is no more.
    package var input: Input

    /// That input for that saga.
    package init(parent: SagaID, input: Input) {
        self.parent = parent
        self.input = input
    }

    /// An answer to a parent's order.
    package init(parent: SagaID, commandID: CommandID, attempt: Int, answer: Reply.Answer) {
        self.init(
            parent: parent,
            input: .reply(Reply(commandID: commandID, attempt: attempt, answer: answer)))
    }
}
