package import LoadClient

/// A way that an order may go, as its events tell it.
package enum Tale: CaseIterable, Sendable {
    /// Paid, reviewed and approved.
    case approved
    /// The payment was declined.
    case declined
    /// Paid, rejected by the review, and voided.
    case rejected
    /// The payment's answers all came too late: it was voided unheard.
    case givenUp

    /// The types of its events in order.
    package var types: [String] {
        let words =
            switch self {
            case .approved: ["created", "paymentdebited", "approved"]
            case .declined: ["created", "paymentdeclined", "rejected"]
            case .rejected: ["created", "paymentdebited", "paymentvoided", "rejected"]
            case .givenUp: ["created", "paymentvoided", "rejected"]
            }
        return words.map { "ORDERS.\($0)" }
    }

    /// How its saga ends.
    package var status: String {
        switch self {
        case .approved: "completed"
        case .declined, .rejected, .givenUp: "compensated"
        }
    }

    /// Whether an order that was meant so may have gone so.
    ///
    /// Any order may be given up where participants stay away long enough.
    package func fits(_ story: Story) -> Bool {
        switch (self, story) {
        case (.approved, .approved), (.declined, .declined), (.rejected, .rejected): true
        case (.givenUp, _): true
        case (.approved, _), (.declined, _), (.rejected, _): false
        }
    }
}
