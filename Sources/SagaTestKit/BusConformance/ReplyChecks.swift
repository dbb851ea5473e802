import SagaCore
import SagaRuntime

extension BusConformance {
    static let replyChecks: [BusCheck] = [
        BusCheck("brings replies with what they say") { subject in
            let answers: [Reply.Answer] = [
                .outcome("debited", .map(Members([("payment_id", .string("p-1"))]))),
                .error(code: "gateway-down", message: "it's down", isRetriable: true),
            ]
            for answer in answers { try await reply(answer, to: 1, on: subject) }
            let deliveries = await replies(2, from: subject)
            for (delivery, answer) in zip(deliveries, answers) {
                let expected = AddressedReply(
                    sagaID: Sample.sagaID(0),
                    reply: Reply(
                        commandID: Sample.command(1).command.id, attempt: 1, answer: answer))
                try expectEqual(try delivery.content.get(), expected, "the reply")
                try expectEqual(delivery.body, answer.jsonBytes, "its body")
                try expectEqual(delivery.subject, replySubject(1), "its subject")
                try expectEqual(delivery.deliveryCount, 1, "its deliveries")
            }
            try expectEqual(deliveries.count, 2, "the number of replies")
        },
        BusCheck("brings replies that cannot be read, with the reason") { subject in
            try await subject.reply(replySubject(1), Array("no JSON".utf8))
            try await subject.reply("saga.reply.nobody", Array("{}".utf8))
            let deliveries = await replies(2, from: subject)
            for delivery in deliveries {
                guard case .failure(let problem) = delivery.content, !problem.message.isEmpty
                else { throw Expectation("expected unreadable, found \(delivery.content)") }
            }
            try expectEqual(
                deliveries.map(\.subject), [replySubject(1), "saga.reply.nobody"], "the subjects")
            try expectEqual(deliveries.first?.body, Array("no JSON".utf8), "the body as it came")
        },
        BusCheck("brings many replies, each once, under tokens of their own") { subject in
            for number in 0..<700 { try await reply(number, on: subject) }
            let deliveries = await replies(700, from: subject)
            let commands = try deliveries.map { try $0.content.get().reply.commandID }
            try expectEqual(
                Set(commands), Set((0..<700).map { Sample.command($0).command.id }), "the replies")
            try expectEqual(deliveries.count, 700, "the number of deliveries")
            try expectEqual(Set(deliveries.map(\.token)).count, 700, "the number of tokens")
            await subject.bus.acknowledge(deliveries)
        },
        BusCheck("waits for the next reply") { subject in
            async let next = subject.bus.nextReplies()
            try await reply(1, on: subject)
            try expectEqual(await next.count, 1, "the number of replies")
        },
        BusCheck("brings what was not acknowledged again, and what was never") { subject in
            for number in 1...3 { try await reply(number, on: subject) }
            let first = await replies(3, from: subject)
            await subject.bus.acknowledge([first[0], first[2]])
            try await subject.pass(subject.acknowledgeWithin + .seconds(1))
            try await reply(4, on: subject)
            let second = await replies(2, from: subject)
            try expectEqual(
                Set(second.map(\.subject)), [replySubject(2), replySubject(4)], "what came then")
            let again = try required(
                second.first { $0.subject == replySubject(2) }, "the reply that came again")
            try expectEqual(again.deliveryCount, 2, "its deliveries")
            try expect(
                !first.map(\.token).contains(again.token), "the token must be a new one")
        },
        BusCheck("brings what was postponed again after that time") { subject in
            for number in 1...2 { try await reply(number, on: subject) }
            let first = await replies(2, from: subject)
            await subject.bus.acknowledge([first[0]])
            await subject.bus.postpone([first[1]], for: .milliseconds(200))
            async let next = subject.bus.nextReplies()
            try await subject.pass(.milliseconds(400))
            let second = await next
            try expectEqual(second.map(\.subject), [first[1].subject], "what came then")
            try expectEqual(second.first?.deliveryCount, 2, "its deliveries")
        },
        BusCheck("puts a reply that cannot be used on the dead-letter stream") { subject in
            try await subject.reply(replySubject(1), Array("no JSON".utf8))
            let delivery = try required(await replies(1, from: subject).first, "the reply")
            let reason = DeadLetterReason(code: "unreadable", message: "it's no JSON")
            let isDone = await subject.bus.deadLetter(delivery, reason: reason)
            try expect(isDone, "the dead letter failed")
            let letter = try required(try await subject.deadLetters().first, "the dead letter")
            try expectEqual(letter.body, delivery.body, "its body")
            try expectEqual(letter.reason, reason, "its reason")
            try await subject.pass(subject.acknowledgeWithin + .seconds(1))
            try await reply(2, on: subject)
            let next = await subject.bus.nextReplies()
            try expectEqual(next.map(\.subject), [replySubject(2)], "what came then")
        },
        BusCheck("ends the replies once it is closed") { subject in
            async let waiting = subject.bus.nextReplies()
            await subject.bus.close()
            try expectEqual(await waiting.count, 0, "the replies of who was waiting")
            try expectEqual(await subject.bus.nextReplies().count, 0, "the replies afterwards")
        },
    ]

    private static func replySubject(_ number: Int) -> String {
        ReplyText.subject(
            sagaID: Sample.sagaID(0), commandID: Sample.command(number).command.id, attempt: 1)
    }

    private static func reply(
        _ answer: Reply.Answer = .outcome("done", .map(Members())), to number: Int,
        on subject: BusUnderTest
    ) async throws {
        try await subject.reply(replySubject(number), answer.jsonBytes)
    }

    private static func reply(_ number: Int, on subject: BusUnderTest) async throws {
        try await reply(to: number, on: subject)
    }

    /// That many replies, over as many calls as they need.
    private static func replies(_ count: Int, from subject: BusUnderTest) async -> [ReplyDelivery] {
        var deliveries: [ReplyDelivery] = []
        while deliveries.count < count {
            let batch = await subject.bus.nextReplies()
            if batch.isEmpty { return deliveries }
            deliveries += batch
        }
        return deliveries
    }
}
