import NATS
import OrderWorkers

/// Commits and replies as a participant does, without reading a command: one transaction for each
/// batch, then the acknowledgements, then the replies.
struct BareParticipant: Sendable {
    let connection: Connection
    let writes: LedgerWrites
    /// The body of every reply.
    let reply: [UInt8]

    /// Batches of replies that may wait for the reply stream before work pauses, as in the kit.
    private static let repliesUnderWay = 2

    func run() async throws {
        var options = PullConsumer.Options()
        options.headers = ["Saga-Command-Id", "Saga-Reply-To", "Saga-Key", "traceparent"]
        let consumer = try await PullConsumer(
            connection, stream: "SAGA_COMMANDS", durable: writes.consumer, options: options)
        let publisher = try await Publisher(connection)
        let sent = SentAnswers()
        try await withThrowingTaskGroup(of: Void.self) { senders in
            var underWay = 0
            for await batch in consumer {
                let answers = batch.map(answer)
                try await writes.commit(answers.map(\.record), sent: sent.take())
                batch.ackAll()
                if underWay == Self.repliesUnderWay {
                    try await senders.next()
                    underWay -= 1
                }
                senders.addTask {
                    let outcomes = await publisher.publish(batch: answers.map(\.message))
                    for outcome in outcomes {
                        guard case .stored = outcome else {
                            throw FloorFailure(what: "a reply was not stored: \(outcome)")
                        }
                    }
                    sent.add(answers.map(\.record))
                }
                underWay += 1
            }
        }
    }

    private func answer(_ delivery: Delivery) -> (record: LedgerWrites.Answer, message: Message) {
        let subject = delivery.header("Saga-Reply-To") ?? ""
        let trace = delivery.header("traceparent").map { [("traceparent", $0)] } ?? []
        let record = LedgerWrites.Answer(
            commandID: delivery.header("Saga-Command-Id") ?? "",
            orderID: delivery.header("Saga-Key") ?? "", replySubject: subject, body: reply)
        return (record, Message(subject: subject, headers: trace, payload: reply))
    }
}
