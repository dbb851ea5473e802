import Logging
import NATS
import SagaCore
import SagaRuntime
import SagaTestKit
import TestBroker
import Testing

@testable import JetStreamBus

/// A store in memory beside a bus on a nats-server of its own.
private struct Gallery {
    let bench: Bench
    let store = InMemoryStore()

    init() async throws { bench = try await Bench() }

    func projector(_ bus: JetStreamBus) -> Projector {
        var limits = ViewsLimits()
        limits.gather = .milliseconds(20)
        limits.sweep = .milliseconds(100)
        // News have to do it, not the sweep.
        limits.sweepAge = .seconds(3600)
        return Projector(
            store: store, bus: bus, clock: DatabaseClock(machineTime: Sample.epoch),
            streams: { ["ORDERS"] }, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Stores an event for each number in its order, and publishes them.
    func record(_ numbers: Range<Int>, publishes: Bool = true) async throws {
        for number in numbers {
            let id = "o-\(number % 7)"
            let event = Sample.event("e-\(number)", of: id, body: #"{"n":\#(number)}"#)
            guard
                case .started? = try await store.start([Sample.start(number, events: [event])])
                    .first
            else { throw Expectation("an event was not stored") }
            guard publishes else { continue }
            let recorded = try await store.events(
                aggregateType: "order", aggregateID: id, after: 0, limit: 1000)
            let isPublished = try await eventually {
                guard case .stored? = await bench.bus.publish([recorded[recorded.count - 1]]).first
                else { return false }
                return true
            }
            #expect(isPublished)
        }
    }

    /// Whether all views come to be what their events say.
    func viewsFollow() async throws -> Bool {
        try await eventually {
            for number in 0..<7 {
                let key = Sample.viewKey("o-\(number)")
                let current = try await store.view(key)
                guard current.view?.version == current.aggregateVersion else { return false }
                let events = try await store.events(
                    behind: [AggregatePosition(key: key, version: 0)])
                var document = AggregateDocument()
                document.apply(events)
                guard current.view?.document == document.value.jsonBytes else { return false }
            }
            return true
        }
    }

    func running(_ buses: [JetStreamBus], _ body: () async throws -> Void) async throws {
        let projectors = buses.map { projector($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for projector in projectors { group.addTask { await projector.run() } }
            try await body()
            for projector in projectors { projector.close() }
            group.cancelAll()
        }
    }

    var unacknowledged: Int {
        get async throws {
            let consumer = try await bench.jetStream.consumer("sagad-views", on: "ORDERS")
            guard let consumer else { return .max }
            return consumer.unacknowledged + Int(consumer.pending)
        }
    }
}

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `Views over JetStream` {
    @Test func `follow what is published, and all news are acknowledged`() async throws {
        let gallery = try await Gallery()
        try await gallery.bench.keepingUp {
            try await gallery.running([gallery.bench.bus]) {
                try await gallery.record(0..<70)
                #expect(try await gallery.viewsFollow())
                #expect(try await eventually { try await gallery.unacknowledged == 0 })
            }
        }
    }

    @Test func `catch up with what was published while nobody projected`() async throws {
        let gallery = try await Gallery()
        try await gallery.bench.keepingUp {
            try await gallery.record(0..<70)
            #expect(try await gallery.store.views(of: [Sample.viewKey("o-1")]) == [])
            try await gallery.running([gallery.bench.bus]) {
                let isFollowing = try await gallery.viewsFollow()
                #expect(isFollowing)
            }
        }
    }

    @Test func `follow after their consumer was lost`() async throws {
        let gallery = try await Gallery()
        try await gallery.bench.keepingUp {
            try await gallery.running([gallery.bench.bus]) {
                try await gallery.record(0..<14)
                #expect(try await gallery.viewsFollow())
                try await gallery.bench.jetStream.deleteConsumer("sagad-views", on: "ORDERS")
                try await gallery.record(14..<28)
                #expect(try await gallery.viewsFollow())
            }
        }
    }

    @Test func `follow after their stream was lost`() async throws {
        let gallery = try await Gallery()
        try await gallery.bench.keepingUp {
            try await gallery.running([gallery.bench.bus]) {
                try await gallery.record(0..<14)
                #expect(try await gallery.viewsFollow())
                try await gallery.bench.jetStream.deleteStream("ORDERS")
                // What is published makes the stream again, and each order is told of once more.
                try await gallery.record(14..<28)
                #expect(try await gallery.viewsFollow())
            }
        }
    }

    @Test func `are kept by two daemons that share the news`() async throws {
        let gallery = try await Gallery()
        let second = try await JetStreamBus.connect(
            ConnectionOptions(servers: gallery.bench.server.url, name: "second"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await gallery.bench.keepingUp {
            try await second.prepare(streams: ["ORDERS"])
            try await gallery.running([gallery.bench.bus, second]) {
                try await gallery.record(0..<140)
                #expect(try await gallery.viewsFollow())
                #expect(try await eventually { try await gallery.unacknowledged == 0 })
            }
        }
        await second.close()
    }

    @Test func `pass over messages that name no event`() async throws {
        let gallery = try await Gallery()
        try await gallery.bench.keepingUp {
            try await gallery.bench.publish(Message(subject: "ORDERS.strange"))
            try await gallery.bench.publish(
                Message(
                    subject: "ORDERS.strange",
                    headers: [
                        ("ce-aggregatetype", "order"), ("ce-subject", "%"), ("ce-sequence", "1"),
                    ]))
            try await gallery.record(0..<7)
            let batch = await gallery.bench.bus.nextNews(of: "ORDERS")
            #expect(batch?.news.first?.key == Sample.viewKey("o-0"))
            #expect(batch?.news.contains { $0.key.id == "%" } == false)
        }
    }

    @Test func `refuse a consumer that takes only some events`() async throws {
        let gallery = try await Gallery()
        let jetStream = gallery.bench.jetStream
        try await jetStream.createStream(
            StreamConfiguration(name: "ORDERS", subjects: ["ORDERS.*"]))
        try await jetStream.createConsumer(
            ConsumerConfiguration(durable: "sagad-views", filterSubject: "ORDERS.created"),
            on: "ORDERS")
        let error = await #expect(throws: BusError.self) {
            try await gallery.bench.bus.prepare(streams: ["ORDERS"])
        }
        #expect(error?.kind == .conflict)
        #expect(error?.message.contains("filter_subject") == true)
        await gallery.bench.bus.close()
        await gallery.bench.connection.close()
    }
}

@Suite struct `A header's text` {
    @Test(arguments: ["o-1", "", "a b", " a ", "50%", "e\u{301} ü 🧾", "%41", "\t"])
    func `is read as it was written`(text: String) {
        #expect(
            Wire.text(ofHeader: Wire.headerText(text)).map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(arguments: ["%", "%4", "%G1", "%+1", "%FF", "100%25%"])
    func `is nil where nobody writes it so`(text: String) {
        #expect(Wire.text(ofHeader: text) == nil)
    }
}
