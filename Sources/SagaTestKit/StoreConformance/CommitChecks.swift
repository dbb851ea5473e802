import SagaCore
import SagaRuntime

extension StoreConformance {
    static let commitChecks: [StoreCheck] = [
        StoreCheck("stores every part of a transition") { store in
            try await store.expectStarted([Sample.start(1, wakeAt: Sample.time(30))])
            let transition = Sample.transition(
                1, expecting: 1, note: "turned", status: .stuck, wakeAt: Sample.time(60),
                at: Sample.time(5), events: [Sample.event("e-1")])
            let answers = try await store.commit([transition])
            try expectEqual(answers, [.committed(eventVersions: [1])], "the answer")
            let saga = try await store.saga(1)
            var expected = SagaRecord(Sample.start(1))
            expected.version = 2
            expected.status = .stuck
            expected.needsPerson = true
            expected.state = transition.state
            expected.wakeAt = Sample.time(60)
            expected.updatedAt = Sample.time(5)
            try expectEqual(saga, expected, "the saga")
            let rows = try await store.journal(of: transition.sagaID, after: 1, limit: 9)
            let row = JournalRecord(version: 2, at: Sample.time(5), body: transition.journal)
            try expectEqual(rows, [row], "the journal after version 1")
        },
        StoreCheck("ends a saga, and goes on with one that has ended") { store in
            try await store.expectStarted([Sample.start(1, wakeAt: Sample.time(30))])
            try await store.expectCommitted([
                Sample.transition(
                    1, expecting: 1, status: .completed, at: Sample.time(7), endedAt: Sample.time(7)
                )
            ])
            let ended = try await store.saga(1)
            try expectEqual(ended.wakeAt, nil, "the wake-up")
            try expectEqual(ended.endedAt, Sample.time(7), "the end")
            try await store.expectCommitted([
                Sample.transition(
                    1, expecting: 2, status: .completed, wakeAt: Sample.time(40),
                    at: Sample.time(8), endedAt: Sample.time(7))
            ])
            let saga = try await store.saga(1)
            try expectEqual(saga.version, 3, "the version")
            try expectEqual(saga.wakeAt, Sample.time(40), "the wake-up of a late compensation")
            try expectEqual(saga.endedAt, Sample.time(7), "the end stays")
        },
        StoreCheck("refuses a transition from any other version") { store in
            try await store.expectStarted([Sample.start(1)])
            try await store.expectCommitted([Sample.transition(1, expecting: 1)])
            let before = try await store.saga(1)
            for version: Int64 in [0, 1, 3, 99] {
                let stray = Sample.transition(
                    1, expecting: version, note: "stray",
                    events: [Sample.event("stray-\(version)")])
                try expectEqual(
                    try await store.commit([stray]), [.conflict], "expecting \(version)")
            }
            try expectEqual(try await store.saga(1), before, "the saga")
            try expectEqual(try await store.journalVersions(1), [1, 2], "the journal")
            try expectEqual(try await store.orderEvents(), [], "the events")
            try expectEqual(try await store.allUnpublished(), [], "the outbox")
        },
        StoreCheck("refuses a transition of a saga that it does not know") { store in
            let stray = Sample.transition(1, expecting: 1, events: [Sample.event("e-1")])
            try expectEqual(try await store.commit([stray]), [.conflict], "the answer")
            try await expectAbsent(1, in: store)
            try expectEqual(try await store.orderEvents(), [], "the events")
        },
        StoreCheck("stores a conflicting row's neighbours, and answers in order") { store in
            try await store.expectStarted((1...5).map { Sample.start($0) })
            try await store.expectCommitted([Sample.transition(2, expecting: 1, note: "rival")])
            let batch = [5, 2, 4, 9, 1].map {
                Sample.transition(
                    $0, expecting: 1, note: "mine", events: [Sample.event("e-\($0)", of: "o-\($0)")]
                )
            }
            let answers = try await store.commit(batch)
            let expected: [CommitAnswer] = [
                .committed(eventVersions: [1]), .conflict, .committed(eventVersions: [1]),
                .conflict, .committed(eventVersions: [1]),
            ]
            try expectEqual(answers, expected, "the answers")
            for number in [1, 4, 5] {
                try expectEqual(try await store.saga(number).version, 2, "saga \(number)")
                try expectEqual(
                    try await store.orderEvents("o-\(number)").map(\.event.id), ["e-\(number)"],
                    "the events of saga \(number)")
            }
            let rivals = try await store.journal(of: Sample.sagaID(2), after: 1, limit: 9)
            try expectEqual(
                rivals.map(\.body), [Sample.transition(2, expecting: 1, note: "rival").journal],
                "the journal of the saga that conflicted")
            try expectEqual(try await store.orderEvents("o-2"), [], "its events")
            try expectEqual(try await store.saga(3).version, 1, "the saga outside the batch")
        },
        StoreCheck("stores as many transitions in one batch as a batch holds") { store in
            let numbers = Array(0..<StoreLimits.batchTransitions)
            try await store.expectStarted(numbers.map { Sample.start($0) })
            let batch = numbers.reversed().map {
                Sample.transition(
                    $0, expecting: 1, events: [Sample.event("e-\($0)", of: "order-\($0)")])
            }
            let answers = try await store.commit(batch)
            try expectEqual(
                answers, batch.map { _ in .committed(eventVersions: [1]) }, "the answers")
            let states = try await store.load(numbers.map(Sample.sagaID))
            let byID = Dictionary(uniqueKeysWithValues: batch.map { ($0.sagaID, $0.state) })
            for saga in states {
                try expectEqual(saga.state, byID[saga.identity.id], "saga \(saga.identity.key)")
            }
        },
        StoreCheck("stores a full batch of large states") { store in
            let numbers = Array(0..<StoreLimits.batchTransitions)
            try await store.expectStarted(numbers.map { Sample.start($0) })
            let batch = numbers.map { number in
                var transition = Sample.transition(number, expecting: 1)
                transition.state = Array(
                    repeating: UInt8(truncatingIfNeeded: number), count: 40_000)
                return transition
            }
            try await store.expectCommitted(batch)
            let saga = try await store.saga(255)
            try expectEqual(saga.state, batch[255].state, "the last saga's state")
        },
    ]

