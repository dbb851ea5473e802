import Logging
import SagaCore
import SagaTestKit
import Synchronization
import Testing

@testable import SagaRuntime

@Suite struct `A watch over debt` {
    private let workshop = Workshop()
    private let lines = LogLines()
    private let isOurs = Holding()

    private final class Holding: Sendable {
        let holds = Atomic(true)
    }

    private var watch: DebtWatch {
        DebtWatch(
            reader: DebtReader(
                store: workshop.store, clock: workshop.clock, after: .seconds(300)),
            clock: workshop.clock,
            isOurs: { [isOurs] in isOurs.holds.load(ordering: .relaxed) },
            logger: Logger(label: "test") { [lines] _ in lines })
    }

    /// Has an order rejected whose payment is not given back.
    private func rejected(_ workshop: Workshop) async throws {
        workshop.approveEverything()
        workshop.bus.participant(on: "reviews.review") { _ in .outcome("rejected") }
        workshop.bus.participant(on: "payments.void") { _ in
            .error("no-account", isRetriable: false)
        }
        let saga = try await workshop.order(19.5)
        try await workshop.passTime {
            try await workshop.store.load([saga.identity.id]).first?.status == .stuck
        }
    }

    @Test func `tells once what is stuck, and counts it for as long as it is`() async throws {
        try await workshop.running { workshop in
            try await rejected(workshop)
            workshop.clock.advance(by: .seconds(60))
            var known = DebtWatch.Known()
            let first = await watch.look(&known)
            let second = await watch.look(&known)
            #expect(first?.stuckCompensations == 1)
            #expect(first?.stuckSteps == 0)
            #expect(first?.openCompensations == 0)
            #expect((first?.oldest ?? .zero) >= .seconds(60))
            #expect(second == first)
            #expect(lines.all.count == 1)
            let line = lines.all.first ?? ""
            #expect(
                line.hasPrefix("a compensation is stuck: an operator has to see to it amount=19.5"))
            #expect(line.contains(" step=payment"))
        }
    }

    @Test func `leaves it to the daemon that holds the first shard`() async throws {
        try await workshop.running { workshop in
            try await rejected(workshop)
            isOurs.holds.store(false, ordering: .relaxed)
            var known = DebtWatch.Known()
            #expect(await watch.look(&known) == nil)
            #expect(lines.all == [])
            isOurs.holds.store(true, ordering: .relaxed)
            #expect(await watch.look(&known)?.stuckCompensations == 1)
        }
    }
}
