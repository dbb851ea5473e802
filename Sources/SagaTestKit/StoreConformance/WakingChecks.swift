import SagaCore
import SagaRuntime

extension StoreConformance {
    static let wakingChecks: [StoreCheck] = [
        StoreCheck("finds the sagas that are due, earliest first within their shard") { store in
            let numbers = Sample.numbers(inShard: 3, count: 6)
            let seconds: [Int?] = [50, 10, nil, 30, 20, 40]
            try await store.expectStarted(
                zip(numbers, seconds).map { number, seconds in
                    Sample.start(number, wakeAt: seconds.map(Sample.time))
                })
            func due(_ until: Int, limit: Int = 9) async throws -> [DueSaga] {
                try await store.due(shards: [3], until: Sample.time(until), limit: limit)
            }
            func saga(_ place: Int, _ seconds: Int) -> DueSaga {
                DueSaga(id: Sample.sagaID(numbers[place]), wakeAt: Sample.time(seconds))
            }
            try expectEqual(try await due(9), [], "before the first")
            let early = [saga(1, 10), saga(4, 20), saga(3, 30)]
            try expectEqual(try await due(30), early, "at 30 s")
            try expectEqual(try await due(39), early, "before the next")
            try expectEqual(try await due(99, limit: 2), Array(early.prefix(2)), "two of them")
            try expectEqual(try await due(99).count, 5, "in the end")
        },
        StoreCheck("finds due sagas of the shards asked for only") { store in
            let numbers = Array(0..<200)
            try await store.expectStarted(
                numbers.map { Sample.start($0, wakeAt: Sample.time($0)) })
            for shards in [[0], [5, 11], Array(0..<StoreLimits.shards)] {
                let found = try await store.due(
                    shards: shards, until: Sample.time(500), limit: 1000)
                let expected = numbers.map(Sample.sagaID).filter {
                    shards.contains($0.shard(of: StoreLimits.shards))
                }
                try expectEqual(found.count, expected.count, "sagas of the shards \(shards)")
                try expectEqual(Set(found.map(\.id)), Set(expected), "the shards \(shards)")
                for shard in shards {
                    let times = found.filter { $0.id.shard(of: StoreLimits.shards) == shard }
                        .map(\.wakeAt)
                    try expectEqual(times, times.sorted(), "the order within shard \(shard)")
                }
            }
            let some = try await store.due(
                shards: Array(0..<StoreLimits.shards), until: Sample.time(500), limit: 7)
            try expectEqual(some.count, 7, "with a limit over all shards")
        },
        StoreCheck("moves a wake-up with a transition") { store in
            let number = Sample.numbers(inShard: 0, count: 1)[0]
            try await store.expectStarted([Sample.start(number, wakeAt: Sample.time(10))])
            func wakeUps() async throws -> [Instant] {
                try await store.due(shards: [0], until: Sample.time(99), limit: 9).map(\.wakeAt)
            }
            for (version, wakeAt) in [(1, 5), (2, 60), (3, nil), (4, 20)] as [(Int64, Int?)] {
                try await store.expectCommitted([
                    Sample.transition(
                        number, expecting: version, wakeAt: wakeAt.map(Sample.time))
                ])
                try expectEqual(
                    try await wakeUps(), wakeAt.map { [Sample.time($0)] } ?? [],
                    "after version \(version)")
            }
        },
        StoreCheck("moves a wake-up without a transition, at the same version only") { store in
            let numbers = Sample.numbers(inShard: 7, count: 4)
            try await store.expectStarted(
                numbers.map { Sample.start($0, wakeAt: Sample.time(10)) })
            try await store.expectCommitted([
                Sample.transition(numbers[3], expecting: 1, wakeAt: Sample.time(10))
            ])
            let before = try await store.saga(numbers[0])
            try await store.rearm([
                rearming(numbers[0], version: 1, at: 30), rearming(numbers[1], version: 1, at: nil),
                rearming(numbers[2], version: 1, at: 5), rearming(numbers[3], version: 1, at: 30),
                rearming(-1, version: 1, at: 30),
            ])
            let found = try await store.due(shards: [7], until: Sample.time(99), limit: 9)
            let expected = [
                DueSaga(id: Sample.sagaID(numbers[2]), wakeAt: Sample.time(5)),
                DueSaga(id: Sample.sagaID(numbers[3]), wakeAt: Sample.time(10)),
                DueSaga(id: Sample.sagaID(numbers[0]), wakeAt: Sample.time(30)),
            ]
            try expectEqual(found, expected, "the sagas due")
            var moved = before
            moved.wakeAt = Sample.time(30)
            try expectEqual(try await store.saga(numbers[0]), moved, "the saga otherwise")
            try await store.expectCommitted([Sample.transition(numbers[0], expecting: 1)])
        },
    ]

    private static func rearming(_ number: Int, version: Int64, at seconds: Int?) -> Rearming {
        Rearming(id: Sample.sagaID(number), version: version, wakeAt: seconds.map(Sample.time))
    }
}
