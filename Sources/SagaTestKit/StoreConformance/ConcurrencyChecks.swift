import SagaCore
import SagaRuntime

extension StoreConformance {
    static let concurrencyChecks: [StoreCheck] = [
        StoreCheck("neither loses nor doubles a version where eight tasks commit") { store in
            let sagas = 50
            try await store.expectStarted((0..<sagas).map { Sample.start($0) })
            var committed = Array(repeating: 0, count: sagas)
            try await withThrowingTaskGroup(of: [Int].self) { group in
                for rival in 0..<8 {
                    group.addTask { try await commitRounds(10, rival: rival, of: sagas, in: store) }
                }
                for try await numbers in group { for number in numbers { committed[number] += 1 } }
            }
            var aggregates: [String: Int] = [:]
            for number in 0..<sagas {
                let version = Int64(1 + committed[number])
                try expectEqual(
                    try await store.saga(number).version, version, "the version of saga \(number)")
                try expectEqual(
                    try await store.journalVersions(number), Array(1...version),
                    "the journal of saga \(number)")
                aggregates["order-\(number % 5)", default: 0] += committed[number]
            }
            for (aggregate, count) in aggregates {
                let versions = try await store.orderEvents(aggregate).map(\.version)
                try expectEqual(
                    versions, (0..<count).map { Int64($0 + 1) }, "the versions of \(aggregate)")
            }
            try expect(committed.reduce(0, +) >= 80, "only \(committed) commits went through")
        },
        StoreCheck("starts one saga where eight tasks want the same key") { store in
            let answers = try await raced(8) { rival in
                try await store.start([Sample.start(rival, key: "k")])[0]
            }
            let winners = answers.filter { $0.answer == .started(eventVersions: []) }
            try expectEqual(winners.count, 1, "the number of sagas started")
            for answer in answers where answer.rival != winners[0].rival {
                let owner = StartAnswer.keyTaken(Sample.sagaID(winners[0].rival))
                try expectEqual(answer.answer, owner, "the answer to rival \(answer.rival)")
            }
        },
        StoreCheck("starts one saga where eight tasks bring the same idempotency key") { store in
            let answers = try await raced(8) { rival in
                try await store.start([Sample.start(rival, claim: Sample.claim("c"))])[0]
            }
            let winners = answers.filter { $0.answer == .started(eventVersions: []) }
            try expectEqual(winners.count, 1, "the number of sagas started")
            for answer in answers where answer.rival != winners[0].rival {
                let saga = StartAnswer.repeated(Sample.sagaID(winners[0].rival))
                try expectEqual(answer.answer, saga, "the answer to rival \(answer.rival)")
            }
        },
        StoreCheck("answers eight tasks alike that bring the same start and commit") { store in
            let start = Sample.start(1, events: [Sample.event("e-1")], claim: Sample.claim("c"))
            for answer in try await raced(8, { _ in try await store.start([start])[0] }) {
                try expectEqual(answer.answer, .started(eventVersions: [1]), "a start")
            }
            let commit = Sample.transition(1, expecting: 1, events: [Sample.event("e-2")])
            for answer in try await raced(8, { _ in try await store.commit([commit])[0] }) {
                try expectEqual(answer.answer, .committed(eventVersions: [2]), "a commit")
            }
            try expectEqual(try await store.saga(1).version, 2, "the version")
            try expectEqual(try await store.orderEvents().count, 2, "the number of events")
        },
        StoreCheck("stores one of eight rivals' decisions at the same version") { store in
            try await store.expectStarted([Sample.start(1)])
            let answers = try await raced(8) { rival in
                let commit = Sample.transition(
                    1, expecting: 1, note: "rival \(rival)", events: [Sample.event("e-1")])
                return try await store.commit([commit])[0]
            }
            let winners = answers.filter { $0.answer == .committed(eventVersions: [1]) }
            try expectEqual(winners.count, 1, "the number of commits")
            try expectEqual(
                answers.filter { $0.answer == .conflict }.count, 7, "the number of conflicts")
            let winner = Sample.transition(1, expecting: 1, note: "rival \(winners[0].rival)")
            try expectEqual(try await store.saga(1).state, winner.state, "the state")
        },
    ]

    /// Commits batches of ten sagas as they were read; answers the sagas that went through, each as
    /// often as it did.
    private static func commitRounds(
        _ rounds: Int, rival: Int, of sagas: Int, in store: any Store
    ) async throws -> [Int] {
        var committed: [Int] = []
        for round in 0..<rounds {
            let first = Int(Sample.mixed(UInt64(rival * 1000 + round)) % UInt64(sagas))
            let numbers = (0..<10).map { (first + $0 * 3) % sagas }
            let records = try await store.load(numbers.map(Sample.sagaID))
            let versions = Dictionary(
                uniqueKeysWithValues: records.map { ($0.identity.id, $0.version) })
            let batch = numbers.map { number in
                Sample.transition(
                    number, expecting: versions[Sample.sagaID(number), default: 0],
                    note: "\(rival) \(round)",
                    events: [
                        Sample.event("\(rival)-\(round)-\(number)", of: "order-\(number % 5)")
                    ])
            }
            for (number, answer) in zip(numbers, try await store.commitPatiently(batch)) {
                if case .committed = answer { committed.append(number) }
                if case .poisoned(let reason) = answer { throw Expectation("poisoned: \(reason)") }
            }
        }
        return committed
    }

    private static func raced<Answer: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Answer
    ) async throws -> [(rival: Int, answer: Answer)] {
        try await withThrowingTaskGroup(of: (rival: Int, answer: Answer).self) { group in
            for rival in 0..<count { group.addTask { (rival, try await body(rival)) } }
            var answers: [(rival: Int, answer: Answer)] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
    }
}
