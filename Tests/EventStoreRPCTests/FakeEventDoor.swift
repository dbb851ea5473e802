import SagaCore
import SagaRuntime
import Synchronization

/// An event store in memory whose mishaps a test decides.
final class FakeEventDoor: EventDoor {
    /// What a call of the door comes to instead of its answer.
    typealias Mishap = @Sendable () async throws -> Void

    private struct State {
        var events: [RecordedEvent] = []
        var mishap: Mishap?
        var answer: AppendAnswer?
        var appends: [NewEvent] = []
        var limitsAsked: [Int] = []
        var calls = 0
        var mark: UInt64 = 0
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var waiterNumber = 0
    }

    private let state = Mutex(State())
    private let clock: any SagaClock
    let knownStreams: [String: String]

    init(clock: any SagaClock, streams: [String: String] = ["ORDERS": "order"]) {
        self.clock = clock
        knownStreams = streams
    }

    /// What was stored, in order.
    var stored: [NewEvent] { state.withLock { $0.events.map(\.event) } }
    /// Every call of `append` that reached the door.
    var appends: [NewEvent] { state.withLock { $0.appends } }
    /// The limits that pages were asked for with.
    var limitsAsked: [Int] { state.withLock { $0.limitsAsked } }
    /// How often the door was called.
    var calls: Int { state.withLock { $0.calls } }
    /// How many wait for events.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Every call comes to this first; nil is nothing.
    func mishap(_ mishap: Mishap?) { state.withLock { $0.mishap = mishap } }

    /// The store is away.
    func goAway() {
        mishap { throw StoreError(.unavailable, "the database does not answer") }
    }

    /// Appends are answered with that, and not stored.
    func answer(_ answer: AppendAnswer) { state.withLock { $0.answer = answer } }

    /// Records an event, and wakes whoever waits.
    @discardableResult
    func record(_ event: NewEvent) -> AppendAnswer {
        state.withLock { state in
            if state.events.contains(where: { $0.event.id == event.id }) { return .known }
            let version = state.events.count {
                $0.event.aggregateType == event.aggregateType
                    && $0.event.aggregateID == event.aggregateID
            }
            state.events.append(
                RecordedEvent(
                    event: event, version: Int64(version) + 1, sagaID: nil,
                    recordedAt: Instant(microseconds: 0)))
            state.mark += 1
            for waiter in state.waiters.values { waiter.yield() }
            return .appended(version: Int64(version) + 1)
        }
    }

    func append(_ event: NewEvent, until: Instant) async throws -> AppendAnswer {
        try await begin()
        let answer = state.withLock { state in
            state.appends.append(event)
            return state.answer
        }
        return answer ?? record(event)
    }

    func event(id: String) async throws -> RecordedEvent? {
        try await begin()
        return state.withLock { $0.events.first { $0.event.id == id } }
    }

    func events(
        aggregateID: String, after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] {
        try await begin()
        return state.withLock { state in
            state.limitsAsked.append(limit)
            let found = state.events.filter { $0.event.aggregateID == aggregateID }
                .sorted { Self.place($0) < Self.place($1) }
            let rest = found.filter { recorded in
                guard let after else { return true }
                return Self.place(recorded) > (after.aggregateType, after.version)
            }
            return Array(rest.prefix(limit))
        }
    }

    func events(after: FeedPlace?, limit: Int) async throws -> EventFeedPage {
        try await begin()
        return state.withLock { state in
            state.limitsAsked.append(limit)
            let start = Int(after?.numbers[0] ?? 0)
            let page = Array(state.events.dropFirst(start).prefix(limit))
            return EventFeedPage(
                events: page, place: FeedPlace(numbers: [0: Int64(start + page.count)]))
        }
    }

    func waitForEvents(since mark: UInt64, until: Instant) async -> UInt64 {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let number = state.withLock { state in
            state.waiterNumber += 1
            if state.mark != mark { continuation.yield() }
            state.waiters[state.waiterNumber] = continuation
            return state.waiterNumber
        }
        await withTaskGroup { group in
            group.addTask { for await _ in stream { return } }
            group.addTask { [clock] in try? await clock.sleep(until: until) }
            await group.next()
            group.cancelAll()
        }
        return state.withLock { state in
            state.waiters[number] = nil
            return state.mark
        }
    }

    private func begin() async throws {
        let mishap = state.withLock { state in
            state.calls += 1
            return state.mishap
        }
        try await mishap?()
    }

    private static func place(_ recorded: RecordedEvent) -> (String, Int64) {
        (recorded.event.aggregateType, recorded.version)
    }
}

extension NewEvent {
    /// An event of the order of that id.
    static func order(
        _ number: Int, of aggregate: String = "o-1", type: String = "order",
        data: String? = #"{"amount": 1.50}"#
    ) -> NewEvent {
        NewEvent(
            id: "e-\(number)", aggregateType: type, aggregateID: aggregate, stream: "ORDERS",
            type: "ORDERS.created", body: data.map { Array($0.utf8) })
    }
}
