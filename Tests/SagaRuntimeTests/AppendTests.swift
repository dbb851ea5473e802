import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization
import Testing

/// Events on the aggregate of an order.
private func event(
    _ name: String, of key: String, id: String = "e-1", body: String? = "{}"
) -> NewEvent {
    NewEvent(
        id: id, aggregateType: "order", aggregateID: key, stream: "ORDERS",
        type: "ORDERS.\(name)", body: body.map { Array($0.utf8) })
}

extension Workshop {
    /// An order whose key is the caller's choice, whose payment is commanded and whose review is
    /// awaited.
    fileprivate static let keyed: SagaDefinition = {
        var definition = order
        definition.key = .expression(.field(.variable(.input), "number"))
        definition.nodes[1] = Node(
            body: .step(
                Step(
                    name: "review", work: .await("the review"), timeout: nil,
                    outcomes: [
                        Outcome(name: "yes", event: RaisedEvent(event: "approved")),
                        Outcome(
                            name: "no", event: RaisedEvent(event: "rejected"), then: .reject),
                    ])))
        return definition
    }()

    fileprivate init(keyed limits: CoordinatorLimits, store: InMemoryStore? = nil) {
        self.init(store: store, limits: limits, definitions: [Self.keyed])
    }

    fileprivate func append(_ event: NewEvent) async throws -> AppendAnswer {
        try await coordinator.append(event, until: clock.now() + .seconds(1_000_000))
    }

    /// Starts the order with that number as its key.
    fileprivate func start(_ number: String) async throws -> StartedSaga {
        try await coordinator.start(
            StartRequest(definition: "order", body: ["number": .string(number)], digest: []))
    }

    fileprivate func types(_ key: String) async throws -> [String] {
        try await store.events(
            aggregateType: "order", aggregateID: key, after: 0, limit: 100
        ).map(\.event.type)
    }

    /// The saga's journal as its kinds.
    fileprivate func kinds(_ id: SagaID) async throws -> [String] {
        try await store.journal(of: id, after: 0, limit: 100).flatMap { row in
            try Value(json: row.body)["entries"]?.elements?.compactMap { $0["kind"]?.text } ?? []
        }
    }
}

@Suite struct `An event that is appended` {
    @Test func `goes out behind those before it in its aggregate`() async throws {
        try await Workshop().running { workshop in
            // A broker that takes its time, and for every seventh the most.
            workshop.bus.delayPublishing { events in
                let last = events.last?.version ?? 0
                for _ in 0..<(7 - last % 7) * 20 { await Task.yield() }
            }
            for number in 1...70 {
                let answer = try await workshop.append(
                    event("shipped", of: "o-1", id: "e-\(number)"))
                #expect(answer == .appended(version: Int64(number)))
            }
            try await workshop.passTime { workshop.bus.publishedEvents.count == 70 }
            #expect(workshop.bus.publishedEvents.map(\.version) == Array(1...70))
        }
    }

