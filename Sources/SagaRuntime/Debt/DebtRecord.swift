package import SagaCore

/// Something that a saga owes, with what its journal tells of it.
package struct DebtRecord: Equatable, Sendable {
    /// The saga.
    package var saga: SagaIdentity
    /// The saga's status.
    package var status: SagaStatus
    /// What is owed.
    package var debt: Debt
    /// Since when: a compensation since it was first sent under its command's id, anything else since
    /// it is stuck.
    package var since: Instant
    /// The last command that was sent for it; nil where nothing was.
    package var command: SentCommand?
    /// The amount in the command's body, or else in that of the step's own command.
    package var amount: Double?
    /// The currency beside the amount.
    package var currency: String?

    /// A command as the journal has it.
    package struct SentCommand: Equatable, Sendable {
        /// The command's identity.
        package var id: String
        /// What follows `saga.command.` in its subject; nil where a child saga is ordered.
        package var subject: String?
        /// Its body.
        package var body: Value

        /// The command with these parts.
        package init(id: String, subject: String?, body: Value) {
            self.id = id
            self.subject = subject
            self.body = body
        }
    }

    /// The debt with these parts.
    package init(
        saga: SagaIdentity, status: SagaStatus, debt: Debt, since: Instant,
        command: SentCommand? = nil, amount: Double? = nil, currency: String? = nil
    ) {
        self.saga = saga
        self.status = status
        self.debt = debt
        self.since = since
        self.command = command
        self.amount = amount
        self.currency = currency
    }
}

/// The members of a command's body that say how much it is about.
package struct AmountFields: Hashable, Sendable {
    /// The member with the amount, a number.
    package var amount: String
    /// The member with the currency, a text.
    package var currency: String

    /// The members of those names.
    package init(amount: String = "amount", currency: String = "currency") {
        self.amount = amount
        self.currency = currency
    }
}

/// A page of what sagas owe.
package struct DebtPage: Equatable, Sendable {
    /// What is owed, that of the newest saga first.
    package var debts: [DebtRecord]
    /// Where the next page begins; nil at the end.
    package var after: SagaCursor?
}
