import GRPCCore
import SagaCore
import SagaRuntime
import SwiftProtobuf
import Testing

@testable import EventStoreRPC

/// `GetEvents`, asked over a real connection.
@Suite(.timeLimit(.minutes(5))) struct `Reading events` {
    @Test func `finds them by event, by aggregate, and by both`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.record(.order(1, of: "o-1"))
            rig.door.record(.order(2, of: "o-2"))
            rig.door.record(.order(3, of: "o-1"))
            let found = try await [
                store.ids(event: "e-2"), store.ids(aggregate: "o-1"),
                store.ids(event: "e-3", aggregate: "o-1"),
                store.ids(event: "e-2", aggregate: "o-1"), store.ids(event: "e-9"),
                store.ids(aggregate: "o-9"),
            ]
            #expect(found == [["e-2"], ["e-1", "e-3"], ["e-3"], [], [], []])
        }
    }

    @Test func `answers every field as it was stored`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.record(.order(1))
            rig.door.record(.order(2, data: nil))
            let events = try await store.getEvents(.with { $0.aggregateID = "o-1" }).events
            var second = Eventstore_Event.order(2)
            second.eventData = ""
            #expect(events == [.order(1), second])
        }
    }

    @Test func `wants a filter`() async throws {
        try await Rig().withStore { rig, store in
            let found = await status { try await store.getEvents(.init()) }
            #expect(found?.code == .invalidArgument)
            #expect(
                found?.message == "expected event_id, aggregate_id or both, found neither; "
                    + "GetEventsStream follows everything")
            #expect(rig.door.calls == 0)
        }
    }

    @Test func `reads a long aggregate in pages`() async throws {
        try await Rig(limits: RPCLimits(pageEvents: 10)).withStore { rig, store in
            for number in 1...30 { rig.door.record(.order(number)) }
            let ids = try await store.ids(aggregate: "o-1")
            #expect(ids.count == 30)
            #expect(rig.door.limitsAsked == [10, 10, 10, 10])
        }
    }

    @Test func `answers up to its limit to the byte, and names the stream beyond`() async throws {
        let events = (1...20).map { Eventstore_Event.order($0) }
        let whole =
            try Eventstore_GetEventsResponse.with { $0.events = events }
            .serializedBytes() as [UInt8]
        for (limit, fits) in [(whole.count, true), (whole.count - 1, false)] {
            let limits = RPCLimits(answerBytes: limit, pageEvents: 7)
            try await Rig(limits: limits).withStore { rig, store in
                for number in 1...20 { rig.door.record(.order(number)) }
                let found = await status { try await store.ids(aggregate: "o-1") }
                #expect(found?.code == (fits ? nil : .resourceExhausted))
                #expect((found?.message.contains("GetEventsStream") ?? false) == !fits)
            }
        }
    }

    @Test func `is held while the store is away`() async throws {
        try await Rig().withStore { rig, store in
            let door = rig.door
            door.record(.order(1))
            door.mishap {
                if door.calls < 3 { throw StoreError(.unavailable, "away") }
            }
            let ids = try await store.ids(event: "e-1")
            #expect(ids == ["e-1"])
            #expect(door.calls == 3)
        }
    }

    @Test func `waits where too many answers are being put together`() async throws {
        let limits = RPCLimits(patience: .milliseconds(200), readers: 1)
        try await Rig(limits: limits).withStore { rig, store in
            let (arrived, leave) = (Gate(), Gate())
            rig.door.record(.order(1))
            rig.door.mishap {
                arrived.open()
                await leave.wait()
            }
            async let first = store.ids(event: "e-1")
            await arrived.wait()
            let found = await status { try await store.ids(event: "e-1") }
            #expect(found?.code == .resourceExhausted)
            #expect(found?.message == "too many answers are being read: try again later")
            leave.open()
            let ids = try await first
            #expect(ids == ["e-1"])
        }
    }
}

@Suite struct `A deadline on the wire` {
    @Test(arguments: [
        ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("30S", .seconds(30)),
        ("29999987u", .microseconds(29_999_987)), ("500m", .milliseconds(500)),
        ("99999999n", .nanoseconds(99_999_999)),
    ])
    func `is a number and a unit`(text: String, duration: Duration) {
        #expect(CallDeadline.timeout(text) == duration)
    }

    @Test(arguments: ["", "S", "1", "1x", "-1S", "123456789S", "1.5S", "٣S"])
    func `is nothing else`(text: String) {
        #expect(CallDeadline.timeout(text) == nil)
    }

    @Test func `leaves time for the answer`() {
        let now = Instant(microseconds: 0)
        let long = CallDeadline(["sagad-timeout": "10S"], now: now, patience: .seconds(30))
        #expect(long.at == now + .milliseconds(9900) && long.isClients)
        let short = CallDeadline(["sagad-timeout": "100m"], now: now, patience: .seconds(30))
        #expect(short.at == now + .milliseconds(90))
        let none = CallDeadline([:], now: now, patience: .seconds(30))
        #expect(none.at == now + .seconds(30) && !none.isClients)
    }

    @Test func `is kept from gRPC, which would have a task sleep for all of it`() {
        var metadata: Metadata = ["grpc-timeout": "10S", "sagad-timeout": "1S", "other": "1"]
        CallDeadline.rename(in: &metadata)
        #expect(metadata == ["other": "1", "sagad-timeout": "10S"])
        var none: Metadata = ["sagad-timeout": "1S"]
        CallDeadline.rename(in: &none)
        #expect(none == [:])
    }
}
