import Foundation
import TestBroker
import Testing

@testable import NATS

private func connect(_ server: NATSServer) async throws -> Connection {
    try await Connection.connect(ConnectionOptions(servers: server.url, name: "test"))
}

private func messages(_ count: Int, on subject: String = "t.a", prefix: String = "m") -> [Message] {
    (0..<count).map {
        Message(
            subject: subject, headers: [("Nats-Msg-Id", "\(prefix)-\($0)"), ("n", "\($0)")],
            payload: Array("body \($0)".utf8))
    }
}

private func sequences(_ outcomes: [PublishOutcome]) -> [UInt64] {
    outcomes.compactMap {
        guard case .stored(_, let sequence, false) = $0 else { return nil }
        return sequence
    }
}

/// Publishes again what was not stored, as users of a publisher do.
private func storeAll(_ messages: [Message], with publisher: Publisher) async throws {
    let stored = try await eventually {
        await publisher.publish(batch: messages).allSatisfy {
            if case .stored = $0 { true } else { false }
        }
    }
    #expect(stored)
}

private func workQueue(_ jetStream: JetStream) async throws {
    var stream = StreamConfiguration(name: "T", subjects: ["t.>"])
    stream.retention = .workQueue
    stream.discard = .new
    stream.maxBytes = 64 << 20
    try await jetStream.createStream(stream)
}

