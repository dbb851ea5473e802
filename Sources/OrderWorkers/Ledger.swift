import GRDB

/// One line of the ledger.
package struct LedgerEntry: Sendable, Equatable {
    /// What happened to the money.
    package enum Kind: String, Sendable, CaseIterable {
        /// Taken from the customer.
        case debit
        /// A debit taken back.
        case void
        /// Given back to the customer.
        case refund
        /// A refund taken back.
        case refundVoid = "refund_void"
    }

    /// What happened.
    package var kind: Kind
    /// The command that did it.
    package var commandID: String
    /// For a void: the command that it undid.
    package var originalCommandID: String?
    /// The order.
    package var orderID: String
    /// The customer, where the command named one.
    package var customerID: String?
    /// How much, in minor units (cents); never negative.
    package var amount: Int64
    /// When, RFC 3339 with milliseconds, UTC.
    package var recordedAt: String
}

/// Sums over the whole ledger, in minor units (cents).
package struct LedgerTotals: Sendable, Equatable {
    /// Taken from customers.
    package var debited: Int64 = 0
    /// Of that, taken back.
    package var voided: Int64 = 0
    /// Given back to customers, refunds taken back not counted.
    package var refunded: Int64 = 0
    /// What remains: debited less voided less refunded.
    package var kept: Int64 { debited - voided - refunded }
    /// Orders with more than one debit that was not voided.
    package var ordersDebitedTwice = 0
}

/// Reads the ledger, also while another process writes it.
package struct Ledger: Sendable {
    private let reader: any DatabaseReader

    /// Opens the file of another process for reading.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        reader = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Reads a file that is open for writing here.
    package init(_ file: LedgerFile) { reader = file.pool }

    /// An order's entries, oldest first.
    package func ledger(orderID: String) async throws -> [LedgerEntry] {
        try await reader.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM ledger WHERE order_id = ? ORDER BY entry_id",
                arguments: [orderID]
            ).map(LedgerEntry.init(row:))
        }
    }

    /// How often what each of those commands did stands in the ledger and was not taken back.
    package func standing(commandIDs: [String]) async throws -> [String: Int] {
        try await reader.read { database in
            var standing: [String: Int] = [:]
            for id in commandIDs {
                standing[id] = try Int.fetchOne(
                    database,
                    sql: """
                        SELECT (SELECT count(*) FROM ledger WHERE command_id = ?)
                            - (SELECT count(*) FROM ledger WHERE original_command_id = ?
                                AND order_id IN (
                                    SELECT order_id FROM ledger WHERE command_id = ?))
                        """, arguments: [id, id, id])
            }
            return standing
        }
    }

    /// Sums over all orders.
    package func totals() async throws -> LedgerTotals {
        try await reader.read { database in
            var totals = LedgerTotals()
            let sums = try Row.fetchAll(
                database, sql: "SELECT kind, sum(amount) FROM ledger GROUP BY kind")
            for row in sums {
                guard let kind = LedgerEntry.Kind(rawValue: row[0]) else { continue }
                let amount: Int64 = row[1]
                switch kind {
                case .debit: totals.debited += amount
                case .void: totals.voided += amount
                case .refund: totals.refunded += amount
                case .refundVoid: totals.refunded -= amount
                }
            }
            totals.ordersDebitedTwice =
                try Int.fetchOne(
                    database,
                    sql: """
                        SELECT count(*) FROM (
                            SELECT order_id FROM ledger GROUP BY order_id
                            HAVING sum(kind = 'debit') - sum(kind = 'void') > 1)
                        """) ?? 0
            return totals
        }
    }
}

extension LedgerEntry {
    fileprivate init(row: Row) throws {
        guard let kind = Kind(rawValue: row["kind"]) else {
            throw DatabaseError(message: "the ledger has an entry of an unknown kind")
        }
        self.init(
            kind: kind, commandID: row["command_id"],
            originalCommandID: row["original_command_id"], orderID: row["order_id"],
            customerID: row["customer_id"], amount: row["amount"], recordedAt: row["recorded_at"])
    }
}

// MARK: Writing

extension LedgerEntry {
    /// Adds an entry; the database sets its time.
    static func insert(
        _ kind: Kind, commandID: String, undoing original: String? = nil, orderID: String,
        customerID: String?, amount: Int64, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO ledger
                    (kind, command_id, original_command_id, order_id, customer_id, amount)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            kind.rawValue, commandID, original, orderID, customerID, amount,
        ])
    }

    /// What a command did, where it did something of this kind.
    static func find(
        _ kind: Kind, commandID: String, in database: Database
    ) throws -> LedgerEntry? {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM ledger WHERE command_id = ? AND kind = ?")
        return try Row.fetchOne(statement, arguments: [commandID, kind.rawValue])
            .map(LedgerEntry.init(row:))
    }
}
