import SagaCore
import SagaRuntime

extension StoreConformance {
    static let listingChecks: [StoreCheck] = [
        StoreCheck("lists sagas newest first, ties by descending identity") { store in
            let starts = (0..<12).map { Sample.start($0, at: Sample.time($0 / 4)) }
            try await store.expectStarted(starts)
            let page = try await store.list(SagaQuery())
            try expectEqual(page.sagas, newestFirst(starts).map { SagaRecord($0) }, "the sagas")
            try expectEqual(page.after, nil, "the cursor at the end")
        },
        StoreCheck("lists nothing where there is nothing") { store in
            let page = try await store.list(SagaQuery())
            try expectEqual(page, SagaPage(sagas: [], after: nil), "the page")
        },
        StoreCheck("pages through the list without gap or overlap") { store in
            let starts = (0..<10).map { Sample.start($0, at: Sample.time($0 / 3)) }
            try await store.expectStarted(starts)
            let expected = newestFirst(starts).map(\.identity.id)
            for limit in [1, 2, 3, 5, 9, 10, 11] {
                var query = SagaQuery()
                query.limit = limit
                var found: [SagaID] = []
                var pages = 0
                repeat {
                    let page = try await store.list(query)
                    found += page.sagas.map(\.identity.id)
                    query.after = page.after
                    pages += 1
                } while query.after != nil && pages < 20
                try expectEqual(found, expected, "the pages of \(limit)")
                try expectEqual(pages, (10 + limit - 1) / limit, "the number of pages of \(limit)")
            }
        },
        StoreCheck("does not disturb the next page with newer sagas") { store in
            let starts = (0..<4).map { Sample.start($0, at: Sample.time($0)) }
            try await store.expectStarted(starts)
            var query = SagaQuery()
            query.limit = 2
            query.after = try await store.list(query).after
            try await store.expectStarted((10..<14).map { Sample.start($0, at: Sample.time($0)) })
            let page = try await store.list(query)
            try expectEqual(
                page.sagas.map(\.identity.id), [Sample.sagaID(1), Sample.sagaID(0)], "the page")
        },
        StoreCheck("lists by definition, key, status and time of start") { store in
            try await startZoo(in: store)
            try await expectListed(["a", "b", "c", "d", "e"], in: store) { _ in }
            try await expectListed(["a", "b", "c"], in: store) { $0.definition = "order" }
            try await expectListed(["d", "e"], in: store) { $0.definition = "refund" }
            try await expectListed([], in: store) { $0.definition = "parcel" }
            try await expectListed(["b"], in: store) { $0.key = "b" }
            try await expectListed([], in: store) { $0.key = "B" }
            try await expectListed(["d"], in: store) { query in
                query.definition = "refund"
                query.key = "d"
            }
            try await expectListed([], in: store) { query in
                query.definition = "order"
                query.key = "d"
            }
            try await expectListed(["a", "d"], in: store) { $0.statuses = [.running] }
            try await expectListed(["a", "b", "d"], in: store) { $0.statuses = [.running, .stuck] }
            try await expectListed(
                ["a", "b", "c", "d", "e"], in: store
            ) { $0.statuses = SagaStatus.allCases }
            try await expectListed(["c", "d", "e"], in: store) { $0.since = Sample.time(30) }
            try await expectListed(["a", "b"], in: store) { $0.until = Sample.time(30) }
            try await expectListed(["b", "c"], in: store) { query in
                query.since = Sample.time(20)
                query.until = Sample.time(40)
            }
            try await expectListed(["d"], in: store) { query in
                query.definition = "refund"
                query.statuses = [.running, .completed]
                query.since = Sample.time(40)
                query.until = Sample.time(50)
            }
        },
        StoreCheck("pages through a filtered list") { store in
            let statuses: [SagaStatus] = [.running, .stuck, .completed]
            let starts = (0..<30).map {
                Sample.start(
                    $0, status: statuses[$0 % 3], wakeAt: Sample.time(90), at: Sample.time($0 / 5))
            }
            try await store.expectStarted(starts)
            let wanted = starts.filter { $0.transition.status != .running }
            var query = SagaQuery()
            query.statuses = [.completed, .stuck]
            query.until = Sample.time(5)
            query.limit = 4
            var found: [SagaID] = []
            repeat {
                let page = try await store.list(query)
                found += page.sagas.map(\.identity.id)
                query.after = page.after
            } while query.after != nil && found.count < 40
            let expected = newestFirst(wanted.filter { $0.transition.at < Sample.time(5) })
            try expectEqual(found, expected.map(\.identity.id), "the sagas")
        },
        StoreCheck("lists a saga's status as it is now") { store in
            try await store.expectStarted([Sample.start(1), Sample.start(2)])
            try await store.expectCommitted([
                Sample.transition(1, expecting: 1, status: .stuck, wakeAt: Sample.time(3))
            ])
            var query = SagaQuery()
            query.statuses = [.stuck]
            try expectEqual(
                try await store.list(query).sagas, [try await store.saga(1)], "the stuck sagas")
        },
        StoreCheck("counts the sagas that have not ended, by version") { store in
            let wakeAt = Sample.time(9)
            try await store.expectStarted([
                Sample.start(1, wakeAt: wakeAt), Sample.start(2, wakeAt: wakeAt),
                Sample.start(3, definitionVersion: 2, wakeAt: wakeAt),
                Sample.start(4, definitionVersion: 2, wakeAt: wakeAt),
                Sample.start(5, name: "refund", definitionVersion: 3, wakeAt: wakeAt),
            ])
            try await store.expectCommitted([
                Sample.transition(2, expecting: 1, status: .stuck),
                Sample.transition(
                    3, expecting: 1, status: .completed, endedAt: Sample.time(1)),
                // What has ended may still owe a compensation.
                Sample.transition(
                    4, expecting: 1, status: .compensated, wakeAt: wakeAt,
                    endedAt: Sample.time(1)),
            ])
            try expectEqual(
                try await store.countUnended(definition: "order"), [1: 2], "those of orders")
            try expectEqual(
                try await store.countUnended(definition: "refund"), [3: 1], "those of refunds")
            try expectEqual(
                try await store.countUnended(definition: "nothing"), [:], "those of nothing")
        },
        StoreCheck("lists the sagas that wait for a person") { store in
            try await store.expectStarted((1...5).map { Sample.start($0, at: Sample.time($0)) })
            try await store.expectCommitted([
                Sample.transition(2, expecting: 1, needsPerson: true, wakeAt: Sample.time(3)),
                Sample.transition(3, expecting: 1, status: .stuck),
                Sample.transition(4, expecting: 1, needsPerson: true),
            ])
            try await store.expectCommitted([Sample.transition(4, expecting: 2)])
            var query = SagaQuery()
            query.needsPerson = true
            let expected = [try await store.saga(3), try await store.saga(2)]
            try expectEqual(try await store.list(query).sagas, expected, "who waits")
            query.limit = 1
            let first = try await store.list(query)
            try expectEqual(first.sagas, [expected[0]], "the first page")
            query.after = first.after
            try expectEqual(
                try await store.list(query), SagaPage(sagas: [expected[1]], after: nil),
                "the second page")
            query.after = nil
            query.statuses = [.running]
            try expectEqual(try await store.list(query).sagas, [expected[1]], "who runs and waits")
            query.key = "key-3"
            try expectEqual(try await store.list(query).sagas, [], "the running saga of a key")
        },
    ]

