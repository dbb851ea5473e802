import Glibc
import GRDB
import SagaWorker

/// What the first answers to a batch of commands write into the ledger, by the participants' own
/// statements but without reading a command: what measuring takes for the floor under them.
package struct LedgerWrites: Sendable {
    private let file: LedgerFile
    private let role: Role

    /// What a participant of that role writes: payments or reviews.
    package init(_ file: LedgerFile, role: Role) {
        self.file = file
        self.role = role
    }

    /// The participant's consumer.
    package var consumer: String { role.takes }

    /// An answer to a command that came for the first time.
    package struct Answer: Sendable {
        /// The command.
        package var commandID: String
        /// The order.
        package var orderID: String
        /// Where the reply goes.
        package var replySubject: String
        /// The reply's body.
        package var body: [UInt8]

        /// That answer to that command.
        package init(commandID: String, orderID: String, replySubject: String, body: [UInt8]) {
            self.commandID = commandID
            self.orderID = orderID
            self.replySubject = replySubject
            self.body = body
        }
    }

    private static let cents: Int64 = 1900

    /// Writes answers, and that earlier ones were sent, in one durable transaction.
    package func commit(_ answers: [Answer], sent: [Answer]) async throws {
        let table = CommandTable(file, role: role)
        let now = Int64(time(nil))
        try await file.write { database in
            let marks = sent.map {
                SentReply(commandID: $0.commandID, replySubject: $0.replySubject)
            }
            if !marks.isEmpty { try table.markSent(marks, in: database) }
            for answer in answers { try note(answer, in: database) }
            let records = answers.map { answer in
                CommandRecord(
                    commandID: answer.commandID, isClosed: false, answer: answer.body,
                    isOutcome: true, replySubject: answer.replySubject, isReplySent: false,
                    recordedAt: now)
            }
            try table.save(records, in: database)
        }
    }

    private func note(_ answer: Answer, in database: Database) throws {
        switch role {
        case .payment:
            try LedgerEntry.insert(
                .debit, commandID: answer.commandID, orderID: answer.orderID, customerID: "c-1",
                amount: Self.cents, in: database)
        case .review:
            try Reviews.note(
                "approved", commandID: answer.commandID, orderID: answer.orderID,
                restaurantID: "r-1", in: database)
        case .notification:
            preconditionFailure("An order of the bench is not notified.")
        }
    }
}
