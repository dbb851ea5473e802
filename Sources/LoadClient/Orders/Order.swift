package import SagaCore

/// How an order is meant to go, provoked by what is ordered and where, without any fault.
package enum Story: String, Sendable, CaseIterable {
    /// Paid and reviewed; the saga completes.
    case approved
    /// The amount is above the card limit: nothing is debited.
    case declined
    /// The restaurant is blocked: what was debited is voided.
    case rejected

    /// The status that the order's document has in the end.
    package var status: String {
        switch self {
        case .approved: "Approved"
        case .declined, .rejected: "Rejected"
        }
    }
}

/// An order to be posted.
package struct Order: Sendable {
    /// How it is meant to go.
    package var story: Story
    /// What is ordered, with unit prices in cents.
    package var items: [Item]
    /// Who orders.
    package var customer: String
    /// Where it is ordered.
    package var restaurant: String
    /// The `Idempotency-Key` of every posting of this order.
    package var idempotencyKey: String

    /// One thing that is ordered.
    package struct Item: Sendable {
        /// What it is called.
        package var name: String
        /// What one costs, in cents.
        package var cents: Int64
        /// How many.
        package var quantity: Int64

        /// That many of a thing at that price.
        package init(_ name: String, cents: Int64, quantity: Int64 = 1) {
            self.name = name
            self.cents = cents
            self.quantity = quantity
        }
    }

    /// An order with these parts.
    package init(
        _ story: Story, items: [Item], customer: String, restaurant: String,
        idempotencyKey: String
    ) {
        self.story = story
        self.items = items
        self.customer = customer
        self.restaurant = restaurant
        self.idempotencyKey = idempotencyKey
    }

    /// What it costs in all, in cents.
    package var cents: Int64 { items.reduce(0) { $0 + $1.cents * $1.quantity } }

    /// What must be kept of the customer's money in the end, in cents.
    package var keptCents: Int64 { story == .approved ? cents : 0 }

    /// The body to post.
    package var body: Value {
        let items = items.enumerated().map { place, item in
            Value.map(
                Members([
                    ("code", .string("A\(place + 1)")), ("name", .string(item.name)),
                    ("unit_price", .double(Double(item.cents) / 100)),
                    ("quantity", .double(Double(item.quantity))),
                ]))
        }
        return .map(
            Members([
                ("customer_id", .string(customer)), ("restaurant_id", .string(restaurant)),
                ("order_items", .list(items)),
            ]))
    }

    /// The request that posts it.
    package func request(fields: [(name: String, value: String)] = []) -> HTTPRequest {
        .post("/api/orders", body, fields: [("Idempotency-Key", idempotencyKey)] + fields)
    }
}
