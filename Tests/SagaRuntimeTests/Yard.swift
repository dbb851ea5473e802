import Logging
import SagaCore
import SagaTestKit
import Synchronization
import Testing

@testable import SagaRuntime

/// A store and a bus in memory, and daemons that look after the bus's streams.
final class Yard: Sendable {
    let clock: ManualClock
    let store: InMemoryStore
    let bus: InMemoryBus
    let lines = LogLines()
    let limits: StreamLimits
    private let resends = Atomic(0)
    private let recorded = Atomic(0)

    init(_ change: (inout StreamLimits) -> Void = { _ in }) async throws {
        clock = ManualClock()
        store = InMemoryStore(clock: clock)
        bus = InMemoryBus(clock: clock)
        var limits = StreamLimits()
        limits.tries = 1
        limits.page = 4
        limits.idPage = 3
        change(&limits)
        self.limits = limits
        try await store.migrate()
        try await bus.prepare(streams: ["ORDERS"])
    }

    func daemon() -> Daemon { Daemon(yard: self) }

    /// How often open commands were sent again.
    var resendCount: Int { resends.load(ordering: .relaxed) }

    func resend() -> Int { resends.add(1, ordering: .relaxed).newValue }

    /// Stores that many events and publishes them, as a daemon does; answers where they lie.
    @discardableResult
    func publish(_ count: Int) async throws -> [PublishedEvent] {
        let events = try await append(count)
        let answers = await bus.publish(events)
        try await store.markPublished(events.map(\.outboxKey))
        return zip(events, answers).compactMap { event, answer in
            answer.receipt.map { PublishedEvent(event: event, receipt: $0, isDuplicate: false) }
        }
    }

    /// Stores that many events, which wait to be published.
    func append(_ count: Int) async throws -> [RecordedEvent] {
        let first = recorded.add(count, ordering: .relaxed).oldValue
        let ids = (first..<first + count).map { "e-\($0)" }
        _ = try await store.append(
            ids.map { id in
                var append = Sample.append(id)
                append.at = clock.now()
                return append
            })
        let found = try await store.events(ids: ids)
        return found.sorted { $0.version < $1.version }
    }

    /// What lies on the stream, in its order.
    var published: [String] { bus.publishedEvents.map(\.event.id) }

    /// What is stored.
    func stored() async throws -> [String] {
        try await store.events(after: FeedPlace(), limit: 10_000).events.map(\.event.id)
    }

    /// Whether the stream has every stored event exactly once.
    func isWhole() async throws -> Bool { try await published.sorted() == stored().sorted() }
}

/// One daemon's keeper, which looks when it is told to.
struct Daemon {
    let yard: Yard
    let keeper: StreamKeeper
    private var watches: [String: StreamWatch] = [:]

    init(yard: Yard) {
        self.yard = yard
        keeper = StreamKeeper(
            store: yard.store, bus: yard.bus, clock: yard.clock, aggregates: { ["ORDERS"] },
            limits: yard.limits, logger: Logger(label: "test") { _ in yard.lines })
    }

    /// - Returns: how many streams it has still to compare.
    @discardableResult
    mutating func look() async -> Int {
        await keeper.look(&watches, { yard.resend() })
    }

    /// Looks until it has written down up to where the stream is whole.
    mutating func mark() async {
        for _ in 0..<5 {
            await look()
            yard.clock.advance(by: .seconds(31))
        }
    }
}
