package import SagaCore
package import SagaRuntime

extension StoreConformance {
    static let appendChecks: [StoreCheck] = [
        StoreCheck("stores every part of an event from outside") { store in
            let event = NewEvent(
                id: "id 'with' any text 🧾", aggregateType: "order", aggregateID: "o-\u{301}1",
                stream: "ORDERS", type: "ORDERS.paid", body: Array(#"{ "a":1.0 }"#.utf8))
            let answers = try await store.append([EventAppend(event: event, at: Sample.time(4))])
            try expectEqual(answers, [.appended(version: 1)], "the answer")
            let expected = RecordedEvent(
                event: event, version: 1, sagaID: nil, recordedAt: Sample.time(4))
            try expectEqual(try await store.orderEvents("o-\u{301}1"), [expected], "the event")
            try expectEqual(try await store.allUnpublished(), [expected], "the outbox")
            try expectEqual(try await store.event(id: event.id), expected, "the event by its id")
            try await store.markPublished([expected.outboxKey])
            try expectEqual(try await store.allUnpublished(), [], "the outbox afterwards")
        },
        StoreCheck("takes versions for sagas' events and for others from one counter") { store in
            try await store.expectStarted([Sample.start(1, events: [Sample.event("s-1")])])
            let answers = try await store.append([
                Sample.append("o-1"), Sample.append("other", of: "order-2"), Sample.append("o-2"),
            ])
            try expectEqual(
                answers,
                [.appended(version: 2), .appended(version: 1), .appended(version: 3)],
                "the answers")
            let commits = try await store.commit([
                Sample.transition(1, expecting: 1, events: [Sample.event("s-2")])
            ])
            try expectEqual(commits, [.committed(eventVersions: [4])], "the commit")
            try expectEqual(
                try await store.orderEvents().map(\.event.id), ["s-1", "o-1", "o-2", "s-2"],
                "the events")
            let raisers = try await store.orderEvents().map(\.sagaID)
            try expectEqual(
                raisers, [Sample.sagaID(1), nil, nil, Sample.sagaID(1)], "who raised them")
        },
        StoreCheck("stores an id once, however often it comes") { store in
            _ = try await store.append([Sample.append("e-1")])
            let again = try await store.append([
                Sample.append("e-2"), Sample.append("e-1", of: "order-9", body: "1"),
                Sample.append("e-2", body: "2"),
            ])
            try expectEqual(
                again, [.appended(version: 2), .known(version: 1), .known(version: 2)],
                "the answers")
            let ids = try await store.orderEvents().map(\.event.id)
            try expectEqual(ids, ["e-1", "e-2"], "the events, without a gap")
            try expectEqual(try await store.orderEvents("order-9"), [], "another aggregate")
            try expectEqual(try await store.orderEvents()[1].event.body, Array("{}".utf8), "e-2")
        },
        StoreCheck("tells ids apart by their bytes") { store in
            let answers = try await store.append([
                Sample.append("e\u{301}"), Sample.append("\u{e9}"),
            ])
            try expectEqual(
                answers, [.appended(version: 1), .appended(version: 2)], "the answers")
            let found = try await store.event(id: "\u{e9}")
            try expectEqual(found?.version, 2, "the composed one")
        },
        StoreCheck("knows an id that a saga's event has") { store in
            try await store.expectStarted([Sample.start(1, events: [Sample.event("s-1")])])
            let answers = try await store.append([Sample.append("s-1", of: "order-5")])
            try expectEqual(answers, [.known(version: 1)], "the answer")
            try expectEqual(try await store.orderEvents("order-5"), [], "the other aggregate")
        },
        StoreCheck("refuses an event that no database keeps, alone") { store in
            var broken = Sample.append("broken")
            broken.event.body = [0x22, 0xC3, 0x28, 0x22]
            let poisons = [
                broken, Sample.append("zero-in-data", body: "\"\u{0}\""),
                Sample.append("zero\u{0}"), Sample.append("zero-in-aggregate", of: "\u{0}"),
                Sample.append("zero-in-type", type: "ORDERS.\u{0}"), Sample.append(""),
                Sample.append(String(repeating: "x", count: 256)),
                Sample.append("long", of: String(repeating: "y", count: 5000)),
            ]
            for (round, poison) in poisons.enumerated() {
                let answers = try await store.append([
                    Sample.append("a-\(round)", of: "a"), poison,
                    Sample.append("b-\(round)", of: "b"),
                ])
                try expectEqual(answers[0], .appended(version: Int64(round + 1)), "the first")
                try expectEqual(answers[2], .appended(version: Int64(round + 1)), "the last")
                guard case .poisoned(let reason) = answers[1], !reason.isEmpty else {
                    throw Expectation("expected poisoned with a reason, found \(answers[1])")
                }
            }
            try expectEqual(try await store.orderEvents(), [], "what was refused")
        },
        StoreCheck("takes a full batch, and an empty one") { store in
            let batch = (0..<StoreLimits.batchTransitions).map {
                Sample.append("e-\($0)", of: "order-\($0 % 7)")
            }
            let answers = try await store.append(batch)
            for (place, answer) in answers.enumerated() {
                try expectEqual(
                    answer, .appended(version: Int64(place / 7 + 1)), "the answer to e-\(place)")
            }
            try expectEqual(try await store.append(batch).count, batch.count, "once more")
            try expectEqual(try await store.append([]), [], "an empty batch")
        },
        StoreCheck("stores an id once although many append it at a time") { store in
            let answers = try await withThrowingTaskGroup { group in
                for caller in 0..<8 {
                    group.addTask {
                        try await store.appendPatiently(
                            (0..<20).map { number in
                                let id = caller % 2 == 0 ? number : 19 - number
                                return Sample.append("e-\(id)", of: "order-\(id % 3)")
                            } + [Sample.append("own-\(caller)", of: "order-0")])
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let new = answers.count { answer in
                if case .appended = answer { return true }
                return false
            }
            try expectEqual(new, 28, "how many were stored")
            for (aggregate, count) in [("order-0", 15), ("order-1", 7), ("order-2", 6)] {
                let versions = try await store.orderEvents(aggregate).map(\.version)
                try expectEqual(versions, Array(1...Int64(count)), "versions of \(aggregate)")
            }
        },
    ]

    static let appendedInTransitionChecks: [StoreCheck] = [
        StoreCheck("stores an event from outside with a transition, or neither") { store in
            try await store.expectStarted([
                Sample.start(1, events: [Sample.event("s-1")]), Sample.start(2),
            ])
            var outside = Sample.event("o-1", body: #"{"a": 1}"#)
            outside.viewData = Array(#"{"status":"Paid"}"#.utf8)
            var transition = Sample.transition(
                1, expecting: 1, events: [outside, Sample.event("s-2")])
            transition.appended = 0
            var late = Sample.transition(
                2, expecting: 7, events: [Sample.event("o-2")])
            late.appended = 0
            let answers = try await store.commit([transition, late])
            try expectEqual(
                answers, [.committed(eventVersions: [2, 3]), .conflict], "the answers")
            try expectEqual(try await store.event(id: "o-2"), nil, "the event of the conflict")
            let expected = RecordedEvent(
                event: outside, version: 2, sagaID: nil, recordedAt: transition.at)
            try expectEqual(try await store.event(id: "o-1"), expected, "the event")
            try expectEqual(
                try await store.event(id: "s-2")?.sagaID, Sample.sagaID(1), "the raised one")
            let waiting = try await store.allUnpublished()
            try expectEqual(
                Set(waiting.map(\.event.id)), ["s-1", "o-1", "s-2"], "the outbox")
            try await store.markPublished(waiting.map(\.outboxKey))
            try expectEqual(try await store.allUnpublished(), [], "the outbox afterwards")
            try expectEqual(
                try await store.commit([transition]), [.committed(eventVersions: [2, 3])],
                "the same once more")
            try expectEqual(
                try await store.append([EventAppend(event: outside, at: Sample.time(9))]),
                [.known(version: 2)], "the event once more")
        },
        StoreCheck("refuses a transition with an event from outside that is known, alone") {
            store in
            try await store.expectStarted([Sample.start(1), Sample.start(2)])
            _ = try await store.append([Sample.append("o-1", of: "order-9")])
            var transition = Sample.transition(1, expecting: 1, events: [Sample.event("o-1")])
            transition.appended = 0
            let neighbour = Sample.transition(2, expecting: 1, events: [Sample.event("s-1")])
            let answers = try await store.commit([transition, neighbour])
            guard case .poisoned = answers[0] else {
                throw Expectation("expected poisoned, found \(answers[0])")
            }
            try expectEqual(answers[1], .committed(eventVersions: [1]), "its neighbour")
            try expectEqual(try await store.saga(1).version, 1, "the saga's version")
        },
        StoreCheck("finds the sagas that have keys") { store in
            try await store.expectStarted([
                Sample.start(1, key: "k"), Sample.start(2, name: "refund", key: "k"),
                Sample.start(3, key: "e\u{301}"),
            ])
            let found = try await store.owners(of: [
                SagaKey(definition: "refund", key: "k"), SagaKey(definition: "order", key: "x"),
                SagaKey(definition: "order", key: "k"), SagaKey(definition: "order", key: "k"),
                SagaKey(definition: "order", key: "\u{e9}"),
                SagaKey(definition: "order", key: "\u{0}"),
            ])
            try expectEqual(
                found, [Sample.sagaID(2), nil, Sample.sagaID(1), Sample.sagaID(1), nil, nil],
                "the sagas")
            try expectEqual(try await store.owners(of: []), [], "of no key")
        },
    ]
}

extension Sample {
    /// An event from outside on the stream `ORDERS`.
    package static func append(
        _ id: String, of aggregateID: String = "order-1", aggregateType: String = "order",
        type: String = "ORDERS.changed", body: String? = "{}", at: Instant = epoch
    ) -> EventAppend {
        EventAppend(
            event: event(
                id, of: aggregateID, aggregateType: aggregateType, type: type, body: body),
            at: at)
    }
}

extension Store {
    /// Appends, again where the store says that it could not: on a busy machine the many may be in
    /// each other's way for longer than a store tries by itself.
    func appendPatiently(_ batch: [EventAppend]) async throws -> [EventAppendAnswer] {
        try await patiently { try await append(batch) }
    }

    /// Commits as a coordinator does: a store that could not is asked again.
    func commitPatiently(_ batch: [Transition]) async throws -> [CommitAnswer] {
        try await patiently { try await commit(batch) }
    }

    private func patiently<Answer>(_ work: () async throws -> Answer) async throws -> Answer {
        for _ in 0..<9 {
            do {
                return try await work()
            } catch let error as StoreError where error.kind == .unavailable {}
        }
        return try await work()
    }
}