    private static func newestFirst(_ starts: [SagaStart]) -> [SagaStart] {
        starts.sorted { left, right in
            (left.transition.at, left.identity.id) > (right.transition.at, right.identity.id)
        }
    }

    /// Five sagas, `a` to `e`, started at 10 s to 50 s.
    private static func startZoo(in store: any Store) async throws {
        // What runs has a wake-up, or needs a person.
        let wakeAt = Sample.time(90)
        try await store.expectStarted([
            Sample.start(1, key: "a", status: .running, wakeAt: wakeAt, at: Sample.time(10)),
            Sample.start(2, key: "b", status: .stuck, at: Sample.time(20)),
            Sample.start(3, key: "c", status: .completed, at: Sample.time(30)),
            Sample.start(
                4, name: "refund", key: "d", status: .running, wakeAt: wakeAt, at: Sample.time(40)),
            Sample.start(5, name: "refund", key: "e", status: .settled, at: Sample.time(50)),
        ])
    }

    private static func expectListed(
        _ keys: [String], in store: any Store, fileID: String = #fileID, line: Int = #line,
        _ change: (inout SagaQuery) -> Void
    ) async throws {
        var query = SagaQuery()
        change(&query)
        let found = try await store.list(query).sagas.map(\.identity.key)
        try expectEqual(found, keys.reversed(), "sagas of \(query)", fileID: fileID, line: line)
    }
}
