import SagaCore
import SagaRuntime

extension StoreConformance {
    static let viewListChecks: [StoreCheck] = [
        StoreCheck("lists views by collection, customer, status and time") { store in
            try await putZoo(in: store)
            try await expectViews(["a", "b", "c", "d"], in: store) { _ in }
            try await expectViews(["p"], in: store) { $0.collection = "parcel" }
            try await expectViews([], in: store) { $0.collection = "nothing" }
            try await expectViews(["a", "c"], in: store) { $0.customerID = "c-1" }
            try await expectViews([], in: store) { $0.customerID = "C-1" }
            try await expectViews(["b", "c"], in: store) { $0.statuses = ["Approved"] }
            try await expectViews(["a", "b", "c"], in: store) {
                $0.statuses = ["Approved", "Pending"]
            }
            try await expectViews(["c"], in: store) { query in
                query.customerID = "c-1"
                query.statuses = ["Approved", "Rejected"]
            }
            try await expectViews(["b", "c", "d"], in: store) { $0.since = Sample.time(20) }
            try await expectViews(["a"], in: store) { $0.until = Sample.time(20) }
            try await expectViews(["b"], in: store) { query in
                query.statuses = ["Approved"]
                query.since = Sample.time(20)
                query.until = Sample.time(30)
            }
            try await expectViews(["c"], in: store) { query in
                query.customerID = "c-1"
                query.since = Sample.time(11)
            }
        },
        StoreCheck("lists whole views, as they are now") { store in
            let first = Sample.view("o-1", status: "Pending", customerID: "c-1")
            _ = try await store.put([first])
            let now = Sample.view("o-1", version: 2, status: "Approved", customerID: "c-1")
            _ = try await store.put([now])
            for change in [{ $0.customerID = "c-1" }, { $0.statuses = ["Approved"] }, { _ in }]
                as [(inout ViewQuery) -> Void]
            {
                var query = ViewQuery(collection: "order")
                change(&query)
                let page = ViewPage(found: [now], limit: 100)
                try expectEqual(try await store.views(query), page, "the views of \(query)")
            }
            try await expectViews([], in: store) { $0.statuses = ["Pending"] }
        },
        StoreCheck("pages through views, also of one time, each once") { store in
            let views = (0..<23).map { number in
                Sample.view(
                    "o-\(number)", status: number % 3 == 0 ? "Approved" : "Pending",
                    customerID: number % 2 == 0 ? "c-1" : "c-2",
                    createdAt: Sample.time(number / 5))
            }
            try expectEqual(try await store.put(views), 23, "the views stored")
            try await expectPages(of: views, limits: [1, 4, 23, 24], in: store) { _ in }
            try await expectPages(
                of: views.filter { $0.customerID == "c-1" }, limits: [5], in: store
            ) { $0.customerID = "c-1" }
            try await expectPages(
                of: views.filter { $0.status == "Pending" }, limits: [3], in: store
            ) { $0.statuses = ["Pending"] }
            try await expectPages(of: views, limits: [6], in: store) {
                $0.statuses = ["Pending", "Approved"]
            }
        },
        StoreCheck("finds no view by texts that none can hold") { store in
            _ = try await store.put([Sample.view("o-1")])
            try await expectViews([], in: store) { $0.customerID = "a\u{0}" }
            try await expectViews([], in: store) { $0.statuses = ["a\u{0}"] }
            let key = ViewKey(collection: "order", id: "a\u{0}")
            try expectEqual(try await store.views(of: [key]), [], "the view")
            try expectEqual(
                try await store.view(key), CurrentView(view: nil, aggregateVersion: 0),
                "the view beside its aggregate")
            let position = AggregatePosition(key: key, version: 0)
            try expectEqual(try await store.events(behind: [position]), [], "the events")
        },
    ]

    private static func putZoo(in store: any Store) async throws {
        let views = [
            Sample.view("a", status: "Pending", customerID: "c-1", createdAt: Sample.time(10)),
            Sample.view("b", status: "Approved", customerID: "c-2", createdAt: Sample.time(20)),
            Sample.view("c", status: "Approved", customerID: "c-1", createdAt: Sample.time(30)),
            Sample.view("d", createdAt: Sample.time(40)),
            Sample.view("p", of: "parcel", status: "Sent", createdAt: Sample.time(50)),
        ]
        try expectEqual(try await store.put(views), views.count, "the views stored")
    }

    private static func expectViews(
        _ ids: [String], in store: any Store, fileID: String = #fileID, line: Int = #line,
        _ change: (inout ViewQuery) -> Void
    ) async throws {
        var query = ViewQuery(collection: "order")
        change(&query)
        let found = try await store.views(query).views.map(\.key.id)
        try expectEqual(found, ids.reversed(), "views of \(query)", fileID: fileID, line: line)
    }

    private static func expectPages(
        of views: [ViewRecord], limits: [Int], in store: any Store,
        _ change: (inout ViewQuery) -> Void
    ) async throws {
        for limit in limits {
            var query = ViewQuery(collection: "order")
            change(&query)
            query.limit = limit
            var found: [ViewRecord] = []
            var pages = 0
            repeat {
                let page = try await store.views(query)
                found += page.views
                query.after = page.after
                pages += 1
            } while query.after != nil && pages < 40
            try expectEqual(
                Set(found.map(\.key)), Set(views.map(\.key)), "the views in pages of \(limit)")
            try expectEqual(found.count, views.count, "the number of them")
            try expectEqual(
                found.map(\.createdAt), found.map(\.createdAt).sorted(by: >), "their order")
            try expectEqual(pages, (views.count + limit - 1) / limit, "the number of pages")
        }
    }
}
