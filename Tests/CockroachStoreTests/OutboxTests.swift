import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `The outbox` {
    private static let rows = "SELECT count(*)::INT8 FROM event_outbox"

    private static func batch(_ numbers: Range<Int>) -> [SagaStart] {
        numbers.map { number in
            Sample.start(
                number,
                events: (0..<2).map { Sample.event("e-\(number)-\($0)", of: "o-\(number)") })
        }
    }

    @Test func `has one row for what a statement recorded, and loses it with the last event`()
        async throws
    {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(Self.batch(0..<40))
                #expect(try await database.number(Self.rows) == 1)
                let keys = try await store.allUnpublished().map(\.outboxKey)
                #expect(keys.count == 80)
                // An event that is acknowledged twice counts once.
                for key in [keys[0]] + keys.dropLast() {
                    try await store.markPublished([key])
                    #expect(try await database.number(Self.rows) == 1)
                }
                try await store.markPublished([keys[79]])
                #expect(try await database.number(Self.rows) == 0)
            }
        }
    }

    @Test func `is emptied by what was acknowledged without being read`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let starts = Self.batch(0..<40)
                try await store.expectStarted(starts)
                let commits = (0..<40).map { number in
                    Sample.transition(
                        number, expecting: number % 3 == 0 ? 9 : 1,
                        events: [Sample.event("c-\(number)", of: "o-\(number)")])
                }
                _ = try await store.commit(commits)
                #expect(try await database.number(Self.rows) == 2)
                let stored =
                    starts.map(\.transition) + commits.filter { $0.expectedVersion == 1 }
                #expect(
                    try await database.number(TestDatabase.waitingEvents)
                        == Int64(stored.reduce(0) { $0 + $1.events.count }))
                try await store.markPublished(stored.flatMap(\.outboxKeys))
                #expect(try await database.number(Self.rows) == 0)
            }
        }
    }

    @Test func `gives a batch whole to a store that did not see its acknowledgements`()
        async throws
    {
        try await TestDatabase.with { database in
            try await database.withStore { first in
                try await first.expectStarted(Self.batch(0..<10))
                let keys = try await first.allUnpublished().map(\.outboxKey)
                try await first.markPublished(Array(keys.prefix(5)))
                try await database.withStore { second in
                    // What it does not know it passes over.
                    try await second.markPublished(keys)
                    let found = try await second.allUnpublished().map(\.outboxKey)
                    #expect(Set(found) == Set(keys))
                    try await second.markPublished(found)
                    #expect(try await database.number(Self.rows) == 0)
                }
                #expect(try await first.allUnpublished() == [])
                try await first.markPublished(keys)
            }
        }
    }

    @Test func `keeps of a batch what still waits, once it is read again`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { first in
                try await first.expectStarted(Self.batch(0..<10) + Self.batch(20..<21))
                let keys = try await first.allUnpublished().map(\.outboxKey)
                #expect(keys.count == 22)
                let rest = Set([keys[3], keys[20]])
                try await first.markPublished(keys.filter { !rest.contains($0) })
                #expect(try await database.number(TestDatabase.waitingEvents) == 22)
                #expect(Set(try await first.allUnpublished().map(\.outboxKey)) == rest)
                #expect(try await database.number(TestDatabase.waitingEvents) == 2)
                try await database.withStore { second in
                    let found = try await second.allUnpublished().map(\.outboxKey)
                    #expect(Set(found) == rest)
                    try await second.markPublished([keys[3]])
                    #expect(try await database.number(Self.rows) == 1)
                    try await second.markPublished([keys[20]])
                    #expect(try await database.number(Self.rows) == 0)
                }
            }
        }
    }

    @Test func `bounds its rows, and empties them`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let events = (0..<1200).map { Sample.event("e-\($0)") }
                let start = Sample.start(1, events: events)
                try await store.expectStarted([start])
                #expect(try await database.number(Self.rows) == 3)
                let longest = "SELECT max(array_length(event_ids, 1))::INT8 FROM event_outbox"
                #expect(try await database.number(longest) == 512)
                try await store.markPublished(start.transition.outboxKeys)
                #expect(try await database.number(Self.rows) == 0)
            }
        }
    }

    @Test func `has a row for each part of a batch that was halved`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                var starts = Self.batch(0..<8)
                starts[5].transition.events[0].id = "e-0-0"
                let answers = try await store.start(starts)
                #expect(answers.filter { $0 == .started(eventVersions: [1, 2]) }.count == 7)
                #expect(try await database.number(Self.rows) > 1)
                let keys = try await store.allUnpublished().map(\.outboxKey)
                #expect(keys.count == 14)
                try await store.markPublished(keys)
                #expect(try await database.number(Self.rows) == 0)
            }
        }
    }

    @Test func `gives and loses the rows of older programs, one for each event`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(Self.batch(0..<3))
                try await database.run(
                    """
                    WITH o AS (DELETE FROM event_outbox RETURNING shard, recorded_at, event_ids)
                    INSERT INTO event_outbox (shard, recorded_at, event_id)
                    SELECT o.shard, o.recorded_at, unnest(o.event_ids) FROM o
                    """)
            }
            try await database.withStore { store in
                #expect(try await database.number(Self.rows) == 6)
                let keys = try await store.allUnpublished().map(\.outboxKey)
                #expect(keys.count == 6)
                try await store.markPublished(Array(keys.prefix(2)))
                #expect(try await database.number(Self.rows) == 4)
                try await store.markPublished(keys)
                #expect(try await database.number(Self.rows) == 0)
            }
        }
    }
}

