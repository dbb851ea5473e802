import SagaCore
import SagaRuntime

extension BusConformance {
    static let deadLetterChecks: [BusCheck] = [
        BusCheck("lists dead letters, newest first, page by page") { subject in
            let none = try await subject.bus.deadLetters(before: nil, limit: 9)
            try expectEqual(none, DeadLetterPage(letters: [], after: nil), "no letters")
            try await bury(5, on: subject)
            let bodies = (0..<5).map { "letter \($0)" }
            for limit in [1, 2, 5, 6] {
                var found: [DeadLetterRecord] = []
                var after: UInt64?
                repeat {
                    let page = try await subject.bus.deadLetters(before: after, limit: limit)
                    found += page.letters
                    after = page.after
                } while after != nil && found.count < 20
                try expectEqual(
                    found.map { String(decoding: $0.body, as: UTF8.self) }, bodies.reversed(),
                    "the letters in pages of \(limit)")
                try expectEqual(Set(found.map(\.number)).count, 5, "their numbers")
                try expectEqual(found[0].subject, subjects(5)[4], "the subject of the newest")
                try expectEqual(
                    found[0].reason, DeadLetterReason(code: "unreadable", message: "it's 4 %"),
                    "its reason")
                try expect(found[0].at != nil, "its time is missing")
            }
        },
        BusCheck("sends a dead letter back to its subject, once") { subject in
            try await bury(3, on: subject)
            let letters = try await subject.bus.deadLetters(before: nil, limit: 9).letters
            let middle = letters[1]
            let sent = try await subject.bus.sendBack(deadLetter: middle.number)
            try expectEqual(sent, middle, "the letter")
            let again = await subject.bus.nextReplies()
            try expectEqual(again.map(\.subject), [middle.subject], "what came then")
            try expectEqual(again.map(\.body), [middle.body], "its body")
            let left = try await subject.bus.deadLetters(before: nil, limit: 9).letters
            try expectEqual(left, [letters[0], letters[2]], "the letters that are left")
            let gone = try await subject.bus.sendBack(deadLetter: middle.number)
            try expectEqual(gone, nil, "one that is gone")
            try expectEqual(
                try await subject.bus.sendBack(deadLetter: 1_000_000), nil, "one that never was")
        },
    ]

    private static func subjects(_ count: Int) -> [String] {
        (0..<count).map { "saga.reply.nobody.\($0)" }
    }

    /// Puts that many replies on the dead-letter stream.
    private static func bury(_ count: Int, on subject: BusUnderTest) async throws {
        for (number, name) in subjects(count).enumerated() {
            try await subject.reply(name, Array("letter \(number)".utf8))
            let delivery = try required(await subject.bus.nextReplies().first, "the reply")
            let reason = DeadLetterReason(code: "unreadable", message: "it's \(number) %")
            let isDone = await subject.bus.deadLetter(delivery, reason: reason)
            try expect(isDone, "letter \(number) was not buried")
        }
    }
}
