/// One delivery of a command, a compensation or a probe.
public struct Command: Sendable {
    /// What a saga wants of the participant.
    public enum Kind: String, Sendable, Hashable {
        /// Do the work.
        case command
        /// Undo what of the original command is done.
        case compensation
        /// Say what is known of the original command.
        case probe
    }

    /// The idempotency key: the same over all attempts and resends of one command.
    public let id: String
    /// What is wanted.
    public let kind: Kind
    /// The command's name, such as `payments.debit`.
    public let name: String
    /// The body as it came: the step's `with` as JSON.
    public let body: [UInt8]
    /// For a compensation or a probe: the id of the command it is about.
    public let originalID: String?
    /// Which attempt this is, from 1.
    public let attempt: Int
    /// The saga's name; empty where the sender gave none.
    public let saga: String
    /// The saga instance's id; empty where the sender gave none.
    public let sagaID: String
    /// The saga's business key, such as an order's id; empty where the sender gave none.
    public let key: String
    /// The step's path; empty where the sender gave none.
    public let step: String
    /// After this time (RFC 3339) nobody waits for this attempt any more.
    public let deadline: String?
    /// The W3C trace context, to be passed on.
    public let traceparent: String?

    let replySubject: String
}

extension Command {
    /// A delivery with these parts, of a saga that is not named.
    package init(
        id: String, kind: Kind, name: String, body: [UInt8], originalID: String?, attempt: Int,
        key: String, step: String, replySubject: String
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.body = body
        self.originalID = originalID
        self.attempt = attempt
        saga = ""
        sagaID = ""
        self.key = key
        self.step = step
        deadline = nil
        traceparent = nil
        self.replySubject = replySubject
    }
}

/// What a compensation's handler is told about the command it undoes.
public struct OriginalCommand: Sendable, Equatable {
    /// What its record says.
    public enum State: Sendable, Equatable {
        /// There is no final answer: it never came, or it failed with a retriable error.
        case unknown
        /// It was answered with an outcome; the reply's body.
        case outcome([UInt8])
        /// It failed for good; the reply's body.
        case error([UInt8])
    }

    /// Its command id.
    public let id: String
    /// What its record says.
    public let state: State
}
