import Testing

@testable import SagaWorker

extension Command {
    /// A command with only what the contract looks at.
    init(
        _ id: String, _ name: String = "pay.debit", kind: Kind = .command, body: String = "done",
        about original: String? = nil, attempt: Int = 1
    ) {
        self.init(
            id: id, kind: kind, name: name, body: Array(body.utf8), originalID: original,
            attempt: attempt, saga: "order", sagaID: "s-1", key: "k-1", step: "payment",
            deadline: nil, traceparent: nil, replySubject: "saga.reply.s-1.\(id).\(attempt)")
    }

    static func void(_ id: String, _ original: String) -> Command {
        Command(id, "pay.void", kind: .compensation, about: original)
    }

    static func status(_ id: String, _ original: String, body: String = "") -> Command {
        Command(id, "pay.status", kind: .probe, body: body, about: original)
    }
}

private let debited = #"{"data":{"id":"c-1"},"outcome":"debited"}"#
private let done = #"{"outcome":"done"}"#
private let refused = String(decoding: Answer.compensated.body, as: UTF8.self)

/// Answers the batches one after the other, as deliveries would come.
private func answers(_ database: MemoryDatabase, _ batches: [Command]...) async throws -> [String] {
    let handlers = database.worker().handlers
    var replies: [Reply] = []
    for batch in batches {
        replies += try await database.transaction { transaction in
            var contract = Contract(database, handlers: handlers, transaction: transaction, now: 7)
            return try contract.answer(batch)
        }
    }
    return replies.map { String(decoding: $0.body, as: UTF8.self) }
}

@Suite struct `A participant's contract` {
    private let database = MemoryDatabase()

    @Test func `does work once and repeats the answer to each later delivery`() async throws {
        let again = Command("c-1", attempt: 2)
        let replies = try await answers(database, [Command("c-1")], [again], [again])
        #expect(replies == [debited, debited, debited])
        #expect(database.work == ["debit c-1"])
        #expect(database.records["c-1"]?.replySubject == "saga.reply.s-1.c-1.2")
        #expect(database.records["c-1"]?.isReplySent == false)
    }

    @Test func `does work once for two deliveries in one batch`() async throws {
        let replies = try await answers(database, [Command("c-1"), Command("c-1", attempt: 2)])
        #expect(replies == [debited, debited])
        #expect(database.work == ["debit c-1"])
    }

    @Test func `acts afresh after a retriable error, whose writes are undone`() async throws {
        let flaky = Command("c-1", body: "flaky")
        let first = try await answers(database, [flaky])
        #expect(
            first == [#"{"error":{"code":"busy","message":"later","retriable":true}}"#])
        #expect(database.work.isEmpty)
        #expect(database.records.isEmpty)
        // The same worker would succeed on its second attempt; a new one begins anew.
        #expect(try await answers(database, [flaky, flaky]).last == debited)
        #expect(database.work == ["debit c-1"])
    }

    @Test func `repeats an error that is final`() async throws {
        let no = Command("c-1", body: "no")
        let replies = try await answers(database, [no], [no])
        #expect(
            replies
                == Array(
                    repeating: #"{"error":{"code":"no","message":"never","retriable":false}}"#,
                    count: 2))
        #expect(database.work == ["debit c-1"])
    }

    @Test func `rolls back a poisoned command alone`() async throws {
        let replies = try await answers(
            database, [Command("a"), Command("p", body: "poison"), Command("b")])
        #expect(replies[1].contains(#""code":"handler-failed""#))
        #expect(replies[1].contains(#""retriable":true"#))
        #expect(database.work == ["debit a", "debit b"])
        #expect(database.records["p"] == nil)
    }

    @Test func `compensates what was done, and refuses the command from then on`() async throws {
        let replies = try await answers(
            database, [Command("c-1")], [.void("v-1", "c-1")], [Command("c-1", attempt: 2)])
        #expect(replies == [debited, done, refused])
        #expect(database.work == ["debit c-1", "void c-1"])
    }

    @Test func `compensates what was never done, and refuses it when it comes`() async throws {
        let replies = try await answers(
            database, [.void("v-1", "c-1"), Command("c-1")], [Command("c-1")])
        #expect(replies == [done, refused, refused])
        #expect(database.work == ["nothing to void"])
    }

