import SagaCore
import SagaRuntime

extension StoreConformance {
    static let outboxChecks: [StoreCheck] = [
        StoreCheck("gives unpublished events oldest first within their shard") { store in
            let numbers = Sample.numbers(inShard: 2, count: 5)
            let seconds = [40, 10, 50, 20, 30]
            try await store.expectStarted(
                zip(numbers, seconds).map { number, seconds in
                    Sample.start(
                        number, at: Sample.time(seconds),
                        events: [Sample.event("e-\(seconds)", of: "o-\(number)")])
                })
            func found(before: Int, limit: Int = 9) async throws -> [String] {
                try await store.unpublished(
                    shards: [2], before: Sample.time(before), limit: limit
                ).map(\.event.id)
            }
            try expectEqual(try await found(before: 10), [], "before the first")
            try expectEqual(try await found(before: 30), ["e-10", "e-20"], "before 30 s")
            try expectEqual(try await found(before: 31, limit: 2), ["e-10", "e-20"], "two of them")
            try expectEqual(
                try await found(before: 99), ["e-10", "e-20", "e-30", "e-40", "e-50"], "all")
        },
        StoreCheck("gives one transition's unpublished events in their order") { store in
            let number = Sample.numbers(inShard: 2, count: 1)[0]
            let events = (0..<20).map { Sample.event("e-\(($0 * 7) % 20)") }
            try await store.expectStarted([Sample.start(number, events: events)])
            let found = try await store.unpublished(
                shards: [2], before: Sample.time(9), limit: 99)
            try expectEqual(found.map(\.event.id), events.map(\.id), "the events")
        },
        StoreCheck("gives unpublished events of the shards asked for only") { store in
            for number in 0..<100 {
                try await store.expectStarted([
                    Sample.start(number, events: [Sample.event("e-\(number)", of: "o-\(number)")])
                ])
            }
            for shards in [[0], [4, 9], Array(0..<StoreLimits.shards)] {
                let found = try await store.unpublished(
                    shards: shards, before: Sample.time(9), limit: 1000)
                let expected = (0..<100).filter {
                    shards.contains(Sample.sagaID($0).shard(of: StoreLimits.shards))
                }
                try expectEqual(
                    found.map(\.event.id).sorted(), expected.map { "e-\($0)" }.sorted(),
                    "the events of the shards \(shards)")
            }
            let some = try await store.unpublished(
                shards: Array(0..<StoreLimits.shards), before: Sample.time(9), limit: 7)
            try expectEqual(some.count, 7, "with a limit over all shards")
        },
        StoreCheck("gives each event of a batch in one shard, and of no row that conflicted") {
            store in
            try await store.expectStarted((0..<100).map { Sample.start($0) })
            try await store.expectCommitted(
                [17, 0].map { Sample.transition($0, expecting: 1, note: "rival") })
            _ = try await store.commit(
                (0..<100).map {
                    Sample.transition(
                        $0, expecting: 1, note: "mine",
                        events: [Sample.event("e-\($0)", of: "o-\($0)")])
                })
            var found: [String] = []
            for shard in 0..<StoreLimits.shards {
                found += try await store.unpublished(
                    shards: [shard], before: Sample.time(9), limit: 1000
                ).map(\.event.id)
            }
            let expected = (0..<100).filter { $0 != 17 && $0 != 0 }.map { "e-\($0)" }
            try expectEqual(found.sorted(), expected.sorted(), "the events of all shards")
        },
        StoreCheck("gives what of a batch was not acknowledged, part by part, to the last") {
            store in
            try await store.expectStarted(
                (0..<50).map { number in
                    Sample.start(
                        number,
                        events: (0..<2).map { Sample.event("e-\(number)-\($0)", of: "o-\(number)") }
                    )
                })
            var waiting = 100
            while waiting > 0 {
                let events = try await store.unpublished(
                    shards: Array(0..<StoreLimits.shards), before: Sample.time(9), limit: 7)
                try expectEqual(events.count, min(7, waiting), "the events of one look")
                // The same acknowledgement may come twice.
                for _ in 1...2 { try await store.markPublished(events.map(\.outboxKey)) }
                waiting -= events.count
                try expectEqual(
                    try await store.allUnpublished().count, waiting, "the events that wait")
            }
        },
        StoreCheck("forgets that an event is unpublished, and keeps the event") { store in
            try await store.expectStarted([
                Sample.start(1, events: (1...4).map { Sample.event("e-\($0)") })
            ])
            let waiting = try await store.allUnpublished()
            let unknown = OutboxKey(shard: 0, recordedAt: Sample.epoch, eventID: "unknown")
            let published = [waiting[0].outboxKey, unknown, waiting[2].outboxKey]
            for _ in 1...2 { try await store.markPublished(published) }
            try expectEqual(
                try await store.allUnpublished().map(\.event.id), ["e-2", "e-4"], "the outbox")
            try expectEqual(try await store.orderEvents().count, 4, "the number of events")
        },
        StoreCheck("marks as many events published as a batch holds") { store in
            let starts = (0..<StoreLimits.batchTransitions).map { number in
                Sample.start(
                    number,
                    events: (0..<4).map { Sample.event("e-\(number)-\($0)", of: "o-\(number)") })
            }
            try await store.expectStarted(starts)
            let keys = try await store.allUnpublished().map(\.outboxKey)
            try expectEqual(keys.count, StoreLimits.batchEvents, "the number of events")
            try await store.markPublished(keys)
            try expectEqual(try await store.allUnpublished(), [], "the outbox")
        },
    ]
}
