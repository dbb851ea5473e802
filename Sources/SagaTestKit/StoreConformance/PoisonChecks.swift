import SagaCore
import SagaRuntime

extension StoreConformance {
    static let poisonChecks: [StoreCheck] = [
        StoreCheck("refuses a commit whose event's identity is taken, alone") { store in
            try await store.expectStarted((1...4).map { Sample.start($0) })
            try await store.expectCommitted([
                Sample.transition(4, expecting: 1, events: [Sample.event("taken", of: "a")])
            ])
            let poison = Sample.transition(
                2, expecting: 1, note: "poison", status: .stuck, wakeAt: Sample.time(9),
                events: [Sample.event("fresh", of: "b"), Sample.event("taken", of: "b")])
            try await expectPoisoned(poison, among: [1, 3], in: store)
            let saga = try await store.saga(2)
            try expectEqual(saga.version, 1, "the version of the poisoned saga")
            try expectEqual(saga.status, .running, "its status")
            try expectEqual(saga.wakeAt, nil, "its wake-up")
            try expectEqual(try await store.journalVersions(2), [1], "its journal")
            let events = try await store.orderEvents("b")
            try expectEqual(events.map(\.event.id), ["n-1", "n-3"], "the events beside it")
            try expectEqual(events.map(\.version), [1, 2], "their versions, without a gap")
            let waiting = try await store.allUnpublished().map(\.event.id)
            try expectEqual(Set(waiting), ["taken", "n-1", "n-3"], "the outbox")
        },
        StoreCheck("stores a poisoned saga's next transition") { store in
            try await store.expectStarted([Sample.start(1), Sample.start(2)])
            try await store.expectCommitted([
                Sample.transition(1, expecting: 1, events: [Sample.event("taken")])
            ])
            let poison = Sample.transition(2, expecting: 1, events: [Sample.event("taken")])
            try expectPoisoned(try await store.commit([poison]).first, "the commit")
            let mended = Sample.transition(
                2, expecting: 1, note: "mended", events: [Sample.event("fresh")])
            let answers = try await store.commit([mended])
            try expectEqual(answers, [.committed(eventVersions: [2])], "the mended commit")
        },
        StoreCheck("refuses a commit that names one event twice, alone") { store in
            try await store.expectStarted((1...3).map { Sample.start($0) })
            let poison = Sample.transition(
                2, expecting: 1,
                events: [Sample.event("twice", of: "a"), Sample.event("twice", of: "b")])
            try await expectPoisoned(poison, among: [1, 3], in: store)
            try expectEqual(try await store.orderEvents("a"), [], "its events")
        },
        StoreCheck("refuses a commit with text that no database keeps, alone") { store in
            try await store.expectStarted((1...3).map { Sample.start($0) })
            var broken = Sample.event("broken")
            broken.body = [0x22, 0xC3, 0x28, 0x22]
            let cut = Array("\"e\u{301}\"".utf8.dropLast(2))
            var truncated = Sample.event("truncated")
            truncated.body = cut
            let events = [
                Sample.event("zero-in-data", body: "\"\u{0}\""), broken, truncated,
                Sample.event("zero-in-id\u{0}"), Sample.event("zero-in-aggregate", of: "\u{0}"),
                Sample.event("zero-in-type", type: "ORDERS.\u{0}"),
            ]
            for (round, event) in events.enumerated() {
                let poison = Sample.transition(2, expecting: 1, events: [event])
                try await expectPoisoned(
                    poison, among: [1, 3], expecting: Int64(round + 1), in: store)
                try expectEqual(try await store.saga(2).version, 1, "after \(event.id)")
            }
        },
        StoreCheck("refuses a poisoned start alone, and leaves nothing of it") { store in
            try await store.expectStarted([Sample.start(1, events: [Sample.event("taken")])])
            let answers = try await store.start([
                Sample.start(2, events: [Sample.event("e-2")]),
                Sample.start(
                    3, key: "k", events: [Sample.event("e-3"), Sample.event("taken")],
                    claim: Sample.claim("c")),
                Sample.start(4, events: [Sample.event("e-4")]),
                Sample.start(5, key: "zero\u{0}", claim: Sample.claim("d")),
            ])
            try expectEqual(answers[0], .started(eventVersions: [2]), "the first")
            try expectEqual(answers[2], .started(eventVersions: [3]), "the third")
            for answer in [answers[1], answers[3]] {
                guard case .poisoned(let reason) = answer, !reason.isEmpty else {
                    throw Expectation("expected poisoned with a reason, found \(answer)")
                }
            }
            try await expectAbsent(3, in: store)
            try await expectAbsent(5, in: store)
            try expectEqual(
                try await store.orderEvents().map(\.event.id), ["taken", "e-2", "e-4"],
                "the events")
            let next = Sample.start(6, key: "k", claim: Sample.claim("c", body: "another"))
            try expectEqual(
                try await store.start([next]), [.started(eventVersions: [])],
                "a start with the key and idempotency key of the poisoned one")
        },
        StoreCheck("refuses another start under a saga's identity") { store in
            try await store.expectStarted([Sample.start(1)])
            let other = Sample.start(1, key: "another", note: "another")
            let answers = try await store.start([other, Sample.start(2)])
            guard case .poisoned = answers[0] else {
                throw Expectation("expected poisoned, found \(answers[0])")
            }
            try expectEqual(answers[1], .started(eventVersions: []), "its neighbour")
            try expectEqual(try await store.saga(1).identity.key, "key-1", "the first saga's key")
        },
    ]

    /// Commits a poisoned row between healthy ones and checks that only they are stored.
    private static func expectPoisoned(
        _ poison: Transition, among neighbours: [Int], expecting version: Int64 = 1,
        in store: any Store, fileID: String = #fileID, line: Int = #line
    ) async throws {
        var batch = neighbours.map { number in
            let id = version == 1 ? "n-\(number)" : "n-\(number)-\(version)"
            return Sample.transition(
                number, expecting: version, events: [Sample.event(id, of: "b")])
        }
        batch.insert(poison, at: 1)
        let answers = try await store.commit(batch)
        for (place, answer) in answers.enumerated() {
            if place == 1 {
                try expectPoisoned(answer, "the poisoned row", fileID: fileID, line: line)
            } else if case .committed = answer {
                continue
            } else {
                throw Expectation(
                    "expected the neighbour committed, found \(answer)", fileID: fileID,
                    line: line)
            }
        }
    }

    private static func expectPoisoned(
        _ answer: CommitAnswer?, _ what: String, fileID: String = #fileID, line: Int = #line
    ) throws {
        guard case .poisoned(let reason) = answer, !reason.isEmpty else {
            throw Expectation(
                "\(what): expected poisoned with a reason, found \(String(describing: answer))",
                fileID: fileID, line: line)
        }
    }
}