    @Test func `is stored, published once, and known when it comes again`() async throws {
        try await Workshop().running { workshop in
            let first = event("shipped", of: "o-1", body: #"{ "a": 1.0 }"#)
            #expect(try await workshop.append(first) == .appended(version: 1))
            #expect(try await workshop.append(first) == .known)
            #expect(
                try await workshop.append(event("shipped", of: "o-1", id: "e-2"))
                    == .appended(version: 2))
            try await workshop.passTime { workshop.bus.publishedEvents.count == 2 }
            #expect(workshop.bus.publishedEvents.map(\.version) == [1, 2])
            #expect(workshop.bus.publishedEvents.first?.sagaID == nil)
            let door: any EventDoor = workshop.coordinator
            #expect(try await door.event(id: "e-1")?.event == first)
            #expect(
                try await door.events(aggregateID: "o-1", after: nil, limit: 10).map(\.version)
                    == [1, 2])
            #expect(try await door.events(after: nil, limit: 10).events.count == 2)
        }
    }

    @Test func `is committed together with those that come at the same time`() async throws {
        try await Workshop().running { workshop in
            let gate = Gate()
            workshop.store.beforeNext(.append) { await gate.wait() }
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        _ = try await workshop.append(
                            event("shipped", of: "o-\(number)", id: "e-\(number)"))
                    }
                }
                for _ in 0..<2000 { await Task.yield() }
                gate.open()
                try await group.waitForAll()
            }
            #expect(workshop.store.calls(of: .append) < 50)
        }
    }

    @Test func `is refused where no store keeps it, or it belongs to no stream`() async throws {
        try await Workshop().running { workshop in
            var strange = event("shipped", of: "o-1")
            strange.stream = "PARCELS"
            var outside = event("shipped", of: "o-1")
            outside.type = "PARCELS.shipped"
            var other = event("shipped", of: "o-1")
            other.aggregateType = "parcel"
            for bad in [
                strange, outside, other, event("", of: "o-1"), event("shipped", of: "o\u{0}"),
                event("shipped", of: "o-1", id: ""), event("paymentdebited", of: "o", body: "{"),
            ] {
                let problem = await #expect(throws: AppendProblem.self) {
                    try await workshop.append(bad)
                }
                guard case .invalid? = problem else {
                    Issue.record("expected invalid, found \(String(describing: problem))")
                    continue
                }
            }
            #expect(workshop.coordinator.knownStreams == ["ORDERS": "order"])
        }
    }

    @Test func `is held while the store is away, and not for ever`() async throws {
        try await Workshop().running { workshop in
            workshop.store.setAway(true)
            let held = Task { try await workshop.append(event("shipped", of: "o-1")) }
            let soon = workshop.clock.now() + .seconds(3)
            let late = Task {
                try await workshop.coordinator.append(
                    event("shipped", of: "o-1", id: "e-2"), until: soon)
            }
            let problem = await #expect(throws: AppendProblem.self) {
                try await withTimePassing(workshop) { try await late.value }
            }
            guard case .unavailable? = problem else {
                Issue.record("expected unavailable, found \(String(describing: problem))")
                return
            }
            workshop.store.setAway(false)
            let answer = try await withTimePassing(workshop) { try await held.value }
            #expect(answer == .appended(version: 1))
        }
    }

    @Test func `is turned away when too much waits`() async throws {
        var limits = CoordinatorLimits()
        limits.appendQueue = 0
        try await Workshop(limits: limits).running { workshop in
            let problem = await #expect(throws: AppendProblem.self) {
                try await workshop.append(event("shipped", of: "o-1"))
            }
            guard case .overloaded? = problem else {
                Issue.record("expected overloaded, found \(String(describing: problem))")
                return
            }
        }
    }

    @Test func `does not fail its neighbours where the store fails on it`() async throws {
        try await Workshop().running { workshop in
            workshop.store.failNext(
                .append, .error(StoreError(.unexpected, "one of them is broken")))
            let answer = try await workshop.append(event("shipped", of: "o-1"))
            #expect(answer == .appended(version: 1))
        }
    }

    @Test func `wakes those who follow`() async throws {
        try await Workshop().running { workshop in
            let door: any EventDoor = workshop.coordinator
            let far = workshop.clock.now() + .seconds(1_000_000)
            let mark = await door.waitForEvents(since: 0, until: far)
            #expect(mark > 0)
            async let next = door.waitForEvents(since: mark, until: far)
            _ = try await workshop.append(event("shipped", of: "o-1"))
            #expect(await next != mark)
        }
    }

    @Test func `of another daemon is looked for at an interval`() async throws {
        let workshop = Workshop()
        let mark = await workshop.coordinator.waitForEvents(since: 0, until: Sample.time(1_000))
        async let next = workshop.coordinator.waitForEvents(
            since: mark, until: Sample.time(1_000))
        await workshop.clock.sleepers(atLeast: 1)
        _ = workshop.clock.advanceToNextWakeUp()
        #expect(await next == mark)
        #expect(workshop.clock.now() == Sample.time(1))
    }
}