private func consumer(
    _ connection: Connection, ackWait: Duration = .seconds(30), batch: Int = 256
) async throws -> PullConsumer {
    var configuration = ConsumerConfiguration(durable: "w", filterSubject: "t.>")
    configuration.ackWait = ackWait
    configuration.maxAckPending = 10_000
    try await JetStream(connection).createConsumer(configuration, on: "T")
    var options = PullConsumer.Options()
    options.batch = batch
    options.capacity = 2 * batch
    options.heartbeat = .milliseconds(500)
    return try await PullConsumer(connection, stream: "T", durable: "w", options: options)
}

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `A real server` {
    /// There, one that starts may find its port taken by a client of another one.
    @Test func `of a test listens on no port that the kernel may give to a connection`()
        async throws
    {
        let range = try String(
            contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let first = try #require(range.split(whereSeparator: \.isWhitespace).first)
        let lowest = try #require(UInt16(first))
        let server = try await NATSServer()
        #expect(server.port < lowest)
    }

    @Test func `keeps a window of published messages, all of them and in order`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        try await workQueue(JetStream(connection))
        var options = Publisher.Options()
        options.window = 64
        let publisher = try await Publisher(connection, options: options)
        let outcomes = await publisher.publish(batch: messages(1_000))
        #expect(sequences(outcomes) == Array(1...1_000))
        let stored = try await JetStream(connection).message(17, in: "T")
        #expect(stored?.payload == Array("body 16".utf8))
        #expect(stored.flatMap { firstHeader("N", in: $0.headers) } == "16")
        await connection.close()
        #expect(!connection.isConnected)
    }

    @Test func `flags what it had before under the same id`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        try await workQueue(JetStream(connection))
        let publisher = try await Publisher(connection)
        _ = await publisher.publish(batch: messages(3))
        let again = await publisher.publish(batch: messages(3))
        #expect(again == (1...3).map { .stored(stream: "T", sequence: $0, duplicate: true) })
    }

    @Test func `refuses at once what no stream takes, and what is too large`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        let publisher = try await Publisher(connection)
        let began = ContinuousClock.now
        let outcome = await publisher.publish(Message(subject: "nowhere"))
        guard case .refused(503, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let large = Message(subject: "t.a", payload: Array(repeating: 0, count: 2 << 20))
        guard case .refused(413, _) = await publisher.publish(large),
            case .refused(400, _) = await publisher.publish(Message(subject: "t. a"))
        else {
            Issue.record("taken")
            return
        }
        #expect(ContinuousClock.now - began < .seconds(3))
    }

    @Test func `describes streams and consumers as they were made, and their absence`()
        async throws
    {
        let server = try await NATSServer()
        let connection = try await connect(server)
        let jetStream = JetStream(connection)
        #expect(try await jetStream.stream("T") == nil)
        #expect(try await jetStream.consumer("w", on: "T") == nil)
        var stream = StreamConfiguration(name: "T", subjects: ["t.>", "u"])
        stream.maxAge = .seconds(3_600)
        stream.duplicateWindow = .seconds(60)
        let made = try await jetStream.createStream(stream)
        #expect(made.configuration == stream)
        stream.maxAge = .seconds(7_200)
        try await jetStream.updateStream(stream)
        let found = try await jetStream.stream("T")
        #expect(found?.configuration == stream)
        #expect(found?.created == made.created)
        #expect(found?.contents.lastSequence == 0)
        let consumer = ConsumerConfiguration(durable: "w", filterSubject: "t.>")
        #expect(try await jetStream.createConsumer(consumer, on: "T").configuration == consumer)
        #expect(try await jetStream.consumer("w", on: "T")?.pending == 0)
        #expect(try await jetStream.message(1, in: "T") == nil)
        stream.subjects = ["bad subject"]
        await #expect(throws: NATSFailure.self) { try await jetStream.createStream(stream) }
        #expect(try await jetStream.deleteConsumer("w", on: "T"))
        #expect(try await jetStream.deleteStream("T"))
        #expect(try await !jetStream.deleteStream("T"))
    }

    @Test func `hands out batches, and acknowledged messages leave the work queue`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        let jetStream = JetStream(connection)
        try await workQueue(jetStream)
        let publisher = try await Publisher(connection)
        let consumer = try await consumer(connection, batch: 32)
        _ = await publisher.publish(batch: messages(1_000))
        var seen: [String] = []
        while seen.count < 1_000 {
            let batch = await consumer.next()
            #expect(batch.count <= 32)
            try #require(!batch.isEmpty)
            #expect(batch.allSatisfy { $0.subject == "t.a" && $0.deliveryCount == 1 })
            seen += batch.compactMap { $0.header("N") }
            batch.ackAll()
        }
        #expect(seen == (0..<1_000).map(String.init))
        #expect(
            try await eventually { try await jetStream.stream("T")?.contents.messages == 0 })
        await connection.close()
        #expect(await consumer.next().isEmpty)
    }

    @Test func `delivers again after the wait, after a nak, and not after a term`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        let jetStream = JetStream(connection)
        try await workQueue(jetStream)
        let publisher = try await Publisher(connection)
        let consumer = try await consumer(connection, ackWait: .milliseconds(300))
        _ = await publisher.publish(batch: messages(1))
        // On a busy machine the wait may be over more than once before the next look.
        let first = try #require(await consumer.next().first)
        #expect(first.deliveryCount == 1)
        let second = try #require(await consumer.next().last)
        #expect(second.deliveryCount > 1)
        second.nak(delay: .milliseconds(10))
        let third = try #require(await consumer.next().last)
        #expect(third.deliveryCount > second.deliveryCount)
        third.term()
        #expect(
            try await eventually { try await jetStream.stream("T")?.contents.messages == 0 })
    }

    @Test func `may be killed and started again while publishing and pulling go on`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        let jetStream = JetStream(connection)
        try await workQueue(jetStream)
        let publisher = try await Publisher(connection)
        let consumer = try await consumer(connection, ackWait: .seconds(1))
        var events = connection.events().makeAsyncIterator()
        _ = await publisher.publish(batch: messages(10))
        let before = await consumer.next()
        before.ackAll()
        server.kill()
        #expect(await events.next() == .disconnected)
        async let published = storeAll(messages(100, prefix: "after"), with: publisher)
        try await server.start()
        #expect(await events.next() == .reconnected)
        try await published
        var seen: Set<String> = []
        while try await jetStream.stream("T")?.contents.messages != 0 {
            let batch = await consumer.next()
            try #require(!batch.isEmpty)
            seen.formUnion(batch.compactMap { $0.header("Nats-Msg-Id") })
            batch.ackAll()
            try await connection.flush()
        }
        #expect(seen.isSuperset(of: (0..<100).map { "after-\($0)" }))
    }

    @Test func `that is gone leaves published messages unknown after the timeout`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        try await workQueue(JetStream(connection))
        var options = Publisher.Options()
        options.timeout = .milliseconds(300)
        let publisher = try await Publisher(connection, options: options)
        server.hold()
        let hung = await publisher.publish(batch: messages(20))
        #expect(hung.allSatisfy { if case .unknown = $0 { true } else { false } })
        server.letGo()
        server.kill()
        let gone = await publisher.publish(batch: messages(20))
        #expect(gone.allSatisfy { if case .unknown = $0 { true } else { false } })
        await connection.close()
    }

    @Test func `that is silent leaves unknown also what waited for room in the window`()
        async throws
    {
        let server = try await NATSServer()
        let connection = try await connect(server)
        try await workQueue(JetStream(connection))
        var options = Publisher.Options()
        options.window = 4
        options.timeout = .milliseconds(300)
        let publisher = try await Publisher(connection, options: options)
        server.hold()
        let outcomes = await publisher.publish(batch: messages(10))
        #expect(outcomes == Array(repeating: .unknown("no acknowledgement in time"), count: 10))
        server.letGo()
    }

    @Test func `says when a consumer is deleted, and serves it again when it is back`()
        async throws
    {
        let server = try await NATSServer()
        let connection = try await connect(server)
        let jetStream = JetStream(connection)
        try await workQueue(jetStream)
        let publisher = try await Publisher(connection)
        let first = try await consumer(connection)
        var troubles = first.troubles.makeAsyncIterator()
        #expect(
            try await eventually {
                try await jetStream.consumer("w", on: "T")?.waiting == 1
            })
        try await jetStream.deleteConsumer("w", on: "T")
        #expect(await troubles.next() == .consumerDeleted)
        // Servers answer a pull of a missing consumer with 503, or not at all.
        let next = await troubles.next()
        #expect(next == .unavailable || next == .silent)
        try await jetStream.createConsumer(
            ConsumerConfiguration(durable: "w", filterSubject: "t.>"), on: "T")
        _ = await publisher.publish(batch: messages(1))
        #expect(await first.next().count == 1)
    }

    @Test func `gets back at once what a closed consumer had not handed out`() async throws {
        let server = try await NATSServer()
        let connection = try await connect(server)
        try await workQueue(JetStream(connection))
        let publisher = try await Publisher(connection)
        let first = try await consumer(connection)
        async let waiting = first.next()
        first.close()
        #expect(await waiting.isEmpty)
        let second = try await consumer(connection)
        let cancelled = Task { await second.next() }
        cancelled.cancel()
        #expect(await cancelled.value.isEmpty)
        _ = await publisher.publish(batch: messages(5))
        #expect(try await eventually { second.bufferedCount == 5 })
        second.close()
        let third = try await consumer(connection)
        var seen = 0
        while seen < 5 {
            let batch = await third.next()
            try #require(!batch.isEmpty)
            seen += batch.count
            batch.ackAll()
        }
    }

    @Test func `that refuses the credentials is told apart from one that is not there`()
        async throws
    {
        let server = try await NATSServer(arguments: ["--user", "u", "--pass", "p"])
        await #expect(throws: NATSFailure.credentialsRefused("Authentication Violation")) {
            try await connect(server)
        }
        let url = "nats://u:p@127.0.0.1:\(server.port)"
        let connection = try await Connection.connect(ConnectionOptions(servers: url, name: "t"))
        await connection.close()
        server.kill()
        do {
            _ = try await connect(server)
            Issue.record("connected to nothing")
        } catch {
            guard case .unreachable = error as? NATSFailure else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
