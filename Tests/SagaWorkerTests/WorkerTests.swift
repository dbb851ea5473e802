import Foundation
import NATS
import TestBroker
import Testing

@testable import SagaWorker

private let debited = #"{"data":{"id":"c-1"},"outcome":"debited"}"#

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `A worker at a real server` {
    private let database = MemoryDatabase()

    @Test func `answers commands on the subject they name, and takes them out`() async throws {
        let stage = try await Stage()
        try await stage.running(database.worker()) {
            try await stage.send([Command("c-1"), Command("c-2", body: "no")])
            // Replies to commands that were fetched one after the other may pass each other.
            let answers = try await stage.answers(2).sorted { $0.subject < $1.subject }
            #expect(answers.map(\.subject) == ["saga.reply.s-1.c-1.1", "saga.reply.s-1.c-2.1"])
            #expect(answers[0].body == debited)
            #expect(try await eventually { try await stage.waitingCommands == 0 })
        }
        #expect(database.work == ["debit c-1", "debit c-2"])
        #expect(database.records.values.allSatisfy { $0.isReplySent })
    }

    @Test func `has a connection for few replies`() async throws {
        let stage = try await Stage(arguments: ["-V"])
        try await stage.running(database.worker()) {
            try await stage.send([Command("c-1")])
            _ = try await stage.answers(1)
            #expect(try stage.server.log.contains("\"worker-pay (prompt)\""))
        }
    }

    @Test func `does the work of many duplicates once, over two workers`() async throws {
        let stage = try await Stage()
        let ids = (0..<50).map { "c-\($0)" }
        let all = (0..<4).flatMap { attempt in ids.map { Command($0, attempt: attempt + 1) } }
        try await stage.running(database.worker()) {
            try await stage.running(database.worker()) {
                try await stage.send(all)
                // A worker that starts may send once more what the other is just sending.
                var open = Set(all.map(\.replySubject))
                while !open.isEmpty { open.subtract(try await stage.answers(1).map(\.subject)) }
            }
        }
        #expect(database.work.sorted() == ids.map { "debit \($0)" }.sorted())
    }

    @Test func `tries again after a retriable error`() async throws {
        let stage = try await Stage()
        try await stage.running(database.worker()) {
            try await stage.send([Command("c-1", body: "flaky")])
            #expect(try await stage.answers(1)[0].body.contains("busy"))
            try await stage.send([Command("c-1", body: "flaky", attempt: 2)])
            let second = try await stage.answers(1)
            #expect(second == [.init(subject: "saga.reply.s-1.c-1.2", body: debited)])
        }
        #expect(database.work == ["debit c-1"])
    }

    @Test func `drops what is no command and goes on`() async throws {
        let stage = try await Stage()
        try await stage.running(database.worker()) {
            let nameless = Message(subject: "saga.command.pay.debit", payload: [1])
            _ = await stage.publisher.publish(nameless)
            try await stage.send([Command("c-1")])
            #expect(try await stage.answers(1).map(\.body) == [debited])
            #expect(try await eventually { try await stage.waitingCommands == 0 })
        }
    }

    @Test func `sends after a restart the reply that it owes`() async throws {
        let stage = try await Stage()
        let handlers = database.worker().handlers
        let database = database
        // The work is committed, and then the process is gone before it replies.
        _ = try await database.transaction { transaction in
            var contract = Contract(database, handlers: handlers, transaction: transaction, now: 1)
            return try contract.answer([Command("c-1")])
        }
        try await stage.running(database.worker()) {
            let owed = try await stage.answers(1)
            #expect(owed == [.init(subject: "saga.reply.s-1.c-1.1", body: debited)])
            // The command comes again, because it was not acknowledged either.
            try await stage.send([Command("c-1")])
            #expect(try await stage.answers(1).map(\.body) == [debited])
        }
        #expect(database.work == ["debit c-1"])
        #expect(database.records["c-1"]?.isReplySent == true)
    }

    @Test func `keeps what it owes while the reply stream is missing`() async throws {
        let stage = try await Stage()
        try await JetStream(stage.connection).deleteStream("SAGA_REPLIES")
        try await stage.running(database.worker()) {
            try await stage.send([Command("c-1")])
            #expect(try await eventually { database.records["c-1"] != nil })
        }
        #expect(database.records["c-1"]?.isReplySent == false)
    }

    @Test func `answers again what its database could not commit`() async throws {
        let stage = try await Stage()
        try await stage.running(database.worker()) {
            // The first transaction reads what is owed.
            #expect(try await eventually { database.commits == 1 })
            database.fail(1)
            try await stage.send([Command("c-1"), Command("c-2")])
            let answers = try await stage.answers(2)
            #expect(Set(answers.map(\.subject)).count == 2)
        }
        #expect(database.work.sorted() == ["debit c-1", "debit c-2"])
    }

    @Test func `waits for the stream, and survives the loss of its consumer and the server`()
        async throws
    {
        let stage = try await Stage(withCommands: false)
        try await stage.running(database.worker()) {
            try await stage.createCommands()
            try await stage.send([Command("c-1")])
            #expect(try await stage.answers(1).map(\.body) == [debited])
            // The server may say that it could not remove a folder it is still writing to.
            _ = try? await JetStream(stage.connection)
                .deleteConsumer("pay", on: "SAGA_COMMANDS")
            try await stage.send([Command("c-2")])
            #expect(try await stage.answers(1).map(\.subject) == ["saga.reply.s-1.c-2.1"])
            var events = stage.connection.events().makeAsyncIterator()
            stage.server.kill()
            #expect(await events.next() == .disconnected)
            try await stage.server.start()
            #expect(await events.next() == .reconnected)
            let again = Command("c-3").message
            #expect(
                try await eventually {
                    if case .stored = await stage.publisher.publish(again) { true } else { false }
                })
            var subjects: [String] = []
            while !subjects.contains("saga.reply.s-1.c-3.1") {
                subjects += try await stage.answers(1).map(\.subject)
            }
        }
        #expect(database.work == ["debit c-1", "debit c-2", "debit c-3"])
    }

    @Test func `gives up where the credentials are refused, or nothing answers in time`()
        async throws
    {
        let server = try await NATSServer(arguments: ["--user", "u", "--pass", "p"])
        let worker = database.worker()
        var options = WorkerOptions(servers: server.url)
        let logger = Stage.quiet
        await #expect(throws: WorkerFailure.credentialsRefused("Authentication Violation")) {
            try await worker.run(options, logger: logger)
        }
        server.kill()
        options.startLimit = .milliseconds(300)
        options.retryWait = .milliseconds(50)
        do {
            try await worker.run(options, logger: logger)
            Issue.record("it ran without a server")
        } catch {
            guard case .notStarted = error as? WorkerFailure else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
