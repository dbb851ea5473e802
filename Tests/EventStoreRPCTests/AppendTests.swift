import GRPCCore
import GRPCProtobuf
import SagaCore
import SagaRuntime
import SwiftProtobuf
import Testing

@testable import EventStoreRPC

/// `CreateEvent`, asked over a real connection.
@Suite(.timeLimit(.minutes(5))) struct `Appending an event` {
    @Test func `stores it as it came, data byte for byte`() async throws {
        let data = " {\"b\":1.0,\n\"a\":\"ü\\u00fc\"} "
        try await Rig().withStore { rig, store in
            var event = Eventstore_Event.order()
            event.eventData = data
            let answer = try await store.append(event)
            #expect(answer.isSuccess && answer.error.isEmpty)
            #expect(rig.door.stored == [.order(1, data: data)])
        }
    }

    @Test func `takes an event without data`() async throws {
        try await Rig().withStore { rig, store in
            var event = Eventstore_Event.order()
            event.eventData = ""
            try await store.append(event)
            #expect(rig.door.stored == [.order(1, data: nil)])
        }
    }

    @Test func `succeeds twice under one id, and stores it once`() async throws {
        try await Rig().withStore { rig, store in
            let answers = try await [store.append(.order()), store.append(.order())]
            #expect(answers.map(\.isSuccess) == [true, true])
            #expect(rig.door.stored.count == 1)
            #expect(rig.door.appends.count == 2)
        }
    }

    @Test func `succeeds where the step has its outcome already`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.answer(.absorbed("payment has its outcome"))
            let answer = try await store.append(.order())
            #expect(answer.isSuccess)
            #expect(rig.door.stored == [])
        }
    }

    typealias Wrong = (change: @Sendable (inout Eventstore_Event) -> Void, reason: String)

    static let wrongs: [Wrong] = [
        ({ $0.eventID = "" }, "event.event_id: expected 1 to 255 bytes, found 0"),
        (
            { $0.eventID = String(repeating: "ü", count: 128) },
            "event.event_id: expected 1 to 255 bytes, found 256"
        ),
        ({ $0.eventID = "a\0b" }, "event.event_id: expected text, found a zero byte in it"),
        ({ $0.aggregateID = "" }, "event.aggregate_id: expected 1 to 255 bytes, found 0"),
        (
            { $0.stream = "CARGO" },
            "event.stream: expected one that a definition names (ORDERS), found 'CARGO'"
        ),
        (
            { $0.stream = "" },
            "event.stream: expected one that a definition names (ORDERS), found nothing"
        ),
        (
            { $0.aggregateType = "payment" },
            "event.aggregate_type: expected 'order', which ORDERS belongs to, found 'payment'"
        ),
        ({ $0.eventType = "created" }, typeReason("'created'")),
        ({ $0.eventType = "ORDERS." }, typeReason("'ORDERS.'")),
        ({ $0.eventType = "CARGO.created" }, typeReason("'CARGO.created'")),
        ({ $0.eventType = "ORDERS.a.b" }, typeReason("'ORDERS.a.b'")),
        ({ $0.eventType = "ORDERS.*" }, typeReason("'ORDERS.*'")),
        ({ $0.eventType = "ORDERS.a b" }, typeReason("'ORDERS.a b'")),
        ({ $0.eventType = "" }, typeReason("nothing")),
        (
            { $0.eventType = "ORDERS." + String(repeating: "x", count: 249) },
            typeReason("'ORDERS." + String(repeating: "x", count: 53) + "…'")
        ),
        (
            { $0.eventData = "{\"a\": 1," },
            "event.event_data: expected JSON text or nothing: expected a member's name in quotes, "
                + "found the end of the text (line 1, column 9)"
        ),
        (
            { $0.eventData = " " },
            "event.event_data: expected JSON text or nothing: expected a value, found the end of "
                + "the text (line 1, column 2)"
        ),
    ]

    private static func typeReason(_ found: String) -> String {
        "event.event_type: expected the full subject within its stream, such as 'ORDERS.created': "
            + "one word of visible ASCII without . * > behind the dot, at most 255 bytes in all; "
            + "found \(found)"
    }

    @Test func `refuses what is not of its form, and says what was expected`() async throws {
        try await Rig().withStore { rig, store in
            for wrong in Self.wrongs {
                var event = Eventstore_Event.order()
                wrong.change(&event)
                let found = await status { try await store.append(event) }
                #expect(found?.code == .invalidArgument)
                #expect(found?.message == wrong.reason)
            }
            let none = await status { try await store.createEvent(.init()) }
            #expect(none?.code == .invalidArgument)
            #expect(none?.message == "event: expected an event, found none")
            #expect(rig.door.calls == 0)
        }
    }

    @Test func `is told by the store what can never be stored`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.mishap { throw AppendProblem.invalid("the row is too large") }
            let found = await status { try await store.append(.order()) }
            #expect(found?.code == .invalidArgument && found?.message == "the row is too large")
            #expect(rig.door.calls == 1)
        }
    }

    @Test func `is told when to come again where too much waits`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.mishap { throw AppendProblem.overloaded(retryAfter: .milliseconds(1500)) }
            let found = try #require(await status { try await store.append(.order()) })
            #expect(found.code == .resourceExhausted)
            #expect(found.message == "too many events are waiting: try again later")
            #expect(found.retryPushback == "1500")
            let delay = try found.unpackGoogleRPCStatus()?.details.first?.retryInfo?.delay
            #expect(delay == .milliseconds(1500))
            #expect(rig.door.calls == 1)
        }
    }

    @Test func `is held while the store is away, and succeeds when it comes back`() async throws {
        try await Rig().withStore { rig, store in
            let door = rig.door
            door.mishap {
                if door.calls < 4 { throw AppendProblem.unavailable("away", retryAfter: .zero) }
            }
            let answer = try await store.append(.order())
            #expect(answer.isSuccess)
            #expect(door.calls == 4)
            #expect(door.stored == [.order(1)])
        }
    }

    @Test func `without a deadline gives up after the server's patience`() async throws {
        try await Rig(limits: RPCLimits(patience: .milliseconds(300))).withStore { rig, store in
            rig.door.goAway()
            let found = try #require(await status { try await store.append(.order()) })
            #expect(found.code == .unavailable)
            #expect(found.message == "the database does not answer")
            #expect(found.retryPushback == "1000")
            #expect(rig.door.calls > 2)
        }
    }

    @Test func `with a deadline learns the reason when that is over`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.goAway()
            // The header alone: a client's own timer would hide the answer on a slow machine.
            let found = await status {
                try await store.createEvent(
                    .with { $0.event = .order() }, metadata: ["grpc-timeout": "300m"])
            }
            #expect(found?.code == .deadlineExceeded)
            #expect(found?.message == "waited for the store: the database does not answer")
        }
    }

    @Test func `hides what it did not expect, and tells the log`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.mishap { throw StoreError(.unexpected, "column secret") }
            let found = try #require(await status { try await store.append(.order()) })
            #expect(found.code == .internalError)
            #expect(!found.message.contains("secret"))
        }
    }

    @Test func `is refused where too many calls are in hand`() async throws {
        try await Rig(limits: RPCLimits(calls: 1)).withStore { rig, store in
            let (arrived, leave) = (Gate(), Gate())
            rig.door.mishap {
                arrived.open()
                await leave.wait()
            }
            async let first = store.append(.order(1))
            await arrived.wait()
            let found = try #require(await status { try await store.append(.order(2)) })
            #expect(found.code == .resourceExhausted)
            #expect(found.message == "too many calls are waiting: try again later")
            #expect(found.retryPushback == "1000")
            leave.open()
            let answer = try await first
            #expect(answer.isSuccess)
        }
    }

    @Test func `is refused where the request is too large`() async throws {
        try await Rig(limits: RPCLimits(messageBytes: 2000)).withStore { rig, store in
            var event = Eventstore_Event.order()
            event.eventData = "\"\(String(repeating: "x", count: 3000))\""
            let found = await status { try await store.append(event) }
            #expect(found?.code == .resourceExhausted)
            #expect(
                found?.message == "expected a request of at most 2000 bytes (grpc.message_limit), "
                    + "found 3049")
            #expect(rig.door.calls == 0)
        }
    }

    @Test func `two hundred at once, each on a connection of its own`() async throws {
        try await Rig().serve { rig, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...200 {
                    group.addTask {
                        try await rig.connect { client in
                            let store = Rig.Store(wrapping: client)
                            let answer = try await store.append(.order(number, of: "o-\(number)"))
                            #expect(answer.isSuccess)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(Set(rig.door.stored.map(\.id)).count == 200)
        }
    }
}

extension RPCError {
    /// The milliseconds after which the server wants to be asked again.
    var retryPushback: String? {
        metadata[stringValues: "grpc-retry-pushback-ms"].first { _ in true }
    }
}
