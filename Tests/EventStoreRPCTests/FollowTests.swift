import GRPCCore
import SagaRuntime
import SwiftProtobuf
import Synchronization
import Testing

@testable import EventStoreRPC

/// `GetEventsStream`, followed over a real connection.
@Suite(.timeLimit(.minutes(5))) struct `Following events` {
    /// Follows what matches; the body gets the ids as they come.
    private static func follow<Result: Sendable>(
        _ store: Rig.Store, event: String = "", aggregate: String = "", timeout: Duration? = nil,
        _ body: @escaping @Sendable (inout Ids) async throws -> Result
    ) async throws -> Result {
        var options = CallOptions.defaults
        options.timeout = timeout
        return try await store.getEventsStream(
            .with { ($0.eventID, $0.aggregateID) = (event, aggregate) }, options: options
        ) { response in
            var ids = Ids(events: response.messages.makeAsyncIterator())
            return try await body(&ids)
        }
    }

    struct Ids {
        var events: RPCAsyncSequence<Eventstore_Event, any Error>.AsyncIterator

        mutating func next() async throws -> String? {
            try await events.next(isolation: #isolation)?.eventID
        }

        /// The next ones must be these.
        mutating func give(
            _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            var found: [String] = []
            while found.count < expected.count, let id = try await next() { found.append(id) }
            #expect(found == expected, sourceLocation: sourceLocation)
        }
    }

    @Test func `sends what is stored, then what is recorded`() async throws {
        try await Rig().withStore { rig, store in
            let door = rig.door
            door.record(.order(1, of: "o-1"))
            door.record(.order(2, of: "o-2"))
            try await Self.follow(store) { ids in
                try await ids.give(["e-1", "e-2"])
                door.record(.order(3, of: "o-3"))
                try await ids.give(["e-3"])
                door.record(.order(4, of: "o-1"))
                try await ids.give(["e-4"])
            }
        }
    }

    @Test func `follows one aggregate, page by page`() async throws {
        try await Rig(limits: RPCLimits(pageEvents: 3)).withStore { rig, store in
            let door = rig.door
            for number in 1...8 { door.record(.order(number, of: "o-\(number % 2)")) }
            try await Self.follow(store, aggregate: "o-1") { ids in
                try await ids.give(["e-1", "e-3", "e-5", "e-7"])
                door.record(.order(9, of: "o-0"))
                for number in 10...20 { door.record(.order(number)) }
                try await ids.give((10...20).map { "e-\($0)" })
            }
        }
    }

    @Test func `follows aggregates of several types under one id`() async throws {
        let rig = Rig(
            limits: RPCLimits(pageEvents: 2),
            streams: ["ACCOUNTS": "account", "ORDERS": "order", "TRIPS": "trip"])
        try await rig.withStore { rig, store in
            let door = rig.door
            for number in 1...3 { door.record(.order(number, type: "order")) }
            for number in 4...6 { door.record(.order(number, type: "trip")) }
            try await Self.follow(store, aggregate: "o-1") { ids in
                try await ids.give((1...6).map { "e-\($0)" })
                // Of a type that comes before all that was read, then of each again.
                door.record(.order(7, type: "account"))
                try await ids.give(["e-7"])
                door.record(.order(8, type: "order"))
                try await ids.give(["e-8"])
                door.record(.order(9, type: "account"))
                try await ids.give(["e-9"])
                door.record(.order(10, type: "trip"))
                try await ids.give(["e-10"])
            }
        }
    }

    @Test func `waits for one event`() async throws {
        try await Rig().withStore { rig, store in
            let door = rig.door
            door.record(.order(1))
            try await Self.follow(store, event: "e-2", aggregate: "o-1") { ids in
                door.record(.order(2))
                try await ids.give(["e-2"])
            }
        }
    }

    @Test func `ends with its client, and frees its place`() async throws {
        try await Rig(limits: RPCLimits(streams: 1)).withStore { rig, store in
            rig.door.record(.order(1))
            try await Self.follow(store) { ids in
                try await ids.give(["e-1"])
                let second = await status {
                    try await Self.follow(store) { try await $0.next() }
                }
                #expect(second?.code == .resourceExhausted)
                #expect(second?.message == "1 streams are open: try again later")
                #expect(second?.retryPushback == "5000")
            }
            try await until { rig.rpc.streams.taken == 0 && rig.door.waiting == 0 }
        }
    }

    @Test func `ends at its deadline`() async throws {
        try await Rig().withStore { rig, store in
            rig.door.record(.order(1))
            let found = await status {
                try await Self.follow(store, timeout: .milliseconds(400)) { ids in
                    while try await ids.next() != nil {}
                }
            }
            #expect(found?.code == .deadlineExceeded)
            try await until { rig.rpc.streams.taken == 0 }
        }
    }

    @Test func `ends when the daemon stops, and says so`() async throws {
        try await Rig().serve { rig, stop in
            rig.door.record(.order(1))
            try await rig.connect { client in
                let found = await status {
                    try await Self.follow(Rig.Store(wrapping: client)) { ids in
                        try await ids.give(["e-1"])
                        await stop()
                        while try await ids.next() != nil {}
                    }
                }
                #expect(found?.code == .unavailable)
                #expect(found?.message == "the daemon is stopping: connect again")
            }
        }
    }

    @Test func `is refused where the store is away from the beginning`() async throws {
        try await Rig(limits: RPCLimits(patience: .milliseconds(100))).withStore { rig, store in
            rig.door.goAway()
            let found = await status { try await Self.follow(store) { try await $0.next() } }
            #expect(found?.code == .unavailable)
            #expect(found?.message == "the database does not answer")
        }
    }

    @Test func `goes on after the store was away`() async throws {
        let limits = RPCLimits(patience: .milliseconds(100), followPoll: .milliseconds(20))
        try await Rig(limits: limits).withStore { rig, store in
            let door = rig.door
            door.record(.order(1))
            try await Self.follow(store) { ids in
                try await ids.give(["e-1"])
                door.goAway()
                let calls = door.calls
                try await until { door.calls > calls + 4 }
                door.record(.order(2))
                door.mishap(nil)
                try await ids.give(["e-2"])
            }
        }
    }

    @Test func `slowly holds up nobody, and makes nothing grow`() async throws {
        let (pages, events) = (8, 400)
        try await Rig(limits: RPCLimits(pageEvents: pages)).withStore { rig, store in
            let door = rig.door
            // 12 MiB in all.
            let data = "\"\(String(repeating: "x", count: 32 * 1024))\""
            for number in 1...events { door.record(.order(number, data: data)) }
            try await Self.follow(store) { slow in
                try await slow.give(["e-1"])
                let before = door.limitsAsked.count
                try await rig.connect { other in
                    try await Self.follow(Rig.Store(wrapping: other)) { fast in
                        try await fast.give((1...events).map { "e-\($0)" })
                    }
                }
                // The fast one took all pages and one that was empty; the slow one some meanwhile, as
                // many as the connection has room for: fewer than half.
                let read = door.limitsAsked.count - before
                #expect(read < events / pages + 1 + 20)
                try await slow.give((2...events).map { "e-\($0)" })
            }
        }
    }
}
