import Logging
import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `Sending stored events again` {
    private func republish(
        _ yard: Yard, _ selection: Republishing.Selection
    ) async throws -> ReplayCount {
        try await Republishing(
            store: yard.store, bus: yard.bus, clock: yard.clock, limits: yard.limits,
            logger: Logger(label: "test") { _ in yard.lines }
        ).run(selection)
    }

    private func all() -> Republishing.Selection {
        Republishing.Selection(from: Sample.epoch, to: Sample.time(1_000_000))
    }

    @Test func `sends events again under their ids, which the stream recognises`() async throws {
        let yard = try await Yard()
        try await yard.publish(10)
        let count = try await republish(yard, all())
        #expect([count.sent, count.stored, count.known, count.refused] == [10, 0, 10, 0])
        #expect(try await yard.isWhole())
        yard.bus.forgetMessageIDs()
        let again = try await republish(yard, all())
        #expect([again.sent, again.stored, again.known] == [10, 10, 0])
        #expect(yard.published.count == 20)
    }

    @Test func `takes events from one time on and before another`() async throws {
        let yard = try await Yard()
        for _ in 0..<5 {
            _ = try await yard.append(3)
            yard.clock.advance(by: .seconds(10))
        }
        let selection = Republishing.Selection(from: Sample.time(10), to: Sample.time(30))
        #expect(try await republish(yard, selection).stored == 6)
        #expect(yard.published == (3..<9).map { "e-\($0)" })
    }

    @Test func `takes the events of one stream, or of one aggregate`() async throws {
        let yard = try await Yard()
        try await yard.bus.prepare(streams: ["ORDERS", "PARCELS"])
        var parcel = Sample.append("p", aggregateType: "parcel", type: "PARCELS.sent")
        parcel.event.stream = "PARCELS"
        _ = try await yard.store.append(
            [parcel] + (1...9).map { Sample.append("a-\($0)", of: "a") }
                + [Sample.append("b-1", of: "b")])
        var selection = all()
        selection.stream = "PARCELS"
        #expect(try await republish(yard, selection).stored == 1)
        #expect(yard.published == ["p"])
        selection = all()
        selection.aggregate = ViewKey(collection: "order", id: "a")
        #expect(try await republish(yard, selection).stored == 9)
        #expect(yard.published == ["p"] + (1...9).map { "a-\($0)" })
        selection.stream = "PARCELS"
        #expect(try await republish(yard, selection).sent == 0)
    }

    @Test func `counts what is refused, and gives up where nothing is acknowledged`() async throws {
        let yard = try await Yard()
        _ = try await yard.append(3)
        yard.bus.failNextEvents(.refuse("too large"))
        let count = try await republish(yard, all())
        #expect([count.sent, count.stored, count.refused] == [3, 2, 1])
        #expect(count.refusal == "too large")
        yard.bus.setAway(true)
        await #expect(throws: BusError.self) { try await republish(yard, all()) }
    }
}

extension `A coordinator` {
    @Test func `sends every open command again where the broker lost some`() async throws {
        var limits = CoordinatorLimits()
        limits.timerBatch = 3
        let workshop = Workshop(limits: limits)
        try await workshop.running { workshop in
            for _ in 0..<20 { _ = try await workshop.order() }
            try await workshop.passTime { workshop.bus.sentCommands.count == 20 }
            // The messages lie in the stream: only a stream that lost some is a reason.
            let resending = Task { await workshop.coordinator.sendOpenCommandsAgain() }
            try await workshop.passTime { workshop.bus.sentCommands.count == 40 }
            #expect(await resending.value == 20)
            #expect(Set(workshop.bus.sentCommands.map(\.command.id)).count == 20)
            #expect(Set(workshop.bus.sentCommands.map(\.messageID)).count == 40)
        }
    }
}
