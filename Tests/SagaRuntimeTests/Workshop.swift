import Logging
import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

/// A coordinator over the in-memory store and bus, with participants that answer as told.
struct Workshop {
    let store: InMemoryStore
    let bus: InMemoryBus
    let clock: ManualClock
    let coordinator: Coordinator

    init(
        store: InMemoryStore? = nil, bus: InMemoryBus? = nil, clock: ManualClock = ManualClock(),
        limits: CoordinatorLimits = CoordinatorLimits(), definitions: [SagaDefinition] = [order]
    ) {
        let catalog = Catalog()
        catalog.replace(
            entries: definitions.map { Catalog.Entry(definition: $0, hash: [1]) },
            offered: definitions, active: nil)
        self.clock = clock
        self.store = store ?? InMemoryStore(clock: clock)
        self.bus = bus ?? InMemoryBus(clock: clock)
        coordinator = Coordinator(
            store: self.store, bus: self.bus, clock: clock, catalog: catalog, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs the coordinator while the body does.
    func running(_ body: (Workshop) async throws -> Void) async throws {
        try await bus.prepare(streams: ["ORDERS"])
        try await withThrowingTaskGroup { group in
            group.addTask { try await coordinator.run() }
            await coordinator.settledIn()
            try await body(self)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Starts an order of that amount.
    func order(
        _ amount: Value = 19, idempotencyKey: String? = nil
    ) async throws -> StartedSaga {
        let body: Value = ["amount": amount]
        return try await coordinator.start(
            StartRequest(
                definition: "order", body: body, digest: SHA256.digest(of: body.jsonBytes),
                idempotencyKey: idempotencyKey))
    }

    /// The order once it has ended.
    func end(of saga: StartedSaga) async throws -> SagaRecord {
        let until = clock.now() + .seconds(1_000_000)
        let record = try await coordinator.waitForEnd(of: saga.identity.id, until: until)
        return try #require(record)
    }

    /// The types of an order's events in the order of their versions.
    func events(of saga: StartedSaga) async throws -> [String] {
        try await store.events(
            aggregateType: "order", aggregateID: saga.identity.key, after: 0, limit: 100
        ).map(\.event.type)
    }

    /// Lets time pass step by step until the condition holds; fails after `steps`.
    func passTime(
        steps: Int = 20_000, until holds: () async throws -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for _ in 0..<steps {
            if try await holds() { return }
            _ = clock.advanceToNextWakeUp()
            for _ in 0..<200 { await Task.yield() }
        }
        Issue.record("it did not come to that", sourceLocation: sourceLocation)
    }

    static let order = SagaDefinition(
        name: "order", version: 1, aggregate: Aggregate(type: "order", stream: "ORDERS"),
        intake: Intake(path: "/api/orders", idMember: "order_id", event: "created"),
        nodes: [
            Node(
                body: .step(
                    Step(
                        name: "payment", subject: "payments.debit", timeout: .seconds(10),
                        outcomes: [
                            Outcome(
                                name: "debited", event: RaisedEvent(event: "paymentdebited")),
                            Outcome(name: "declined", then: .reject),
                        ],
                        compensation: Compensation(
                            subject: "payments.void",
                            event: RaisedEvent(event: "paymentvoided"))))),
            Node(
                body: .step(
                    Step(
                        name: "review", subject: "reviews.review", timeout: .seconds(3600),
                        outcomes: [
                            Outcome(name: "approved"), Outcome(name: "rejected", then: .reject),
                        ]))),
        ],
        finish: Finish(
            completed: RaisedEvent(event: "approved"),
            compensated: RaisedEvent(event: "rejected")))

    /// An order that has to have an amount by its schema, and a unit, as that is computed from it.
    static var priced: SagaDefinition {
        var priced = order
        priced.name = "priced"
        priced.intake = Intake(
            path: "/api/priced", idMember: "order_id", schema: Schema([.required(["amount"])]),
            set: [.init(name: "unit", value: .expression(.field(.variable(.input), "unit")))],
            event: "created")
        return priced
    }

    /// Participants that approve everything.
    func approveEverything() {
        bus.participant(on: "payments.debit") { _ in .outcome("debited") }
        bus.participant(on: "reviews.review") { _ in .outcome("approved") }
        bus.participant(on: "payments.void") { _ in .outcome("done") }
    }
}

extension Coordinator {
    /// Returns once it has had the time to take its shards and to look for what was left in them:
    /// what is started before is found by that look, and sent again.
    func settledIn() async {
        for _ in 0..<1000 where plant.leases.shards.count < StoreLimits.shards {
            await Task.yield()
        }
        for _ in 0..<200 { await Task.yield() }
    }
}
