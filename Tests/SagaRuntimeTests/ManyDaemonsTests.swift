import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `Of several daemons on one store` {
    private let clock = ManualClock()
    private let store: InMemoryStore

    init() { store = InMemoryStore(clock: clock) }

    /// A daemon with a bus of its own, so that it shows who sent what.
    private func daemon() -> Workshop { Workshop(store: store, clock: clock) }

    /// The shard of a saga or of a command's saga.
    private func shard(_ id: SagaID) -> Int { id.shard(of: StoreLimits.shards) }

    /// Runs two daemons once each has its share of the shards.
    private func sharing(
        _ first: Workshop, _ second: Workshop,
        _ body: (_ first: Workshop, _ second: Workshop) async throws -> Void
    ) async throws {
        try await first.running { first in
            try await second.running { second in
                try await first.passTime {
                    first.shards.count == 8 && second.shards.count == 8
                }
                try await body(first, second)
            }
        }
    }

    /// Sagas whose daemon crashed before it could send or publish anything.
    private func orphans(_ count: Int) async throws -> [StartedSaga] {
        let lost = daemon()
        var sagas: [StartedSaga] = []
        try await lost.running { lost in
            lost.bus.setAway(true)
            for _ in 0..<count { sagas.append(try await lost.order()) }
            store.failNext(.leave, .unavailable)
        }
        return sagas
    }

    @Test func `each takes over its share of what a crash left, once and within 10 s`()
        async throws
    {
        let sagas = try await orphans(40)
        let crash = clock.now()
        let (first, second) = (daemon(), daemon())
        try await sharing(first, second) { first, second in
            try await first.passTime {
                first.bus.sentCommands.count + second.bus.sentCommands.count >= sagas.count
                    && first.bus.publishedEvents.count + second.bus.publishedEvents.count
                        >= sagas.count
            }
            #expect(clock.now() - crash <= .seconds(10))
            let sent = first.bus.sentCommands + second.bus.sentCommands
            #expect(Set(sent.map(\.saga.id)) == Set(sagas.map(\.identity.id)))
            #expect(sent.count == sagas.count)
            for daemon in [first, second] {
                let shards = Set(daemon.shards)
                #expect(daemon.bus.sentCommands.allSatisfy { shards.contains(shard($0.saga.id)) })
                #expect(
                    daemon.bus.publishedEvents.allSatisfy { event in
                        event.sagaID.map { shards.contains(shard($0)) } ?? false
                    })
            }
        }
    }

    @Test func `one that stops hands its shards over at once`() async throws {
        let (first, second) = (daemon(), daemon())
        var sagas: [StartedSaga] = []
        try await first.running { first in
            try await second.running { second in
                try await first.passTime {
                    first.shards.count == 8 && second.shards.count == 8
                }
                for _ in 0..<16 { sagas.append(try await second.order()) }
                try await first.passTime { second.bus.sentCommands.count == sagas.count }
            }
            let stopped = clock.now()
            let left = sagas.map(\.identity.id).filter { !first.shards.contains(shard($0)) }
            try await first.passTime {
                Set(left).isSubset(of: first.bus.sentCommands.map(\.saga.id))
            }
            #expect(clock.now() - stopped <= .seconds(2))
            #expect(first.shards.count == StoreLimits.shards)
        }
    }

    @Test func `one that crashes loses its shards within 10 s, and its timers fire once`()
        async throws
    {
        let (first, second) = (daemon(), daemon())
        var sagas: [StartedSaga] = []
        var crash = clock.now()
        try await first.running { first in
            try await second.running { second in
                try await first.passTime {
                    first.shards.count == 8 && second.shards.count == 8
                }
                for _ in 0..<16 { sagas.append(try await second.order()) }
                crash = clock.now()
                store.failNext(.leave, .unavailable)
            }
            try await first.passTime { first.shards.count == StoreLimits.shards }
            #expect(clock.now() - crash <= .seconds(10))
            // Nobody answers: each payment times out after ten seconds and is tried again.
            try await first.passTime { Set(first.commands(attempt: 2)).count == sagas.count }
            #expect(first.commands(attempt: 2).count == sagas.count)
            #expect(store.conflictsMet == 0)
        }
    }

    @Test func `any takes a reply, also where another one wrote the saga last`() async throws {
        let (first, second) = (daemon(), daemon())
        try await sharing(first, second) { first, second in
            let saga = try await first.order()
            try await first.passTime { !first.bus.sentCommands.isEmpty }
            second.bus.reply(.outcome("debited", .map(Members())), to: first.bus.sentCommands[0])
            try await first.passTime { !second.bus.sentCommands.isEmpty }
            // The first one still has the saga in memory as it wrote it.
            first.bus.reply(
                .outcome("approved", .map(Members())), to: second.bus.sentCommands[0])
            try await first.passTime {
                try await store.load([saga.identity.id]).first?.endedAt != nil
            }
            let record = try await store.load([saga.identity.id]).first
            #expect(record?.status == .completed)
            #expect(record?.version == 3)
            #expect(store.conflictsMet == 0)
        }
    }

    @Test func `one hears of an end that another one wrote`() async throws {
        let (first, second) = (daemon(), daemon())
        try await sharing(first, second) { first, second in
            let saga = try await first.order()
            try await first.passTime { !first.bus.sentCommands.isEmpty }
            let until = clock.now() + .seconds(60)
            async let ended = first.coordinator.waitForEnd(of: saga.identity.id, until: until)
            second.approveEverything()
            second.bus.reply(.outcome("debited", .map(Members())), to: first.bus.sentCommands[0])
            try await first.passTime {
                try await store.load([saga.identity.id]).first?.endedAt != nil
            }
            let seen = clock.now()
            try await first.passTime { clock.now() - seen > .seconds(2) }
            #expect(try await ended?.status == .completed)
            #expect(clock.now() < until)
        }
    }

    @Test func `the one that wrote a saga wakes it, and nobody conflicts with it`() async throws {
        let (first, second) = (daemon(), daemon())
        try await sharing(first, second) { first, second in
            var sagas: [StartedSaga] = []
            for _ in 0..<16 { sagas.append(try await first.order()) }
            try await first.passTime { Set(first.commands(attempt: 3)).count == sagas.count }
            #expect(first.commands(attempt: 2).count == sagas.count)
            #expect(store.conflictsMet == 0)
            #expect(second.bus.sentCommands.isEmpty)
        }
    }
}

extension Workshop {
    /// The shards that this daemon has now.
    fileprivate var shards: [Int] { coordinator.plant.leases.shards }

    /// The sagas whose commands this daemon sent as that attempt, each as often as it did.
    fileprivate func commands(attempt: Int) -> [SagaID] {
        bus.sentCommands.filter { $0.command.attempt == attempt }.map(\.saga.id)
    }
}
