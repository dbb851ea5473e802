import GRDB
import SagaRuntime
import SagaTestKit
import Testing

@testable import EmbeddedStore

@Suite(.timeLimit(.minutes(5))) final class `The orders as a table of SQLite` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    deinit { try? folder.remove() }

    private static let soup = """
        {"order_id":"o-1","customer_id":"c-1","restaurant_id":"r-1","status":"Approved",\
        "amount":28.5,"order_items":[{"code":"A1","name":"Soup","unit_price":9.5,"quantity":2},\
        {"code":"A2","unit_price":"9.5","quantity":1},7]}
        """

    private func rows(_ sql: String, of views: [ViewRecord]) async throws -> [[String?]] {
        let store = try EmbeddedStore(path: folder.path("sagas.db"))
        try await store.migrate()
        _ = try await store.put(views)
        let rows = try await store.pool.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? nil : String.fromDatabaseValue($0) ?? "\($0)" }
            }
        }
        await store.close()
        return rows
    }

    @Test func `have a row for each view of an order`() async throws {
        let views = [
            Sample.view("o-1", status: "Approved", customerID: "c-1", document: Self.soup),
            Sample.view("p-1", of: "parcel", document: Self.soup),
        ]
        let found = try await rows(
            """
            SELECT id, customerid, status, createdon, restaurantid, CAST(amount AS TEXT)
            FROM orders
            """, of: views)
        #expect(found == [["o-1", "c-1", "Approved", "2026-01-01T00:00:00.000Z", "r-1", "28.5"]])
    }

    @Test func `have a row for each item`() async throws {
        let views = [Sample.view("o-1", customerID: "c-1", document: Self.soup)]
        let found = try await rows(
            """
            SELECT orderid, customerid, code, name, CAST(unitprice AS TEXT),
                   CAST(quantity AS TEXT)
            FROM order_items
            """, of: views)
        #expect(
            found == [
                ["o-1", "c-1", "A1", "Soup", "9.5", "2"], ["o-1", "c-1", "A2", nil, nil, "1"],
                ["o-1", "c-1", nil, nil, nil, nil],
            ])
    }

    @Test(arguments: [
        #"{"amount":"19","order_items":{"a":1},"restaurant_id":7}"#, #"{"order_items":null}"#,
        #""text""#, "[]",
    ])
    func `show what a document has, whatever else it is`(document: String) async throws {
        let views = [Sample.view("o-1", document: document)]
        let orders = try await rows("SELECT id, amount FROM orders", of: views)
        #expect(orders == [["o-1", nil]])
        #expect(try await rows("SELECT code FROM order_items", of: []) == [])
    }

    // MARK: Plans and guests

    @Test(arguments: [
        (Statements.view, "sqlite_autoindex_views_1"), (Statements.listViews, "views_newest"),
        (Statements.listViewsOfStatus, "views_status"),
        (Statements.listViewsOfCustomer, "views_customer"),
        (Statements.listViewsOfCustomerAndStatus, "views_customer"),
        (Statements.aggregatePage, "sqlite_autoindex_views_1"),
        (Statements.aggregatePage, "sqlite_autoindex_aggregates_1"),
    ])
    func `are found by an index`(sql: String, index: String) async throws {
        let store = try EmbeddedStore(path: folder.path("sagas.db"))
        try await store.migrate()
        let plan = try await store.plan(of: sql)
        #expect(plan.contains { $0.contains("INDEX \(index)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        await store.close()
    }

    @Test func `are written by a guest while the daemon has the file`() async throws {
        let store = try EmbeddedStore(path: folder.path("sagas.db"))
        try await store.migrate()
        _ = try await store.put([Sample.view("o-1", document: #"{"old":1}"#)])
        let guest = try EmbeddedStore(path: folder.path("sagas.db"), isGuest: true)
        try await guest.check()
        let rebuilt = Sample.view("o-1", rebuild: 1, document: #"{"new":1}"#)
        #expect(try await guest.put([rebuilt]) == 1)
        #expect(try await store.put([Sample.view("o-1", version: 2)]) == 0)
        #expect(try await store.views(of: [rebuilt.key]) == [rebuilt])
        await guest.close()
        let error = #expect(throws: StoreError.self) {
            try EmbeddedStore(path: folder.path("sagas.db"))
        }
        #expect(error?.kind == .refused, "the daemon still has it")
        await store.close()
    }
}
