import GRDB
import SagaWorker

/// The payment participant: debits, refunds, and what takes them back.
struct Payments: Sendable {
    let cardLimit: Int64
    let refundLimit: Int64

    func worker(_ file: LedgerFile) -> Worker<CommandTable> {
        var worker = Worker(
            Role.payment.takes, takes: Role.payment.takes,
            database: CommandTable(file, role: .payment))
        worker.on("payments.debit") { command, database in
            try take(command, .debit, atMost: cardLimit, in: database)
        }
        worker.compensate("payments.void") { command, original, database in
            try takeBack(.debit, of: original.id, by: command, as: .void, in: database)
        }
        worker.probe("payments.status")
        worker.on("payments.refund") { command, database in
            try take(command, .refund, atMost: refundLimit, in: database)
        }
        worker.compensate("payments.void_refund") { command, original, database in
            try takeBack(.refund, of: original.id, by: command, as: .refundVoid, in: database)
        }
        return worker
    }

    private func take(
        _ command: Command, _ kind: LedgerEntry.Kind, atMost limit: Int64, in database: Database
    ) throws -> Answer {
        try answering {
            let body = try command.decode(PaymentBody.self)
            guard let amount = Money.minorUnits(body.amount) else {
                throw UnreadableBody(command: command.name, reason: "amount is no sum of money")
            }
            guard amount <= limit else {
                let reason = "the limit of \(Money.text(limit)) is exceeded"
                return .outcome("declined", data: ["reason": .string(reason)])
            }
            try LedgerEntry.insert(
                kind, commandID: command.id, orderID: body.order_id, customerID: body.customer_id,
                amount: amount, in: database)
            return kind == .refund
                ? .outcome("refunded", data: ["refund_id": .string("r-\(command.id)")])
                : .outcome("debited", data: ["payment_id": .string("p-\(command.id)")])
        }
    }

    /// Undoes an entry where there is one; the kit sees to it that this happens once.
    private func takeBack(
        _ kind: LedgerEntry.Kind, of original: String, by command: Command,
        as undoing: LedgerEntry.Kind, in database: Database
    ) throws -> Answer {
        guard let entry = try LedgerEntry.find(kind, commandID: original, in: database) else {
            return .done
        }
        try LedgerEntry.insert(
            undoing, commandID: command.id, undoing: original, orderID: entry.orderID,
            customerID: entry.customerID, amount: entry.amount, in: database)
        return .done
    }
}
