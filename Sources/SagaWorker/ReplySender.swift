import Logging
import NATS

extension Reply {
    /// The reply that a record owes.
    init?(owedBy record: CommandRecord) {
        guard let subject = record.replySubject, let body = record.answer else { return nil }
        self.init(
            subject: subject, body: body, traceparent: nil,
            record: SentReply(commandID: record.commandID, replySubject: subject))
    }

    var message: Message {
        Message(
            subject: subject, headers: traceparent.map { [("traceparent", $0)] } ?? [],
            payload: body)
    }
}

/// Publishes replies until the reply stream has them.
struct ReplySender: Sendable {
    let publisher: Publisher
    let sent: SentReplies
    let options: WorkerOptions
    let logger: Logger

    /// Publishes, again and again, until all are stored or the task is cancelled.
    ///
    /// What is not stored by then is owed by its record.
    func send(_ replies: [Reply]) async {
        var open = replies
        var wait = options.retryWait
        var isFirst = true
        while true {
            open = await attempt(open)
            if open.isEmpty { return }
            if isFirst {
                logger.warning("replies cannot be sent yet", metadata: ["count": "\(open.count)"])
            }
            isFirst = false
            guard await pause(&wait, atMost: options.retryMax) else { return }
        }
    }

    /// - Returns: what has to be sent again.
    private func attempt(_ replies: [Reply]) async -> [Reply] {
        let outcomes = await publisher.publish(batch: replies.map(\.message))
        var left: [Reply] = []
        var done: [SentReply] = []
        for (reply, outcome) in zip(replies, outcomes) {
            switch outcome {
            case .stored: reply.record.map { done.append($0) }
            case .refused(let code, let description) where code == 400 || code == 413:
                // It will never be taken; the daemon learns of the command by its timeout.
                logger.error(
                    "a reply was refused for good",
                    metadata: ["subject": "\(reply.subject)", "reason": "\(description)"])
                reply.record.map { done.append($0) }
            case .refused, .unknown: left.append(reply)
            }
        }
        sent.add(done)
        return left
    }
}
