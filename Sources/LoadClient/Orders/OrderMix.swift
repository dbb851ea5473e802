/// Makes orders of all stories in given shares; the same seed makes the same orders.
package struct OrderMix: Sendable {
    /// The share of orders that are declined, from 0 to 1.
    package var declined: Double
    /// The share of orders that are rejected after the debit, from 0 to 1.
    package var rejected: Double
    /// What the orders are drawn from.
    package var seed: UInt64

    /// Orders above this are declined, in cents: the limit that participants have by default.
    package static let cardLimitCents: Int64 = 100_000

    private static let dishes = ["Soup", "Bread", "Pasta", "Salad", "Cake", "Coffee"]

    /// A mix with these shares.
    package init(declined: Double, rejected: Double, seed: UInt64) {
        self.declined = declined
        self.rejected = rejected
        self.seed = seed
    }

    /// The first orders of the mix.
    package func orders(_ count: Int) -> [Order] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { order($0, &random) }
    }

    private func order(_ number: Int, _ random: inout SeededGenerator) -> Order {
        let draw = Double.random(in: 0..<1, using: &random)
        let story: Story =
            draw < declined ? .declined : draw < declined + rejected ? .rejected : .approved
        var items = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            Order.Item(
                Self.dishes.randomElement(using: &random) ?? "Soup",
                cents: Int64.random(in: 150...2_400, using: &random),
                quantity: Int64.random(in: 1...3, using: &random))
        }
        if story == .declined {
            items.append(Order.Item("Banquet", cents: Self.cardLimitCents))
        }
        let place = Int.random(in: 1...40, using: &random)
        return Order(
            story, items: items, customer: "c-\(Int.random(in: 1...500, using: &random))",
            restaurant: story == .rejected ? "blocked-\(place)" : "r-\(place)",
            idempotencyKey: "load-\(seed)-\(number)")
    }
}