    @Test func `compensates once, whichever command asks`() async throws {
        let replies = try await answers(
            database, [Command("c-1")], [.void("v-1", "c-1"), .void("v-2", "c-1")],
            [.void("v-1", "c-1"), .void("v-3", "c-1")])
        #expect(replies == [debited, done, done, done, done])
        #expect(database.work == ["debit c-1", "void c-1"])
    }

    @Test func `compensates what failed for good as what was not done`() async throws {
        _ = try await answers(database, [Command("c-1", body: "no")], [.void("v-1", "c-1")])
        #expect(database.work == ["debit c-1", "nothing to void"])
    }

    @Test func `tells a probe what was done`() async throws {
        let replies = try await answers(
            database, [Command("c-1")], [.status("q-1", "c-1"), .status("q-2", "c-1")])
        #expect(replies == [debited, debited, debited])
    }

    @Test func `tells a probe never, and refuses the command from then on`() async throws {
        let never = #"{"outcome":"never"}"#
        let replies = try await answers(
            database, [.status("q-1", "c-1")], [Command("c-1"), .status("q-2", "c-1")])
        #expect(replies == [never, refused, never])
        #expect(database.work.isEmpty)
        #expect(try await answers(database, [.void("v-1", "c-1")]) == [done])
        #expect(database.work.isEmpty)
    }

    @Test func `tells a probe never of what failed for good or was compensated`() async throws {
        let never = #"{"outcome":"never"}"#
        let replies = try await answers(
            database, [Command("c-1", body: "no"), .status("q-1", "c-1")],
            [Command("c-2"), .void("v-2", "c-2"), .status("q-2", "c-2")])
        #expect(replies[1] == never)
        #expect(replies[4] == never)
    }

    @Test func `records nothing while a probe's answer is pending`() async throws {
        let replies = try await answers(
            database, [.status("q-1", "c-1", body: "pending")], [Command("c-1")])
        #expect(replies == [#"{"outcome":"pending"}"#, debited])
        #expect(database.records["q-1"] == nil)
    }

    @Test func `keeps an outcome that only the probe's handler knew`() async throws {
        let elsewhere = #"{"data":{"id":"elsewhere"},"outcome":"debited"}"#
        let replies = try await answers(
            database, [.status("q-1", "c-1", body: "known")], [Command("c-1")])
        #expect(replies == [elsewhere, elsewhere])
        #expect(database.work.isEmpty)
    }

    @Test func `answers a command it does not know with a retriable error`() async throws {
        let replies = try await answers(
            database, [Command("c-1", "pay.fly"), Command("v-1", "pay.void", kind: .compensation)])
        #expect(replies[0].contains(#""code":"unknown-command""#))
        #expect(replies[0].contains(#""retriable":true"#))
        #expect(replies[1].contains(#""code":"malformed""#))
        #expect(replies[1].contains(#""retriable":false"#))
    }

    @Test func `marks only the reply that was sent`() async throws {
        _ = try await answers(database, [Command("c-1")], [Command("c-1", attempt: 2)])
        let first = SentReply(commandID: "c-1", replySubject: "saga.reply.s-1.c-1.1")
        let second = SentReply(commandID: "c-1", replySubject: "saga.reply.s-1.c-1.2")
        let database = database
        try await database.transaction { database.markSent([first], in: $0) }
        #expect(database.records["c-1"]?.isReplySent == false)
        try await database.transaction { database.markSent([second], in: $0) }
        #expect(database.records["c-1"]?.isReplySent == true)
    }
}

@Suite struct `An answer` {
    @Test func `is written as JSON with all that needs escaping`() {
        let answer = Answer.outcome(
            "o",
            data: ["t": "a\"b\\c\n\u{1}é", "n": nil, "l": [1, 2.5, true], "e": .encoded([0x31])])
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == #"{"data":{"e":1,"l":[1,2.5,true],"n":null,"t":"a\"b\\c\u000a\u0001é"},"#
                + #""outcome":"o"}"#
        )
    }
}
