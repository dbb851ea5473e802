import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import SagaAPI

@Suite struct `Dead letters` {
    /// Buries replies with these bodies.
    private func bury(_ bodies: [[UInt8]], in rig: Rig) async throws {
        for (number, body) in bodies.enumerated() {
            rig.letters.injectReply(subject: "saga.reply.\(number)", body: body)
            let delivery = try #require(await rig.letters.nextReplies().first)
            let reason = DeadLetterReason(code: "unreadable", message: "no JSON")
            #expect(await rig.letters.deadLetter(delivery, reason: reason))
        }
    }

    @Test func `are listed, newest first, page by page`() async throws {
        let rig = Rig()
        try await bury([Array("a".utf8), Array("it's \"b\"".utf8), [0xFF, 0x00]], in: rig)
        let (first, second) = try await rig.serve { rig in
            (
                try await rig.send("GET", "/api/dead-letters?limit=2"),
                try await rig.send("GET", "/api/dead-letters?limit=2&after=2")
            )
        }
        func letter(_ id: Int, _ body: String) -> String {
            #"{"id":"\#(id)","subject":"saga.reply.\#(id - 1)","reason":"unreadable","message":"no JSON","at":"2026-01-02T03:04:05Z",\#(body)}"#
        }
        let newest = [letter(3, #""body_hex":"ff00""#), letter(2, #""body":"it's \"b\"""#)]
        #expect(
            first
                == .json(200, #"{"items":[\#(newest.joined(separator: ","))],"after":"2"}"#))
        #expect(
            second == .json(200, #"{"items":[\#(letter(1, #""body":"a""#))],"after":null}"#))
    }

    @Test func `are sent back once`() async throws {
        let rig = Rig()
        try await bury([Array("a".utf8)], in: rig)
        let answers = try await rig.serve { rig in
            [
                try await rig.post("/api/dead-letters/1/retry", ""),
                try await rig.post("/api/dead-letters/1/retry", ""),
                try await rig.post("/api/dead-letters/x/retry", ""),
            ]
        }
        #expect(answers.map(\.status) == [200, 404, 404])
        #expect(
            answers[1]
                == .problem(
                    404, "unknown-dead-letter", "No such dead letter",
                    #""detail":"there is no dead letter '1'""#))
        #expect(await rig.letters.nextReplies().map(\.subject) == ["saga.reply.0"])
    }

    @Test func `are a 503 while the broker is away`() async throws {
        let rig = Rig()
        rig.letters.setAway(true)
        let answer = try await rig.serve { try await $0.send("GET", "/api/dead-letters") }
        #expect(answer.status == 503)
        #expect(answer.fields["retry-after"] == "2")
        #expect(answer.body.contains("the broker does not answer"))
    }

    @Test(arguments: ["limit=0", "after=x", "before=1"])
    func `are refused by a query that they do not take`(query: String) async throws {
        let answer = try await Rig().serve {
            try await $0.send("GET", "/api/dead-letters?\(query)")
        }
        #expect(answer.status == 422)
    }
}