@Suite struct `An outcome event that is appended` {
    @Test func `while the step's command is open is its outcome`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            let saga = try await workshop.start("o-1")
            #expect(
                try await workshop.append(event("paymentdebited", of: "o-1"))
                    == .appended(version: 2))
            #expect(
                try await workshop.append(event("approved", of: "o-1", id: "e-2"))
                    == .appended(version: 3))
            let record = try await workshop.end(of: saga)
            #expect(record.status == .completed)
            #expect(
                try await workshop.types("o-1") == [
                    "ORDERS.created", "ORDERS.paymentdebited", "ORDERS.approved",
                ])
            try await workshop.passTime { workshop.bus.publishedEvents.count == 3 }
            #expect(
                workshop.bus.publishedEvents.filter { $0.sagaID == nil }.map(\.event.id).sorted()
                    == ["e-1", "e-2"])
        }
    }

    @Test func `twice is journalled, and neither stored nor published a second time`() async throws
    {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            let saga = try await workshop.start("o-1")
            _ = try await workshop.append(event("paymentdebited", of: "o-1"))
            #expect(
                try await workshop.append(event("paymentdebited", of: "o-1", id: "e-2"))
                    == .absorbed("step payment has the outcome 'debited' already"))
            #expect(try await workshop.append(event("paymentdebited", of: "o-1")) == .known)
            #expect(
                try await workshop.types("o-1") == ["ORDERS.created", "ORDERS.paymentdebited"])
            #expect(try await workshop.kinds(saga.identity.id).last == "event_repeated")
            try await workshop.passTime { workshop.bus.publishedEvents.count == 2 }
        }
    }

    @Test func `before its step is open is kept until then`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            let saga = try await workshop.start("o-1")
            _ = try await workshop.append(event("approved", of: "o-1"))
            #expect(
                try await workshop.types("o-1") == ["ORDERS.created", "ORDERS.approved"])
            workshop.approveEverything()
            workshop.bus.offerAgain()
            _ = try await withTimePassing(workshop) { try await workshop.end(of: saga) }
            #expect(
                try await workshop.types("o-1") == [
                    "ORDERS.created", "ORDERS.approved", "ORDERS.paymentdebited",
                ])
        }
    }

    @Test func `before its saga starts is an outcome of the saga`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            #expect(
                try await workshop.append(event("paymentdebited", of: "o-1"))
                    == .appended(version: 1))
            let saga = try await workshop.start("o-1")
            let record = try await workshop.store.load([saga.identity.id]).first
            let state = try SagaState(record: try #require(record))
            #expect(state.steps["payment"]?.outcome == "debited")
            #expect(state.open.isEmpty)
            #expect(workshop.bus.sentCommands.isEmpty)
        }
    }

    @Test func `after the end of its saga is a late reply`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        workshop.bus.participant(on: "payments.debit") { _ in .outcome("declined") }
        workshop.bus.participant(on: "payments.void") { _ in .outcome("done") }
        try await workshop.running { workshop in
            let saga = try await workshop.start("o-1")
            _ = try await workshop.end(of: saga)
            #expect(
                try await workshop.append(event("paymentdebited", of: "o-1"))
                    == .absorbed("step payment has another outcome than 'debited' already"))
            try await workshop.passTime {
                try await workshop.kinds(saga.identity.id).contains("step_compensated")
            }
            #expect(
                try await workshop.append(event("approved", of: "o-1", id: "e-2"))
                    == .appended(version: 4))
        }
    }

    @Test func `is decided again where the saga changed underneath`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            _ = try await workshop.start("o-1")
            workshop.store.failNext(.commit, .conflict, times: 3)
            #expect(
                try await workshop.append(event("paymentdebited", of: "o-1"))
                    == .appended(version: 2))
        }
    }

    @Test func `is known where it was stored for another aggregate`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            _ = try await workshop.append(event("shipped", of: "o-9"))
            _ = try await workshop.start("o-1")
            #expect(try await workshop.append(event("paymentdebited", of: "o-1")) == .known)
        }
    }
}

@Suite struct `An outcome event that races with the start of its saga` {
    @Test func `is heard of where the start comes between the look and the append`() async throws {
        var limits = CoordinatorLimits()
        // Not only when it looks back.
        limits.lookBack = .seconds(100_000_000)
        let workshop = Workshop(keyed: limits)
        try await workshop.running { workshop in
            workshop.store.beforeNext(.append) {
                _ = try? await workshop.start("o-1")
            }
            #expect(
                try await workshop.append(event("paymentdebited", of: "o-1"))
                    == .appended(version: 2))
            try await workshop.passTime {
                let record = try await workshop.store.find(definition: "order", key: "o-1")
                return try SagaState(record: try #require(record)).steps["payment"]?.outcome
                    == "debited"
            }
            #expect(
                try await workshop.types("o-1") == ["ORDERS.created", "ORDERS.paymentdebited"])
        }
    }

    @Test func `is heard of where the append comes between the look and the start`() async throws {
        let workshop = Workshop(keyed: CoordinatorLimits())
        try await workshop.running { workshop in
            workshop.store.beforeNext(.start) {
                _ = try? await workshop.append(event("paymentdebited", of: "o-1"))
            }
            let saga = try await workshop.start("o-1")
            try await workshop.passTime {
                let record = try await workshop.store.load([saga.identity.id]).first
                return try SagaState(record: try #require(record)).steps["payment"]?.outcome
                    == "debited"
            }
            #expect(
                try await workshop.types("o-1") == ["ORDERS.paymentdebited", "ORDERS.created"])
        }
    }

    @Test func `is found when the saga looks back, although both daemons died`() async throws {
        let clock = ManualClock()
        let store = InMemoryStore(clock: clock)
        let first = Workshop(store: store, clock: clock, definitions: [Workshop.keyed])
        try await first.running { workshop in
            _ = try await workshop.start("o-1")
            // As a daemon did that looked for the saga before it had started, and died.
            _ = try await store.append([
                EventAppend(event: event("paymentdebited", of: "o-1"), at: clock.now())
            ])
        }
        let second = Workshop(store: store, clock: clock, definitions: [Workshop.keyed])
        try await second.running { workshop in
            try await workshop.passTime {
                let record = try await store.find(definition: "order", key: "o-1")
                let state = try SagaState(record: try #require(record))
                return state.steps["payment"]?.outcome == "debited" && state.looksBackAt == nil
            }
            #expect(clock.now() <= Sample.time(90))
        }
    }
}

/// Holds up whoever waits until it is opened.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Lets time pass step by step while something is waited for.
private func withTimePassing<Answer: Sendable>(
    _ workshop: Workshop, _ body: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            while !Task.isCancelled {
                _ = workshop.clock.advanceToNextWakeUp()
                for _ in 0..<200 { await Task.yield() }
            }
            return nil
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next(), let answer else { throw CancellationError() }
        return answer
    }
}
