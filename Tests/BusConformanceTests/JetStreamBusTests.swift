import Logging
import NATS
import SagaCore
import SagaRuntime
import SagaTestKit
import TestBroker
import Testing

@testable import JetStreamBus

/// A bus on a nats-server of its own, and a second connection with which a check reaches round it.
struct Bench: Sendable {
    let server: NATSServer
    let bus: JetStreamBus
    let connection: Connection

    var jetStream: JetStream { JetStream(connection) }

    /// A reply that is not acknowledged comes again after 5 s: the server counts in its own time,
    /// and a check that acknowledges all at its end must not be overtaken on a busy machine.
    static let acknowledgeWithin: Duration = .seconds(5)

    init(
        arguments: [String] = [],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        adjust: (inout JetStreamBus.Limits) -> Void = { _ in }
    ) async throws {
        server = try await NATSServer(arguments: arguments)
        var limits = JetStreamBus.Limits()
        limits.acknowledgeWait = Self.acknowledgeWithin
        limits.sweepWait = .milliseconds(50)
        limits.heartbeat = .milliseconds(200)
        adjust(&limits)
        bus = try await JetStreamBus.connect(
            ConnectionOptions(servers: server.url, name: "bus"), limits: limits, logger: logger)
        connection = try await Connection.connect(
            ConnectionOptions(servers: server.url, name: "test"))
    }

    var underTest: BusUnderTest {
        BusUnderTest(
            bus: bus, takeCommands: takeCommands,
            reply: { try await publish(Message(subject: $0, payload: $1)) },
            deadLetters: {
                try await messages(of: "SAGA_DEAD").map { message in
                    DeadLetter(
                        subject: header("Saga-Dead-Subject", of: message), body: message.payload,
                        reason: DeadLetterReason(
                            code: header("Saga-Dead-Reason", of: message),
                            message: header("Saga-Dead-Message", of: message)))
                }
            },
            eventIDs: { stream in
                try await messages(of: stream).map { header("Nats-Msg-Id", of: $0) }
            },
            pass: { try await Task.sleep(for: $0) }, acknowledgeWithin: Self.acknowledgeWithin,
            dispose: {
                await connection.close()
                server.kill()
            })
    }

    func publish(_ message: Message) async throws {
        let publisher = try await Publisher(connection)
        guard case .stored = await publisher.publish(message) else {
            throw Expectation("a message on \(message.subject) was not stored")
        }
    }

    /// Takes the oldest commands off their stream, which is what is left of an acknowledged one.
    private func takeCommands(_ count: Int) async throws -> [TakenCommand] {
        let found = try await messages(of: "SAGA_COMMANDS").prefix(count)
        guard let last = found.last else { return [] }
        try await jetStream.purge("SAGA_COMMANDS", before: last.sequence + 1)
        return found.map { message in
            TakenCommand(
                subject: message.subject, messageID: header("Nats-Msg-Id", of: message),
                replyTo: header("Saga-Reply-To", of: message), body: message.payload)
        }
    }

    private func messages(of stream: String) async throws -> [StoredMessage] {
        guard let contents = try await jetStream.stream(stream)?.contents, contents.messages > 0
        else { return [] }
        var found: [StoredMessage] = []
        for sequence in contents.firstSequence...contents.lastSequence {
            if let message = try await jetStream.message(sequence, in: stream) {
                found.append(message)
            }
        }
        return found
    }

    func header(_ name: String, of message: StoredMessage) -> String {
        message.headers.first { $0.0 == name }?.1 ?? ""
    }

