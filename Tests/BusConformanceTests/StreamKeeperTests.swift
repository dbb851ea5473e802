import Logging
import NATS
import SagaCore
import SagaTestKit
import TestBroker
import Testing

@testable import JetStreamBus
@testable import SagaRuntime

/// A keeper of the streams of a nats-server, over a store in memory.
private struct Keep {
    let bench: Bench
    let store: InMemoryStore
    let keeper: StreamKeeper
    private let clock: DatabaseClock

    init() async throws {
        bench = try await Bench()
        let clock = DatabaseClock(machineTime: Sample.epoch)
        self.clock = clock
        store = InMemoryStore(clock: clock)
        try await store.migrate()
        var limits = StreamLimits()
        limits.check = .milliseconds(50)
        limits.markEvery = .milliseconds(200)
        limits.clockTolerance = .milliseconds(100)
        limits.repairRetry = .milliseconds(100)
        limits.repairRetryMax = .milliseconds(400)
        keeper = StreamKeeper(
            store: store, bus: bench.bus, clock: clock, aggregates: { ["ORDERS"] }, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Stores events and publishes them.
    func publish(_ ids: [String]) async throws {
        _ = try await store.append(
            ids.map { id in
                var append = Sample.append(id)
                append.at = clock.now()
                return append
            })
        let events = try await store.events(ids: ids)
        _ = await bench.bus.publish(events)
        try await store.markPublished(events.map(\.outboxKey))
    }

    /// The ids on the stream, in its order.
    func published() async throws -> [String] { try await bench.ids(of: "ORDERS") }

    func isWhole() async throws -> Bool {
        let stored = try await store.events(after: FeedPlace(), limit: 10_000).events
        return try await published().sorted() == stored.map(\.event.id).sorted()
    }

    /// Runs the keeper, the bus's upkeep and the body together.
    func keeping(_ body: () async throws -> Void) async throws {
        let keeper = keeper
        let bus = bench.bus
        try await bus.prepare(streams: ["ORDERS"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bus.keepUp() }
            group.addTask { await keeper.run(resend: { 0 }) }
            try await body()
            group.cancelAll()
        }
    }

    /// Waits until the keeper knows the stream as it is now.
    func isKnown() async throws -> Bool {
        try await eventually {
            guard let standing = try await bench.bus.standing(of: "ORDERS"),
                let memory = try await store.memory(of: "ORDERS")
            else { return false }
            let known = try StreamKnowledge(text: memory.content)
            return known.identity == standing.identity && known.claim == nil
        }
    }

    func close() async {
        await bench.bus.close()
        await bench.connection.close()
    }
}

extension Bench {
    fileprivate func ids(of stream: String) async throws -> [String] {
        guard let contents = try await jetStream.stream(stream)?.contents, contents.messages > 0
        else { return [] }
        var ids: [String] = []
        for number in contents.firstSequence...contents.lastSequence {
            guard let message = try await jetStream.message(number, in: stream) else { continue }
            ids.append(header("Nats-Msg-Id", of: message))
        }
        return ids
    }
}

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `A stream of events over JetStream` {
    private static let ids = (1...700).map { "e-\($0)" }

    @Test func `is whole again after it was deleted, also what came while it was away`()
        async throws
    {
        let keep = try await Keep()
        try await keep.keeping {
            try await keep.publish(Self.ids)
            #expect(try await keep.isKnown())
            try await keep.bench.jetStream.deleteStream("ORDERS")
            try await keep.publish(["late-1", "late-2"])
            let isWhole = try await eventually { try await keep.isWhole() }
            #expect(isWhole)
        }
        await keep.close()
    }

    @Test func `is whole again after somebody deleted it and made it anew`() async throws {
        let keep = try await Keep()
        try await keep.keeping {
            try await keep.publish(Self.ids)
            #expect(try await keep.isKnown())
            try await keep.bench.jetStream.deleteStream("ORDERS")
            try await keep.bench.jetStream.createStream(
                StreamConfiguration(name: "ORDERS", subjects: ["ORDERS.*"]))
            let isWhole = try await eventually { try await keep.isWhole() }
            #expect(isWhole)
        }
        await keep.close()
    }

    @Test func `is whole again after it was lost while no daemon ran`() async throws {
        let keep = try await Keep()
        try await keep.keeping {
            try await keep.publish(Self.ids)
            #expect(try await keep.isKnown())
        }
        try await keep.bench.jetStream.deleteStream("ORDERS")
        try await keep.keeping {
            let isWhole = try await eventually { try await keep.isWhole() }
            #expect(isWhole)
        }
        await keep.close()
    }

    @Test func `is whole again after it was emptied, once its duplicate window has passed`()
        async throws
    {
        let keep = try await Keep()
        var configuration = StreamConfiguration(name: "ORDERS", subjects: ["ORDERS.*"])
        configuration.duplicateWindow = .seconds(2)
        try await keep.bench.jetStream.createStream(configuration)
        try await keep.keeping {
            try await keep.publish(Self.ids)
            #expect(try await keep.isKnown())
            let isCounted = try await eventually {
                guard let memory = try await keep.store.memory(of: "ORDERS") else { return false }
                return try StreamKnowledge(text: memory.content).messages == 700
            }
            #expect(isCounted)
            try await keep.bench.jetStream.purge("ORDERS", before: 400)
            let isWhole = try await eventually { try await keep.isWhole() }
            #expect(isWhole)
        }
        await keep.close()
    }

    @Test func `gets back no more than its limits hold, the newest`() async throws {
        let keep = try await Keep()
        try await keep.keeping {
            try await keep.publish(Self.ids)
            #expect(try await keep.isKnown())
        }
        try await keep.bench.jetStream.deleteStream("ORDERS")
        var small = StreamConfiguration(name: "ORDERS", subjects: ["ORDERS.*"])
        small.maxMessages = 100
        try await keep.bench.jetStream.createStream(small)
        // Before the repair: what comes while one runs can be pushed out by it.
        try await keep.publish(["late"])
        try await keep.keeping {
            let isKnown = try await keep.isKnown()
            #expect(isKnown)
        }
        let found = try await keep.published()
        // Where two were recorded in one microsecond, both are left out.
        #expect((90...100).contains(found.count), "\(found.count)")
        #expect(Set(found).isSuperset(of: ["late"] + (650...700).map { "e-\($0)" }))
        await keep.close()
    }
}
