import LoadClient
import SagaCore
import Testing

/// The orders as a caller reads them, from a daemon with all that belongs to it.
@Suite(.timeLimit(.minutes(5))) struct `The read model of a daemon` {
    private static func order(_ number: Int, of customer: String, at restaurant: String) -> Order {
        Order(
            .approved, items: [Order.Item("Soup", cents: 450)], customer: customer,
            restaurant: restaurant, idempotencyKey: "order-\(number)")
    }

    /// The documents that a list has once it has so many.
    private func list(_ target: String, _ count: Int, _ caller: Caller) async throws -> [Value] {
        var items: [Value] = []
        try await eventually(within: Site.patience, "\(target) lists \(count)") {
            let response = try await caller.call(.get(target))
            items = try response.json()["items"]?.elements ?? []
            return items.count == count
        }
        return items
    }

    @Test func `lists what was ordered, and is made anew beside it`() async throws {
        try await Site.run("read-model") { site in
            let daemon = try site.dev()
            try await daemon.startReady(within: Site.patience)
            let caller = Caller(port: daemon.port)
            for number in 0..<4 {
                let restaurant = number == 3 ? "blocked-7" : "r-1"
                let order = Self.order(number, of: "c-\(number % 2)", at: restaurant)
                let answer = try await caller.call(
                    order.request(fields: [("Prefer", "wait=30")]))
                try #require(answer.status == 201, "\(answer.text)")
                // What was answered is read at once, whatever the views lag behind.
                let document = try await caller.call(
                    .get(try #require(answer.field("location"))))
                #expect(try document.json() == answer.json())
            }
            let approved = "/api/orders?customer_id=c-1&status=Approved"
            let items = try await list(approved, 1, caller)
            #expect(items[0]["status"]?.text == "Approved")
            _ = try await list("/api/orders?customer_id=c-1&status=Approved,Rejected", 2, caller)
            let all = try await list("/api/orders", 4, caller)
            #expect(all[0]["status"]?.text == "Rejected", "the newest first")

            let rebuilt = try await site.sagad(
                "rebuild-views", "--database-url", "sqlite:\(site.stage.path("state"))/sagad.db")
            #expect(rebuilt.end == .status(0), "\(rebuilt.output)")
            #expect(rebuilt.output.contains("the views are rebuilt"), "\(rebuilt.output)")
            #expect(try await list("/api/orders", 4, caller) == all)
            let health = try await daemon.health(200)
            #expect(health["checks"]?["views"]?["status"]?.text == "up")
            #expect(await daemon.stop() == .status(0))
        }
    }
}