    static let repetitionChecks: [StoreCheck] = [
        StoreCheck("answers the same start again, and writes it once") { store in
            let events = [Sample.event("e-1"), Sample.event("e-2")]
            let start = Sample.start(1, events: events, claim: Sample.claim("c"))
            for round in 1...2 {
                let answers = try await store.start([start])
                try expectEqual(answers, [.started(eventVersions: [1, 2])], "round \(round)")
            }
            try await store.expectCommitted([
                Sample.transition(1, expecting: 1, events: [Sample.event("e-3")])
            ])
            let answers = try await store.start([start])
            try expectEqual(
                answers, [.started(eventVersions: [1, 2])], "after the saga moved on")
            try expectEqual(try await store.saga(1).version, 2, "the version")
            try expectEqual(try await store.orderEvents().count, 3, "the number of events")
            try expectEqual(try await store.allUnpublished().count, 3, "the outbox")
        },
        StoreCheck("answers the same commit again, and writes it once") { store in
            try await store.expectStarted([Sample.start(1, events: [Sample.event("e-1")])])
            let commit = Sample.transition(
                1, expecting: 1, events: [Sample.event("e-2"), Sample.event("e-3")])
            for round in 1...2 {
                let answers = try await store.commit([commit])
                try expectEqual(answers, [.committed(eventVersions: [2, 3])], "round \(round)")
            }
            try expectEqual(try await store.saga(1).version, 2, "the version")
            try expectEqual(try await store.journalVersions(1), [1, 2], "the journal")
            try expectEqual(
                try await store.orderEvents().map(\.event.id), ["e-1", "e-2", "e-3"], "the events")
            try expectEqual(try await store.allUnpublished().count, 3, "the outbox")
        },
        StoreCheck("answers the same commit again after the saga moved on") { store in
            try await store.expectStarted([Sample.start(1)])
            let first = Sample.transition(1, expecting: 1, events: [Sample.event("e-1")])
            try await store.expectCommitted([first])
            try await store.expectCommitted([
                Sample.transition(1, expecting: 2, events: [Sample.event("e-2")])
            ])
            let before = try await store.saga(1)
            let answers = try await store.commit([first])
            try expectEqual(answers, [.committed(eventVersions: [1])], "the answer")
            try expectEqual(try await store.saga(1), before, "the saga")
        },
        StoreCheck("refuses a rival's decision at the same version with the same ids") { store in
            try await store.expectStarted([Sample.start(1)])
            let events = [Sample.event("derived-from-saga-and-version")]
            let winner = Sample.transition(1, expecting: 1, note: "winner", events: events)
            let loser = Sample.transition(1, expecting: 1, note: "loser", events: events)
            try await store.expectCommitted([winner])
            try expectEqual(try await store.commit([loser]), [.conflict], "the rival")
            try expectEqual(try await store.saga(1).state, winner.state, "the state")
            try expectEqual(try await store.orderEvents().count, 1, "the number of events")
        },
        StoreCheck("answers repeated and new rows of one batch each in its way") { store in
            try await store.expectStarted((1...3).map { Sample.start($0) })
            let old = Sample.transition(1, expecting: 1, events: [Sample.event("e-1")])
            try await store.expectCommitted([old])
            let answers = try await store.commit([
                Sample.transition(2, expecting: 1, events: [Sample.event("e-2")]), old,
                Sample.transition(3, expecting: 1, events: [Sample.event("e-3")]),
            ])
            try expectEqual(answers[1], .committed(eventVersions: [1]), "the repeated row")
            let versions = answers.flatMap { answer -> [Int64] in
                guard case .committed(let versions) = answer else { return [] }
                return versions
            }
            try expectEqual(versions.sorted(), [1, 2, 3], "the versions")
            try expectEqual(try await store.orderEvents().count, 3, "the number of events")
        },
        StoreCheck("does not bring back a published event with the same commit") { store in
            try await store.expectStarted([Sample.start(1)])
            let commit = Sample.transition(1, expecting: 1, events: [Sample.event("e-1")])
            try await store.expectCommitted([commit])
            try await store.markPublished(try await store.allUnpublished().map(\.outboxKey))
            try await store.expectCommitted([commit])
            try expectEqual(try await store.allUnpublished(), [], "the outbox")
        },
    ]
}
