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
        StoreCheck("finds a saga once, at its last wake-up only, however it moved") { store in
            let numbers = Sample.numbers(inShard: 1, count: 4)
            try await store.expectStarted(
                numbers.map { Sample.start($0, wakeAt: Sample.time(20)) })
            try await store.expectCommitted([
                Sample.transition(numbers[0], expecting: 1, wakeAt: Sample.time(10)),
                Sample.transition(numbers[1], expecting: 1, wakeAt: Sample.time(30)),
                Sample.transition(
                    numbers[2], expecting: 1, status: .completed, endedAt: Sample.time(5)),
            ])
            try await store.rearm([rearming(numbers[3], version: 1, at: nil)])
            for round in 1...3 {
                let found = try await store.due(shards: [1], until: Sample.time(25), limit: 9)
                let expected = [DueSaga(id: Sample.sagaID(numbers[0]), wakeAt: Sample.time(10))]
                try expectEqual(found, expected, "the sagas due at 25 s, round \(round)")
            }
            let late = DueSaga(id: Sample.sagaID(numbers[1]), wakeAt: Sample.time(30))
            try expectEqual(
                try await store.due(shards: [1], until: Sample.time(30), limit: 9).last, late,
                "the last saga due at 30 s")
        },
        StoreCheck("finds a saga that goes back to a wake-up it had before") { store in
            let number = Sample.numbers(inShard: 4, count: 1)[0]
            try await store.expectStarted([Sample.start(number, wakeAt: Sample.time(20))])
            var version: Int64 = 1
            for _ in 1...3 {
                for seconds in [10, 20] {
                    try await store.expectCommitted([
                        Sample.transition(
                            number, expecting: version, wakeAt: Sample.time(seconds))
                    ])
                    version += 1
                    let due = try await store.due(shards: [4], until: Sample.time(99), limit: 9)
                    try expectEqual(due.map(\.wakeAt), [Sample.time(seconds)], "by a transition")
                }
                for seconds in [nil, 20] {
                    try await store.rearm([rearming(number, version: version, at: seconds)])
                    let due = try await store.due(shards: [4], until: Sample.time(99), limit: 9)
                    try expectEqual(
                        due.map(\.wakeAt), seconds.map { [Sample.time($0)] } ?? [], "by itself")
                }
            }
        },
        StoreCheck("stores a transition that keeps the wake-up, which stays to be found") { store in
            let number = Sample.numbers(inShard: 5, count: 1)[0]
            try await store.expectStarted([Sample.start(number, wakeAt: Sample.time(10))])
            for version in 1...Int64(3) {
                try await store.expectCommitted([
                    Sample.transition(
                        number, expecting: version, wakeAt: Sample.time(10), keepsWakeUp: true)
                ])
                let due = try await store.due(shards: [5], until: Sample.time(10), limit: 9)
                try expectEqual(due.map(\.wakeAt), [Sample.time(10)], "after \(version)")
            }
        },
        StoreCheck("refuses a transition that keeps a wake-up which has moved") { store in
            let numbers = Sample.numbers(inShard: 5, count: 3)
            try await store.expectStarted(
                numbers.map { Sample.start($0, wakeAt: Sample.time(10)) })
            try await store.rearm([
                rearming(numbers[0], version: 1, at: 20), rearming(numbers[1], version: 1, at: nil),
            ])
            let batch = numbers.map {
                Sample.transition(
                    $0, expecting: 1, status: .stuck, wakeAt: Sample.time(10), keepsWakeUp: true)
            }
            try expectEqual(
                try await store.commit(batch),
                [.conflict, .conflict, .committed(eventVersions: [])],
                "the answers")
            let due = try await store.due(shards: [5], until: Sample.time(99), limit: 9)
            let expected = [
                DueSaga(id: Sample.sagaID(numbers[2]), wakeAt: Sample.time(10)),
                DueSaga(id: Sample.sagaID(numbers[0]), wakeAt: Sample.time(20)),
            ]
            try expectEqual(due, expected, "the sagas due")
        },
        StoreCheck("finds due sagas behind many that were due before and have ended") { store in
            let numbers = Sample.numbers(inShard: 6, count: 201)
            try await store.expectStarted(
                numbers.dropLast().map { Sample.start($0, wakeAt: Sample.time(10)) })
            try await store.expectStarted([Sample.start(numbers[200], wakeAt: Sample.time(20))])
            try await store.expectCommitted(
                numbers.dropLast().map {
                    Sample.transition(
                        $0, expecting: 1, status: .completed, endedAt: Sample.time(5))
                })
            for round in 1...2 {
                let due = try await store.due(shards: [6], until: Sample.time(20), limit: 3)
                try expectEqual(
                    due.map(\.id), [Sample.sagaID(numbers[200])], "the sagas due, round \(round)")
            }
        },
    ]

    private static func rearming(_ number: Int, version: Int64, at seconds: Int?) -> Rearming {
        Rearming(id: Sample.sagaID(number), version: version, wakeAt: seconds.map(Sample.time))
    }
}
