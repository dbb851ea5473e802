import NATS
import SagaCheck
import SagaCore

/// A command as a scripted participant sees it (protocol.md, *A command*).
struct PlayedCommand: Equatable, Sendable {
    /// The idempotency key: the same for all attempts.
    var id: String
    /// Which attempt this is, from 1.
    var attempt: Int
    /// The step, and whether it is done, undone or asked about.
    var target: Target
    /// The definition's name.
    var saga: String
    /// The saga.
    var sagaID: String
    /// The saga's business key.
    var key: String
    /// The command's name, such as `payments.debit`.
    var name: String
    /// Where the answer goes.
    var replyTo: String
    /// What a compensation or a probe is about: the id of the step's command.
    var originalID: String?
    /// When nobody waits for this attempt any more.
    var deadline: Instant?

    /// The beginning of the subjects of commands.
    static let prefix = "saga.command."

    /// The command of a delivery; nil where a header is missing.
    init?(_ delivery: Delivery) {
        guard let id = delivery.header("Saga-Command-Id"), !id.isEmpty,
            let replyTo = delivery.header("Saga-Reply-To"), !replyTo.isEmpty,
            let kind = CommandKind(rawValue: delivery.header("Saga-Kind") ?? "command"),
            let step = delivery.header("Saga-Step"), let saga = delivery.header("Saga-Name")
        else { return nil }
        self.id = id
        self.replyTo = replyTo
        self.saga = saga
        target = Target(step, kind)
        attempt = delivery.header("Saga-Attempt").flatMap { Int($0) } ?? 1
        sagaID = delivery.header("Saga-Id") ?? ""
        key = delivery.header("Saga-Key") ?? ""
        name = String(delivery.subject.dropFirst(Self.prefix.count))
        originalID = delivery.header("Saga-Original-Command-Id")
        deadline = delivery.header("Saga-Deadline").flatMap { Instant($0) }
    }

    /// A command with these parts.
    init(
        id: String, attempt: Int = 1, target: Target, saga: String, sagaID: String, key: String,
        name: String, originalID: String? = nil
    ) {
        self.id = id
        self.attempt = attempt
        self.target = target
        self.saga = saga
        self.sagaID = sagaID
        self.key = key
        self.name = name
        self.originalID = originalID
        replyTo = "saga.reply.\(sagaID).\(id).\(attempt)"
    }

    /// Which command it is, in words.
    var words: String { "\(saga) \(key)  \(name)  (\(target.written), attempt \(attempt))" }
}