    /// A reply of the first sample saga to the command of that number.
    func reply(_ number: Int) async throws {
        let subject = ReplyText.subject(
            sagaID: Sample.sagaID(0), commandID: Sample.command(number).command.id, attempt: 1)
        try await publish(
            Message(subject: subject, payload: Array(#"{"outcome": "done"}"#.utf8)))
    }

    func subjects(of stream: String) async throws -> [String] {
        try await messages(of: stream).map(\.subject)
    }

    /// Takes that many of the subject `t.NAME` and acknowledges them, until the server knows.
    func acknowledge(_ count: Int, of name: String, in stream: String) async throws {
        try await jetStream.createConsumer(
            ConsumerConfiguration(durable: name, filterSubject: "t.\(name)"), on: stream)
        var options = PullConsumer.Options()
        options.batch = 1
        options.capacity = 1
        let consumer = try await PullConsumer(
            connection, stream: stream, durable: name, options: options)
        var last: UInt64 = 0
        for _ in 0..<count {
            let taken = await consumer.next()
            taken.ackAll()
            last = taken.last?.streamSequence ?? last
        }
        consumer.close()
        let isKnown = try await eventually {
            try await jetStream.consumer(name, on: stream)?.acknowledgedUpTo ?? 0 >= last
        }
        #expect(isKnown)
    }

    /// Runs a check while the bus keeps up, then takes all down.
    func keepingUp(_ check: () async throws -> Void) async throws {
        try await bus.prepare(streams: ["ORDERS"])
        let bus = bus
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bus.keepUp() }
            try await check()
            group.cancelAll()
        }
        await bus.close()
        await connection.close()
    }
}

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `A bus over JetStream` {
    @Test(arguments: BusConformance.checks)
    func `keeps the port's promises`(check: BusCheck) async throws {
        try await BusConformance.run(check) { try await Bench().underTest }
    }

    @Test func `has a connection for few messages`() async throws {
        let bench = try await Bench(arguments: ["-V"])
        try await bench.keepingUp {
            _ = await bench.bus.send([Sample.command(1)])
            let log = try bench.server.log
            #expect(log.contains("\"bus (prompt)\""))
        }
    }

    @Test func `takes replies again after its consumer was lost`() async throws {
        let bench = try await Bench()
        try await bench.keepingUp {
            try await bench.jetStream.deleteConsumer("sagad", on: "SAGA_REPLIES")
            try await bench.reply(1)
            #expect(await bench.bus.nextReplies().count == 1)
        }
    }

    @Test func `makes its streams again after they were lost`() async throws {
        let bench = try await Bench()
        try await bench.keepingUp {
            for stream in ["SAGA_REPLIES", "SAGA_COMMANDS", "ORDERS"] {
                try await bench.jetStream.deleteStream(stream)
            }
            let isBack = try await eventually {
                try await bench.jetStream.consumer("sagad", on: "SAGA_REPLIES") != nil
            }
            #expect(isBack)
            try await bench.reply(1)
            #expect(await bench.bus.nextReplies().count == 1)
            // Not every loss raises trouble at once: a command that finds no stream does.
            let isSent = try await eventually {
                guard case .stored? = await bench.bus.send([Sample.command(1)]).first
                else { return false }
                return true
            }
            #expect(isSent)
        }
    }

    /// A server that still deletes a stream would delete the files of one that is made too soon.
    @Test func `lets a stream that goes while it waits for another have a wait of its own`()
        async throws
    {
        let lines = LogLines(from: .notice)
        let bench = try await Bench(logger: Logger(label: "test") { _ in lines }) { limits in
            limits.remakeWait = .seconds(2)
        }
        try await bench.bus.prepare(streams: ["ORDERS"])
        try await bench.jetStream.deleteStream("SAGA_REPLIES")
        async let remaking: Void = bench.bus.remakeStreams()
        let isWaiting = try await eventually {
            lines.all.contains { $0.hasPrefix("streams are missing") }
        }
        #expect(isWaiting)
        try await bench.jetStream.deleteStream("SAGA_COMMANDS")
        let isBack = try await eventually {
            try await bench.jetStream.stream("SAGA_REPLIES") != nil
        }
        #expect(isBack)
        let other = try await bench.jetStream.stream("SAGA_COMMANDS")
        #expect(other == nil)
        try await remaking
        let otherAfterwards = try await bench.jetStream.stream("SAGA_COMMANDS")
        #expect(otherAfterwards != nil)
        await bench.bus.close()
        await bench.connection.close()
    }

    /// A stream that keeps what is acknowledged looks as a work queue does after a crash.
    @Test func `sweeps out what is acknowledged and nothing else`() async throws {
        let bench = try await Bench()
        let jetStream = bench.jetStream
        try await jetStream.createStream(StreamConfiguration(name: "T", subjects: ["t.>"]))
        for subject in ["t.a", "t.b", "t.a", "t.b", "t.a", "t.c"] {
            try await bench.publish(Message(subject: subject))
        }
        try await bench.acknowledge(2, of: "a", in: "T")
        try await bench.acknowledge(1, of: "b", in: "T")
        var sweep = LeftoverSweep(of: "T")
        #expect(try await eventually { try await sweep.run(jetStream) > 0 })
        #expect(try await bench.subjects(of: "T") == ["t.b", "t.a", "t.c"])
        #expect(!sweep.isDone)
        #expect(try await sweep.run(jetStream) == 0)
        try await jetStream.purge("T", before: 7)
        _ = try await sweep.run(jetStream)
        #expect(sweep.isDone)
        await bench.bus.close()
        await bench.connection.close()
    }

    /// A stream that keeps what is delivered looks as a work queue does whose consumer passed it over.
    @Test func `removes what a consumer at rest has passed over and nothing else`() async throws {
        let bench = try await Bench()
        let jetStream = bench.jetStream
        try await jetStream.createStream(StreamConfiguration(name: "T", subjects: ["t.>"]))
        for subject in ["t.a", "t.b", "t.a", "t.b", "t.a", "t.c"] {
            try await bench.publish(Message(subject: subject))
        }
        try await bench.acknowledge(3, of: "a", in: "T")
        // One of two waits to be delivered.
        try await bench.acknowledge(1, of: "b", in: "T")
        #expect(
            try await eventually { try await PassedOver.remove(from: "T", jetStream) > 0 })
        #expect(try await bench.subjects(of: "T") == ["t.b", "t.b", "t.c"])
        await bench.bus.close()
        await bench.connection.close()
    }
}
