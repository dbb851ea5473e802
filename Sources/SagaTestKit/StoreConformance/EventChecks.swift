import SagaCore
import SagaRuntime

extension StoreConformance {
    static let eventChecks: [StoreCheck] = [
        StoreCheck("stores every part of an event") { store in
            let event = NewEvent(
                id: "id 'with' any text 🧾", aggregateType: "order", aggregateID: "o-\u{301}1",
                stream: "ORDERS", type: "ORDERS.created", body: Array(#"{"a":1}"#.utf8))
            try await store.expectStarted([
                Sample.start(1, at: Sample.time(4), events: [event])
            ])
            let expected = RecordedEvent(
                event: event, version: 1, sagaID: Sample.sagaID(1), recordedAt: Sample.time(4))
            let found = try await store.orderEvents("o-\u{301}1")
            try expectEqual(found, [expected], "the event")
            try expectEqual(
                found.first.map { Array($0.event.aggregateID.utf8) },
                Array(event.aggregateID.utf8), "the bytes of the aggregate's identity")
            try expectEqual(try await store.allUnpublished(), [expected], "the outbox")
        },
        StoreCheck("keeps an event's data byte for byte") { store in
            let bodies = [
                #"{ "b" : 1.0 , "a":[1e2,-0.0] ,"a":1}"#, " null ", "\t\"text\"\n",
                #"{"é":"e"# + "\u{301} \\u0000 \\\" ' \\\\ 🧾 \u{7f}" + #""}"#, #"{"q":"it's"}"#,
            ]
            let events = bodies.enumerated().map {
                Sample.event("e-\($0.offset)", body: $0.element)
            }
            try await store.expectStarted([Sample.start(1, events: events)])
            let found = try await store.orderEvents()
            for (event, body) in zip(found, bodies) {
                try expectEqual(event.event.body, Array(body.utf8), "the data \(body)")
            }
            let waiting = try await store.allUnpublished()
            try expectEqual(waiting.map(\.event.body), found.map(\.event.body), "the outbox")
        },
        StoreCheck("tells no data from data that is null") { store in
            let events = [Sample.event("e-1", body: nil), Sample.event("e-2", body: "null")]
            try await store.expectStarted([Sample.start(1, events: events)])
            let found = try await store.orderEvents().map(\.event.body)
            try expectEqual(found, [nil, Array("null".utf8)], "the data")
        },
        StoreCheck("numbers an aggregate's events without a gap over many sagas") { store in
            let starts = (0..<20).map { number in
                Sample.start(
                    number,
                    events: [
                        Sample.event("s-\(number)-a", of: "order-\(number % 3)"),
                        Sample.event("s-\(number)-b", of: "order-\(number % 3)"),
                    ])
            }
            var given: [String: [Int64]] = [:]
            for (start, answer) in zip(starts, try await store.start(starts)) {
                guard case .started(let versions) = answer else {
                    throw Expectation("expected started, found \(answer)")
                }
                try note(versions, of: start.transition.events, in: &given)
            }
            let commits = (0..<20).map { number in
                Sample.transition(
                    number, expecting: 1,
                    events: (0..<(number % 4)).map {
                        Sample.event("c-\(number)-\($0)", of: "order-\((number + $0) % 3)")
                    })
            }
            for (commit, answer) in zip(commits, try await store.commit(commits)) {
                guard case .committed(let versions) = answer else {
                    throw Expectation("expected committed, found \(answer)")
                }
                try note(versions, of: commit.events, in: &given)
            }
            for (aggregate, versions) in given {
                try expectEqual(
                    versions.sorted(), Array(1...Int64(versions.count)), "versions of \(aggregate)")
                let stored = try await store.orderEvents(aggregate).map(\.version)
                try expectEqual(stored, versions.sorted(), "stored versions of \(aggregate)")
            }
        },
        StoreCheck("gives the events of one transition rising versions") { store in
            let events = (0..<50).map { Sample.event("e-\(($0 * 37) % 50)") }
            try await store.expectStarted([Sample.start(1)])
            let answers = try await store.commit([
                Sample.transition(1, expecting: 1, events: events)
            ])
            try expectEqual(
                answers, [.committed(eventVersions: Array(1...50))], "the versions")
            try expectEqual(
                try await store.orderEvents().map(\.event.id), events.map(\.id), "the order")
        },
        StoreCheck("counts aggregates of different types apart") { store in
            let events = [
                Sample.event("e-1", of: "x", aggregateType: "order"),
                Sample.event("e-2", of: "x", aggregateType: "parcel"),
                Sample.event("e-3", of: "X", aggregateType: "order"),
                Sample.event("e-4", of: "x", aggregateType: "order"),
            ]
            let answers = try await store.start([Sample.start(1, events: events)])
            try expectEqual(answers, [.started(eventVersions: [1, 1, 1, 2])], "the versions")
        },
        StoreCheck("takes no version for a row that is not stored") { store in
            try await store.expectStarted([Sample.start(1), Sample.start(2, key: "taken")])
            let starts = try await store.start([
                Sample.start(3, key: "taken", events: [Sample.event("e-1")]),
                Sample.start(4, events: [Sample.event("e-2")]),
            ])
            try expectEqual(starts[1], .started(eventVersions: [1]), "the start")
            let commits = try await store.commit([
                Sample.transition(1, expecting: 9, events: [Sample.event("e-3")]),
                Sample.transition(2, expecting: 1, events: [Sample.event("e-4")]),
            ])
            try expectEqual(commits[1], .committed(eventVersions: [2]), "the commit")
        },
        StoreCheck("pages through an aggregate's events") { store in
            let events = (1...7).map { Sample.event("e-\($0)") }
            try await store.expectStarted([Sample.start(1, events: events)])
            func versions(after: Int64, limit: Int) async throws -> [Int64] {
                try await store.events(
                    aggregateType: "order", aggregateID: "order-1", after: after, limit: limit
                ).map(\.version)
            }
            try expectEqual(try await versions(after: 0, limit: 3), [1, 2, 3], "the first page")
            try expectEqual(try await versions(after: 3, limit: 3), [4, 5, 6], "the second page")
            try expectEqual(try await versions(after: 6, limit: 3), [7], "the last page")
            try expectEqual(try await versions(after: 7, limit: 3), [], "behind the end")
            try expectEqual(try await store.orderEvents("order-2"), [], "an unknown aggregate")
        },
        StoreCheck("pages through a saga's journal") { store in
            try await store.expectStarted([Sample.start(1), Sample.start(2)])
            for version in 1...6 {
                try await store.expectCommitted([Sample.transition(1, expecting: Int64(version))])
            }
            func versions(after: Int64, limit: Int) async throws -> [Int64] {
                try await store.journal(of: Sample.sagaID(1), after: after, limit: limit)
                    .map(\.version)
            }
            try expectEqual(try await versions(after: 0, limit: 3), [1, 2, 3], "the first page")
            try expectEqual(try await versions(after: 3, limit: 3), [4, 5, 6], "the second page")
            try expectEqual(try await versions(after: 6, limit: 3), [7], "the last page")
            try expectEqual(try await versions(after: 7, limit: 3), [], "behind the end")
        },
    ]

    /// Notes an answer's versions under their events' aggregates; within one answer they rise.
    private static func note(
        _ versions: [Int64], of events: [NewEvent], in given: inout [String: [Int64]]
    ) throws {
        try expectEqual(versions.count, events.count, "the number of versions")
        var last: [String: Int64] = [:]
        for (event, version) in zip(events, versions) {
            try expect(
                last[event.aggregateID, default: 0] < version,
                "the versions \(versions) do not rise")
            last[event.aggregateID] = version
            given[event.aggregateID, default: []].append(version)
        }
    }
}
