import Logging
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

/// The read model on each store: everything at once that may meet there.
@Suite(.timeLimit(.minutes(5))) struct `Views on a store` {
    private static let orders = 40
    private static let rounds = 6
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func projector(_ store: any Store, _ bus: InMemoryBus) -> Projector {
        var limits = ViewsLimits()
        limits.gather = .milliseconds(5)
        limits.cache = 16
        limits.sweep = .milliseconds(20)
        limits.sweepAge = .milliseconds(1)
        return Projector(
            store: store, bus: bus, clock: DatabaseClock(machineTime: Sample.time(1_000_000)),
            streams: { ["ORDERS"] }, limits: limits, logger: logger)
    }

    /// Stores one event of each order; answers them.
    private func record(_ round: Int, in store: any Store) async throws -> [RecordedEvent] {
        let starts = (0..<Self.orders).map { number in
            Sample.start(
                round * Self.orders + number,
                events: [
                    Sample.event(
                        "e-\(round)-\(number)", of: "o-\(number)",
                        body: #"{"n\#(round % 4)":\#(round),"status":"\#(round)","it's":null}"#)
                ])
        }
        for answer in try await store.start(starts) {
            guard case .started = answer else { throw Expectation("found \(answer)") }
        }
        let positions = (0..<Self.orders).map {
            AggregatePosition(key: Sample.viewKey("o-\($0)"), version: Int64(round))
        }
        return try await store.events(behind: positions)
    }

    private func views(_ store: any Store) async throws -> [ViewRecord] {
        try await store.views(of: (0..<Self.orders).map { Sample.viewKey("o-\($0)") })
    }

    /// Waits until every view has all events.
    private func allFollow(in store: any Store) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let views = try await views(store)
            let current = views.filter { $0.version == Int64(Self.rounds) }
            if current.count == Self.orders { return }
            try #require(ContinuousClock.now < end, "\(current.count) views are current")
            await Task.yield()
        }
    }

    private func allAreRight(in store: any Store) async throws {
        for view in try await views(store) {
            let position = AggregatePosition(key: view.key, version: 0)
            var document = AggregateDocument()
            document.apply(try await store.events(behind: [position]))
            #expect(view.document == document.value.jsonBytes)
            #expect(view.status == String(Self.rounds - 1))
        }
    }

    @Test(arguments: StoreBackend.available)
    func `follow, whoever tells of what, beside a rebuild`(backend: StoreBackend) async throws {
        let subject = try await backend.open()
        let store = subject.store
        try await store.migrate()
        let bus = InMemoryBus(clock: ManualClock())
        try await bus.prepare(streams: ["ORDERS"])
        let projectors = [projector(store, bus), projector(store, bus)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for projector in projectors { group.addTask { await projector.run() } }
            group.addTask {
                for number in 1...3 {
                    let rebuild = ViewRebuild(
                        store: store, startedAt: Sample.time(number), logger: logger)
                    _ = try await rebuild.run()
                }
            }
            for round in 0..<Self.rounds {
                let events = try await record(round, in: store)
                // A third of it is told at home, a third by news, and a third by nobody.
                projectors[round % 2].note(
                    published: events.filter { Self.number($0) % 3 == 0 }.map {
                        PublishedEvent(
                            event: $0, receipt: PublishReceipt(stream: "HOME", sequence: 1),
                            isDuplicate: true)
                    })
                _ = await bus.publish(events.filter { Self.number($0) % 3 == 1 })
            }
            try await allFollow(in: store)
            for projector in projectors { projector.close() }
            try await group.waitForAll()
        }
        try await allAreRight(in: store)
        await store.close()
        try await subject.dispose()
    }

    private static func number(_ event: RecordedEvent) -> Int {
        Int(event.event.aggregateID.dropFirst(2)) ?? 0
    }
}
