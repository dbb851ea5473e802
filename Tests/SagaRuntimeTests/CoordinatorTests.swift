import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@Suite struct `A coordinator` {
    @Test func `drives an order to its end and publishes what happened`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            let record = try await workshop.end(of: saga)
            #expect(record.status == .completed)
            #expect(record.version == 3)
            #expect(record.wakeAt == nil)
            let types = ["ORDERS.created", "ORDERS.paymentdebited", "ORDERS.approved"]
            #expect(try await workshop.events(of: saga) == types)
            try await workshop.passTime { workshop.bus.publishedEvents.count == 3 }
            #expect(workshop.bus.publishedEvents.map(\.version) == [1, 2, 3])
            try await workshop.passTime { workshop.bus.openReplies == 0 }
        }
    }

    @Test func `takes back what was done when a participant says no`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        workshop.bus.participant(on: "reviews.review") { _ in .outcome("rejected") }
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            let record = try await workshop.end(of: saga)
            #expect(record.status == .compensated)
            #expect(
                try await workshop.events(of: saga) == [
                    "ORDERS.created", "ORDERS.paymentdebited", "ORDERS.paymentvoided",
                    "ORDERS.rejected",
                ])
        }
    }

    @Test func `drives many orders at once`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        try await workshop.running { workshop in
            try await withThrowingTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask {
                        let record = try await workshop.end(of: try await workshop.order())
                        #expect(record.status == .completed)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `sends a command again that the broker lost`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        workshop.bus.failNextCommands(.lose)
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            try await workshop.passTime {
                try await workshop.store.load([saga.identity.id]).first?.endedAt != nil
            }
            let debits = workshop.bus.sentCommands.filter { $0.command.path == "payment" }
            #expect(Set(debits.map(\.command.id)).count == 1)
        }
    }

    @Test func `publishes an event again that the broker lost`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        workshop.bus.failNextEvents(.loseUnacknowledged, times: 2)
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            _ = try await workshop.end(of: saga)
            try await workshop.passTime {
                Set(workshop.bus.publishedEvents.map(\.event.id)).count == 3
            }
        }
    }

    @Test func `goes on where a daemon that was killed stopped`() async throws {
        let clock = ManualClock()
        let store = InMemoryStore(clock: clock)
        let lost = InMemoryBus(clock: clock)
        let first = Workshop(store: store, bus: lost, clock: clock)
        var saga: StartedSaga?
        try await first.running { saga = try await $0.order() }
        let started = try #require(saga)
        let second = Workshop(store: store, clock: clock)
        second.approveEverything()
        try await second.running { workshop in
            let record = try await workshop.end(of: started)
            #expect(record.status == .completed)
        }
    }
}

@Suite struct `A coordinator under faults of its store` {
    @Test func `decides again when the saga changed underneath`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        workshop.store.failNext(.commit, .conflict, times: 3)
        try await workshop.running { workshop in
            let record = try await workshop.end(of: try await workshop.order())
            #expect(record.status == .completed)
        }
    }

    @Test func `tells callers to come again while the store is away`() async throws {
        let workshop = Workshop()
        workshop.store.setAway(true)
        try await workshop.running { workshop in
            await #expect(throws: StartProblem.self) { try await workshop.order() }
        }
    }

    @Test func `loses no reply while the store is away`() async throws {
        let workshop = Workshop()
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            try await workshop.passTime { !workshop.bus.sentCommands.isEmpty }
            workshop.store.setAway(true)
            workshop.approveEverything()
            workshop.bus.offerAgain()
            for _ in 0..<50 { _ = workshop.clock.advanceToNextWakeUp() }
            workshop.store.setAway(false)
            try await workshop.passTime {
                try await workshop.store.load([saga.identity.id]).first?.endedAt != nil
            }
        }
    }
}

@Suite struct `A coordinator's replies` {
    @Test func `go to the dead letters when they cannot be read or name no saga`() async throws {
        let workshop = Workshop()
        workshop.approveEverything()
        try await workshop.running { workshop in
            workshop.bus.injectReply(subject: "saga.reply.nonsense", body: [])
            let stranger = ReplyText.subject(
                sagaID: SagaID(high: 7, low: 7), commandID: CommandID(high: 1, low: 1), attempt: 1)
            workshop.bus.injectReply(
                subject: stranger, body: Array(#"{"outcome": "debited"}"#.utf8))
            try await workshop.passTime { workshop.bus.deadLetters.count == 2 }
            #expect(
                Set(workshop.bus.deadLetters.map(\.reason.code)) == ["unreadable", "unknown-saga"])
            #expect(try await workshop.end(of: try await workshop.order()).status == .completed)
        }
    }

    @Test func `go to the dead letters when the step has no such outcome`() async throws {
        let workshop = Workshop()
        workshop.bus.participant(on: "payments.debit") { _ in .outcome("debitted") }
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            try await workshop.passTime(steps: 200) { !workshop.bus.deadLetters.isEmpty }
            #expect(workshop.bus.deadLetters.first?.reason.code == "unknown-outcome")
            let record = try await workshop.store.load([saga.identity.id]).first
            #expect(record?.status == .running)
        }
    }
}

