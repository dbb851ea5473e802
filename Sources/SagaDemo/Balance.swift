import LoadClient
import OrderWorkers
import SagaCore

/// Holds the payment participant's own ledger against what the orders say.
struct Balance {
    let terminal: Terminal
    /// The participants' SQLite file.
    let path: String

    /// Prints the sums; answers whether they add up.
    func show(_ told: [Told]) async throws -> Bool {
        let ledger = try Ledger(path: path)
        var wrong: [String] = []
        for one in told {
            let entries = try await ledger.ledger(orderID: one.posted.key)
            let kept = entries.reduce(Int64(0)) { $0 + $1.sign * $1.amount }
            if kept != one.expectedCents { wrong.append(one.posted.key) }
        }
        let totals = try await ledger.totals()
        let approved = told.filter(\.isApproved)
        let expected = told.reduce(Int64(0)) { $0 + $1.expectedCents }
        var table = Table(["", "", ""], [.left, .right, .left])
        table.add(["debited", Money.text(totals.debited), ""])
        table.add(["voided", Money.text(totals.voided), ""])
        table.add(["kept", Money.text(totals.kept), "in the participant's ledger"])
        table.add(
            ["approved", Money.text(expected), "in \(approved.count) of \(told.count) orders"])
        terminal.line()
        terminal.line(terminal.styled("The ledger", .bold))
        for line in table.lines.dropFirst() { terminal.line("  \(line)") }
        let isRight = wrong.isEmpty && totals.kept == expected && totals.ordersDebitedTwice == 0
        terminal.line()
        if isRight {
            terminal.line(terminal.styled("✓ it adds up, and no order was debited twice", .green))
        } else {
            terminal.line(
                terminal.styled(
                    "✗ it does not add up: \(totals.ordersDebitedTwice) orders debited twice, "
                        + "wrong orders: \(wrong.joined(separator: ", "))", .red))
        }
        return isRight
    }
}

extension Told {
    /// Whether the order's own document says approved.
    var isApproved: Bool { document["status"]?.text == "Approved" }

    /// What must be kept of the customer's money, by the order's document.
    var expectedCents: Int64 { isApproved ? posted.order.cents : 0 }
}

extension LedgerEntry {
    /// 1 for money taken, -1 for money given back.
    fileprivate var sign: Int64 {
        switch kind {
        case .debit, .refundVoid: 1
        case .void, .refund: -1
        }
    }
}