@Suite struct `What is known of the outbox` {
    private static func row(_ name: String, _ events: String...) -> OutboxRow {
        OutboxRow(
            key: OutboxKey(shard: 1, recordedAt: Sample.epoch, eventID: name), eventIDs: events)
    }

    @Test func `is bounded, and begins anew with what was forgotten`() {
        let ledger = OutboxLedger(eventsMax: 3)
        let first = Self.row("a", "a", "b")
        ledger.add([first, Self.row("c", "c", "d")])
        #expect(ledger.isOpen(["a", "b", "c", "d"]) == [false, false, true, true])
        #expect(ledger.acknowledge(["a", "b"]) == [])
        #expect(ledger.acknowledge(["c", "d"]).map(\.eventID) == ["c"])
        ledger.add([first])
        #expect(ledger.acknowledge(["b", "b"]) == [])
        ledger.add([first])
        #expect(ledger.acknowledge(["a"]).map(\.eventID) == ["a"])
        #expect(ledger.isOpen(["a", "b"]) == [false, false])
    }

    @Test func `tells events apart by their bytes`() {
        let ledger = OutboxLedger()
        ledger.add([Self.row("\u{e9}", "\u{e9}", "e\u{301}")])
        #expect(ledger.acknowledge(["\u{e9}"]) == [])
        #expect(ledger.isOpen(["\u{e9}", "e\u{301}"]) == [false, true])
    }

    @Test func `goes on for as long as rows come and go`() {
        let ledger = OutboxLedger(eventsMax: 4)
        for number in 0..<10_000 {
            ledger.add([Self.row("a\(number)", "a\(number)", "b\(number)")])
            guard number % 2 == 0 else { continue }
            #expect(ledger.acknowledge(["b\(number)", "a\(number)"]).count == 1)
        }
        #expect(ledger.isOpen(["a9997", "a9998", "a9999"]) == [true, false, true])
    }
}

extension Transition {
    /// The keys by which its events are acknowledged.
    fileprivate var outboxKeys: [OutboxKey] {
        events.map { OutboxKey(shard: shard, recordedAt: at, eventID: $0.id) }
    }
}

extension CockroachStore {
    /// Everything that waits to be published.
    fileprivate func allUnpublished() async throws -> [RecordedEvent] {
        try await unpublished(
            shards: Array(0..<StoreLimits.shards), before: Sample.time(1_000_000), limit: 10_000)
    }
}