@Suite struct `A reply that cannot be decided` {
    /// A saga whose payment was sent, with its command, after the daemon that started it is gone.
    private func orphan(
        on store: InMemoryStore, _ clock: ManualClock
    ) async throws -> (StartedSaga, OutgoingCommand) {
        let first = Workshop(store: store, clock: clock)
        var saga: StartedSaga?
        try await first.running { workshop in
            saga = try await workshop.order()
            try await workshop.passTime { !workshop.bus.sentCommands.isEmpty }
        }
        return (try #require(saga), try #require(first.bus.sentCommands.first))
    }

    @Test func `waits for a daemon that can read its saga`() async throws {
        let clock = ManualClock()
        let store = InMemoryStore(clock: clock)
        let (saga, command) = try await orphan(on: store, clock)
        _ = try await store.commit([
            Transition(
                sagaID: saga.identity.id, expectedVersion: 1, status: .running, state: [0xff],
                wakeAt: nil, at: clock.now(), endedAt: nil, journal: [1], decisionHash: [1],
                events: [])
        ])
        let workshop = Workshop(store: store, clock: clock)
        try await workshop.running { workshop in
            workshop.bus.reply(.outcome("debited", .map(Members())), to: command)
            let loads = workshop.store.calls(of: .load)
            // It comes again and again; a dead letter would not.
            try await workshop.passTime(steps: 2000) {
                workshop.store.calls(of: .load) > loads + 2
            }
            #expect(workshop.bus.deadLetters.isEmpty)
            #expect(workshop.bus.openReplies == 1)
        }
    }

    @Test func `is no dead letter where the daemon stops while the store is away`() async throws {
        let clock = ManualClock()
        let store = InMemoryStore(clock: clock)
        let (_, command) = try await orphan(on: store, clock)
        let workshop = Workshop(store: store, clock: clock)
        store.setAway(true)
        try await workshop.running { workshop in
            workshop.bus.reply(.outcome("debited", .map(Members())), to: command)
            try await workshop.passTime { workshop.store.calls(of: .load) > 1 }
        }
        #expect(workshop.bus.deadLetters.isEmpty)
        #expect(workshop.bus.openReplies == 1)
    }
}

@Suite struct `A wish to start a saga` {
    @Test func `gets the same answer when it comes again under its idempotency key`() async throws {
        let workshop = Workshop()
        try await workshop.running { workshop in
            let first = try await workshop.order(idempotencyKey: "k-1")
            let second = try await workshop.order(idempotencyKey: "k-1")
            #expect(second.identity == first.identity)
            #expect(second.document == first.document)
            #expect(second.isRepeated)
            await #expect(throws: StartProblem.self) {
                try await workshop.order(20, idempotencyKey: "k-1")
            }
        }
    }

    @Test func `is turned away when too much waits`() async throws {
        var limits = CoordinatorLimits()
        limits.queue = 0
        let workshop = Workshop(limits: limits)
        try await workshop.running { workshop in
            await #expect(throws: StartProblem.self) { try await workshop.order() }
        }
    }

    @Test func `is refused when it names no definition`() async throws {
        let workshop = Workshop()
        let request = StartRequest(definition: "oder", body: [:], digest: [])
        await #expect(throws: StartProblem.self) {
            _ = try await workshop.coordinator.start(request)
        }
    }
}

@Suite struct `An operator's cancel` {
    @Test func `turns a saga round and is answered with the saga`() async throws {
        let workshop = Workshop()
        try await workshop.running { workshop in
            let saga = try await workshop.order()
            let action = OperatorAction(by: "kim", reason: "the customer called")
            let record = try await workshop.coordinator.operate(
                on: saga.identity.id, .cancel(action))
            #expect(record.status == .compensating)
            await #expect(throws: OperatorProblem.self) {
                _ = try await workshop.coordinator.operate(
                    on: saga.identity.id, .cancel(action))
            }
        }
    }

    @Test func `of an unknown saga is refused`() async throws {
        let workshop = Workshop()
        try await workshop.running { workshop in
            let action = OperatorAction(by: "kim", reason: "a typing error")
            await #expect(throws: OperatorProblem.self) {
                _ = try await workshop.coordinator.operate(
                    on: SagaID(high: 7, low: 7), .cancel(action))
            }
        }
    }
}
