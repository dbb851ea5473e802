import SagaCore
import SagaRuntime

extension StoreConformance {
    static let viewChecks: [StoreCheck] = [
        StoreCheck("stores every part of a view") { store in
            let views = [
                Sample.view("o-\u{301}1 'x' 🧾", document: #"{"a":"it's \\u0000 é"}"#),
                Sample.view(
                    "o-2", version: 7, rebuild: 3, status: "Approved", customerID: "c-1",
                    createdAt: Sample.time(1), updatedAt: Sample.time(9)),
            ]
            try expectEqual(try await store.put(views), 2, "the views stored")
            let found = try await store.views(of: views.map(\.key) + [Sample.viewKey("none")])
            try expectEqual(found.sorted(by: Self.byKey), views.sorted(by: Self.byKey), "the views")
            let keys = try await store.views(of: [views[0].key]).map(\.key.id.utf8).map(Array.init)
            try expectEqual(keys, [Array(views[0].key.id.utf8)], "the bytes of the identity")
            try expectEqual(try await store.put([]), 0, "nothing stored")
        },
        StoreCheck("moves a view forward only") { store in
            let first = Sample.view("o-1", version: 2, status: "Pending", document: #"{"v":2}"#)
            let later = Sample.view("o-1", version: 4, status: "Done", document: #"{"v":4}"#)
            try expectEqual(try await store.put([first]), 1, "the first")
            try expectEqual(try await store.put([first]), 0, "the same again")
            try expectEqual(try await store.put([later]), 1, "a later one, with a gap")
            try expectEqual(try await store.put([first]), 0, "an earlier one")
            try expectEqual(try await store.views(of: [first.key]), [later], "the view")
        },
        StoreCheck("stores the others of a batch in which some views are not newer") { store in
            let old = (0..<3).map { Sample.view("o-\($0)", version: 3) }
            try expectEqual(try await store.put([old[1]]), 1, "one of them")
            try expectEqual(try await store.put(old), 2, "the others")
        },
        StoreCheck("has a rebuild take the place of a view that is not ahead") { store in
            let present = Sample.view("o-1", version: 3, document: #"{"old":true}"#)
            _ = try await store.put([present])
            let behind = Sample.view("o-1", version: 2, rebuild: 5)
            try expectEqual(try await store.put([behind]), 0, "a rebuild that is behind")
            let rebuilt = Sample.view("o-1", version: 3, rebuild: 5, document: #"{"new":true}"#)
            try expectEqual(try await store.put([rebuilt]), 1, "a rebuild of the same version")
            try expectEqual(try await store.put([rebuilt]), 0, "the same rebuild again")
            let stale = Sample.view("o-1", version: 4)
            try expectEqual(try await store.put([stale]), 0, "what goes on from before the rebuild")
            let next = Sample.view("o-1", version: 4, rebuild: 5)
            try expectEqual(try await store.put([next]), 1, "what goes on from the rebuild")
            try expectEqual(try await store.views(of: [next.key]), [next], "the view")
        },
        StoreCheck("stores as many views as a batch holds, whoever else does") { store in
            let views = (0..<StoreLimits.batchViews).map { Sample.view("o-\($0)") }
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for batch in [views, views.reversed()] {
                    group.addTask { try await store.put(batch) }
                }
                return try await group.reduce(0, +)
            }
            try expectEqual(counts, views.count, "how often a view was stored")
        },
        StoreCheck("shows a view beside its aggregate") { store in
            let key = Sample.viewKey("order-1")
            let none = CurrentView(view: nil, aggregateVersion: 0)
            try expectEqual(try await store.view(key), none, "before the first event")
            try await store.expectStarted([
                Sample.start(1, events: [Sample.event("e-1"), Sample.event("e-2")])
            ])
            let bare = CurrentView(view: nil, aggregateVersion: 2)
            try expectEqual(try await store.view(key), bare, "before its view")
            let view = Sample.view("order-1", version: 1)
            _ = try await store.put([view])
            let behind = CurrentView(view: view, aggregateVersion: 2)
            try expectEqual(try await store.view(key), behind, "a view that is behind")
        },
        StoreCheck("gives the events behind versions of several aggregates") { store in
            let tail = StoreLimits.batchTail
            let many = (0..<tail + 3).map { Sample.event("m-\($0)", of: "many") }
            try await store.expectStarted([
                Sample.start(
                    1, events: [Sample.event("a-1", of: "a"), Sample.event("a-2", of: "a")]),
                Sample.start(2, events: many),
                Sample.start(3, events: [Sample.event("c-1", of: "c")]),
            ])
            let found = try await store.events(behind: [
                AggregatePosition(key: Sample.viewKey("a"), version: 1),
                AggregatePosition(key: Sample.viewKey("many"), version: 2),
                AggregatePosition(key: Sample.viewKey("c"), version: 1),
                AggregatePosition(key: Sample.viewKey("none"), version: 0),
            ])
            let ofMany = found.filter { $0.event.aggregateID == "many" }
            try expectEqual(ofMany.map(\.version), (3...Int64(tail + 2)).map { $0 }, "of many")
            let others = found.filter { $0.event.aggregateID != "many" }
            let all = try await store.orderEvents("a")
            try expectEqual(others, [all[1]], "the other events, whole")
        },
        StoreCheck("walks over all aggregates, or over those whose views are behind") { store in
            let count = StoreLimits.pageAggregates + 2
            let starts = (0..<count).map { number in
                Sample.start(
                    number, at: Sample.time(number % 2),
                    events: [Sample.event("e-\(number)", of: "o-\(number)")])
            }
            for start in stride(from: 0, to: count, by: StoreLimits.batchTransitions) {
                let end = min(start + StoreLimits.batchTransitions, count)
                try await store.expectStarted(Array(starts[start..<end]))
            }
            let all = Set((0..<count).map { "o-\($0)" })
            try expectEqual(try await walk(store, behindSince: nil), all, "all aggregates")
            // Those of even numbers were recorded before 1 s.
            let early = Set((0..<count).filter { $0 % 2 == 0 }.map { "o-\($0)" })
            let since = Sample.time(1)
            try expectEqual(try await walk(store, behindSince: since), early, "without views")
            let kept = (0..<4).map { Sample.view("o-\($0)", version: $0 < 2 ? 1 : 2) }
            _ = try await store.put(kept)
            let left = early.subtracting(["o-0", "o-2"])
            try expectEqual(try await walk(store, behindSince: since), left, "with some views")
        },
        StoreCheck("finds a view behind by the age of its aggregate's last event") { store in
            try await store.expectStarted([Sample.start(1, events: [Sample.event("e-1")])])
            _ = try await store.put([Sample.view("order-1")])
            try await store.expectCommitted([
                Sample.transition(
                    1, expecting: 1, at: Sample.time(5), events: [Sample.event("e-2")])
            ])
            func found(since: Int) async throws -> [AggregatePosition] {
                let query = AggregateQuery(behindSince: Sample.time(since))
                let page = try await store.aggregates(query)
                return page.aggregates
            }
            try expectEqual(try await found(since: 5), [], "too young")
            let position = AggregatePosition(key: Sample.viewKey("order-1"), version: 2)
            try expectEqual(try await found(since: 6), [position], "old enough")
        },
    ]

    private static func byKey(_ left: ViewRecord, _ right: ViewRecord) -> Bool {
        left.key < right.key
    }

    /// The identities of the aggregates that a walk meets; fails where it meets one twice.
    private static func walk(
        _ store: any Store, behindSince: Instant?
    ) async throws -> Set<String> {
        var query = AggregateQuery(behindSince: behindSince)
        var found: Set<String> = []
        repeat {
            let page = try await store.aggregates(query)
            for position in page.aggregates {
                try expect(
                    found.insert(position.key.id).inserted, "\(position.key.id) came twice")
                try expectEqual(position.version, 1, "the version of \(position.key.id)")
            }
            query.after = page.after
        } while query.after != nil
        return found
    }
}
