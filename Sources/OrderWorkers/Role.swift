/// Which participant: each has its own commands and its own records.
package enum Role: String, Sendable, CaseIterable {
    /// Takes `payments.*`: debits, voids, refunds.
    case payment
    /// Takes `reviews.*`: approves or rejects orders.
    case review
    /// Takes `notifications.*`: notes what was sent to customers.
    case notification

    /// The first part of its commands' names, and the name of its consumer.
    var takes: String {
        switch self {
        case .payment: "payments"
        case .review: "reviews"
        case .notification: "notifications"
        }
    }

    var commandTable: String { "\(takes)_commands" }
}
