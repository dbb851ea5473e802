import PostgreSQL
import SagaCore
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `The orders as a table` {
    private static let soup = """
        {"order_id":"o-1","customer_id":"c-1","restaurant_id":"r-1","status":"Approved",\
        "amount":28.5,"order_items":[{"code":"A1","name":"Soup","unit_price":9.5,"quantity":2},\
        {"code":"A2","unit_price":"9.5","quantity":1},7]}
        """

    /// The rows that a query answers, their columns as text.
    private static func rows(_ sql: String, in database: TestDatabase) async throws -> [[String?]] {
        let connection = try await database.connect()
        let found = try await connection.execute(sql)
        var rows: [[String?]] = []
        for row in found {
            rows.append(try found.columnNames.indices.map { try row.optionalText($0) })
        }
        await connection.close()
        return rows
    }

    @Test func `have a row for each view of an order, and one for each item`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                _ = try await store.put([
                    Sample.view(
                        "o-1", status: "Approved", customerID: "c-1", document: Self.soup),
                    Sample.view("p-1", of: "parcel", document: Self.soup),
                ])
            }
            let orders = try await Self.rows(
                """
                SELECT id, customerid, status,
                       (extract(epoch FROM createdon)::INT8)::TEXT, restaurantid, amount::TEXT
                FROM orders
                """, in: database)
            let epoch = String(Sample.epoch.microseconds / 1_000_000)
            #expect(orders == [["o-1", "c-1", "Approved", epoch, "r-1", "28.5"]])
            let items = try await Self.rows(
                """
                SELECT orderid, customerid, code, name, unitprice::TEXT, quantity::TEXT
                FROM order_items
                """, in: database)
            #expect(
                items == [
                    ["o-1", "c-1", "A1", "Soup", "9.5", "2"], ["o-1", "c-1", "A2", nil, nil, "1"],
                    ["o-1", "c-1", nil, nil, nil, nil],
                ])
        }
    }

    @Test(arguments: [
        #"{"amount":"19","order_items":{"a":1},"restaurant_id":7}"#, #"{"order_items":null}"#,
        #"{"restaurant_id":"a\u0000b","order_items":[{"code":"\u0000"}]}"#, #""text""#, "[]",
    ])
    func `show what a document has, whatever else it is`(document: String) async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                _ = try await store.put([Sample.view("o-1", document: document)])
            }
            let orders = try await Self.rows("SELECT id, amount::TEXT FROM orders", in: database)
            #expect(orders == [["o-1", nil]])
            #expect(try await Self.rows("SELECT code FROM order_items", in: database) == [])
        }
    }

    @Test func `find an order by its key without reading the others`() async throws {
        try await TestDatabase.with { database in
            for view in ["orders WHERE id = 'o-1'", "order_items WHERE orderid = 'o-1'"] {
                let connection = try await database.connect()
                _ = try await connection.execute("SET enable_seqscan = off")
                let found = try await connection.execute("EXPLAIN SELECT count(*) FROM \(view)")
                var plan = ""
                for row in found { plan += try row.text(0) + "\n" }
                #expect(plan.contains("views_pk"), "\(plan)")
                await connection.close()
            }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `The read model's statements` {
    /// Each list goes by an index that has its filter and the time.
    @Test(arguments: [
        ("customer_id = 'c-1'", "views_customer"), ("status = 'x' AND shard = 3", "views_status"),
        ("shard = 3", "views_newest"),
    ])
    func `have an index for each list`(filter: String, index: String) async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            _ = try await connection.execute("SET enable_seqscan = off")
            _ = try await connection.execute("SET enable_sort = off")
            let found = try await connection.execute(
                """
                EXPLAIN SELECT id FROM views
                WHERE collection = 'order' AND \(filter) AND created_at < now()
                ORDER BY created_at DESC, id DESC LIMIT 10
                """)
            var plan = ""
            for row in found { plan += try row.text(0) + "\n" }
            #expect(plan.contains(index), "\(plan)")
            #expect(!plan.contains("Sort"), "\(plan)")
            await connection.close()
        }
    }
}
