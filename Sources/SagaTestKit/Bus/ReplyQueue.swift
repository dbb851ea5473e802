import SagaCore
import SagaRuntime

/// A message on the reply stream of an ``InMemoryBus``.
struct ReplyMessage {
    let subject: String
    let body: [UInt8]
}

/// The replies of an ``InMemoryBus`` that wait, and those that were taken and not acknowledged.
typealias ReplyQueue = RedeliveryQueue<ReplyMessage>

extension RedeliveryQueue<ReplyMessage> {
    mutating func append(_ answer: Reply.Answer, to command: OutgoingCommand) {
        let subject = ReplyText.subject(
            sagaID: command.saga.id, commandID: command.command.id,
            attempt: command.command.attempt)
        append(subject: subject, body: answer.jsonBytes)
    }

    mutating func append(subject: String, body: [UInt8]) {
        append(ReplyMessage(subject: subject, body: body))
    }

    mutating func takeReplies(at now: Instant, atMost limit: Int) -> [ReplyDelivery] {
        take(at: now, atMost: limit).map { arrival in
            let reply = arrival.content
            return ReplyDelivery(
                subject: reply.subject, body: reply.body,
                content: ReplyText.read(subject: reply.subject, body: reply.body),
                deliveryCount: arrival.deliveryCount, token: arrival.token)
        }
    }
}
