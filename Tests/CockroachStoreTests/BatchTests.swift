import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `A full batch` {
    private static let numbers = Array(0..<StoreLimits.batchTransitions)

    @Test func `with several events each is stored in parts, with every version in its place`()
        async throws
    {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(
                    Self.numbers.map { Sample.start($0, events: [Sample.event("s-\($0)")]) })
                let batch = Self.numbers.map { number in
                    Sample.transition(
                        number, expecting: 1,
                        events: (0..<3).map { place in
                            Sample.event("e-\(number)-\(place)", of: "o-\(place % 2)-\(number)")
                        })
                }
                let answers = try await store.commit(batch)
                #expect(answers.allSatisfy { $0 == .committed(eventVersions: [1, 1, 2]) })
                #expect(try await database.number("SELECT count(*)::INT8 FROM events") == 1024)
                #expect(try await database.number(TestDatabase.waitingEvents) == 1024)
                // Starts of 256 rows; commits of at most 384.
                #expect(
                    try await database.number("SELECT count(*)::INT8 FROM event_outbox") == 1 + 2)
            }
        }
    }

    @Test func `answers within what CockroachDB can run again by itself`() {
        let sizes = Array(repeating: 10_000, count: 256)
        let portions = Portions.parted(
            Array(0..<256), size: { sizes[$0] }, answerRows: { $0 < 128 ? 1 : 5 })
        #expect(Array(portions.joined()) == Array(0..<256))
        #expect(portions.count == 2 + 1)
        let large = Portions.parted([7, 8], size: { _ in 5_000_000 }, answerRows: { _ in 1_000 })
        #expect(large == [[7], [8]])
        #expect(Portions.parted([], size: { _ in 1 }, answerRows: { _ in 1 }) == [])
        // Each row's length, column count, three lengths, and numbers of 2, 2 and 8 bytes.
        #expect(Portions.answerRowsMax * (1 + 4 + 2 + 3 * 4 + 2 + 2 + 8) <= 12 * 1024)
    }

    @Test func `of commits with poison among it loses only the poison`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(Self.numbers.map { Sample.start($0) })
                let poisoned: Set = [0, 100, 101, 255]
                let batch = Self.numbers.map { number in
                    Sample.transition(
                        number, expecting: number == 50 ? 9 : 1,
                        events: [Sample.event(poisoned.contains(number) ? "same" : "e-\(number)")])
                }
                let answers = try await store.commit(batch)
                let refused = Self.numbers.filter {
                    if case .poisoned = answers[$0] { true } else { false }
                }
                // One of the four that name the same event comes first, and is stored.
                #expect(refused.count == 3)
                #expect(poisoned.isSuperset(of: refused))
                #expect(answers[50] == .conflict)
                let stored = answers.flatMap { answer -> [Int64] in
                    guard case .committed(let versions) = answer else { return [] }
                    return versions
                }
                #expect(stored.sorted() == (1...252).map { Int64($0) })
                #expect(try await database.number("SELECT count(*)::INT8 FROM events") == 252)
            }
        }
    }

    @Test func `of starts with all that can be in their way is answered one by one`()
        async throws
    {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let early = [
                    Sample.start(1000, key: "taken", events: [Sample.event("taken")]),
                    Sample.start(1001, claim: Sample.claim("known")),
                    Sample.start(1002, events: [Sample.event("e-1002")], claim: Sample.claim("c")),
                ]
                try await store.expectStarted(early)
                var batch = Self.numbers.map { Sample.start($0, claim: Sample.claim("c-\($0)")) }
                batch[3] = Sample.start(3, key: "taken", claim: Sample.claim("c-3"))
                batch[77] = Sample.start(77, claim: Sample.claim("known"))
                batch[78] = Sample.start(78, claim: Sample.claim("c", body: "another"))
                batch[100] = early[2]
                batch[200] = Sample.start(200, events: [Sample.event("taken")])
                batch[201] = Sample.start(1000, key: "another", note: "another")
                let answers = try await store.start(batch)
                #expect(answers[3] == .keyTaken(Sample.sagaID(1000)))
                #expect(answers[77] == .repeated(Sample.sagaID(1001)))
                #expect(answers[78] == .idempotencyMismatch)
                #expect([[1], [2]].contains { answers[100] == .started(eventVersions: $0) })
                for place in [200, 201] {
                    guard case .poisoned = answers[place] else {
                        Issue.record("expected poisoned, found \(answers[place])")
                        continue
                    }
                }
                let others = Set(Self.numbers).subtracting([3, 77, 78, 100, 200, 201])
                #expect(others.allSatisfy { answers[$0] == .started(eventVersions: []) })
                #expect(try await database.number("SELECT count(*)::INT8 FROM sagas") == 253)
            }
        }
    }

    @Test func `tells aggregates and events apart by their bytes`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted([Sample.start(1)])
                let names = ["caf\u{e9}", "cafe\u{301}"]
                let commit = Sample.transition(
                    1, expecting: 1,
                    events: (names + names.reversed()).enumerated().map { place, name in
                        Sample.event("\(name)\(place % 2)", of: name)
                    })
                let expected = [CommitAnswer.committed(eventVersions: [1, 1, 2, 2])]
                #expect(try await store.commit([commit]) == expected)
                #expect(try await store.commit([commit]) == expected)
            }
        }
    }
}
