import Foundation
import GRDB
import SagaWorker

/// One participant's records in the ledger file.
struct CommandTable: ParticipantDatabase {
    private static let columns = """
        command_id, is_closed, answer, is_outcome, reply_subject, is_reply_sent, recorded_at
        """

    let file: LedgerFile
    private let table: String

    init(_ file: LedgerFile, role: Role) {
        self.file = file
        table = role.commandTable
    }

    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await file.write(body)
    }

    func savepoint<Value>(_ database: Database, _ body: () throws -> Value) throws -> Value {
        try database.cachedStatement(sql: "SAVEPOINT command").execute()
        do {
            let value = try body()
            try database.cachedStatement(sql: "RELEASE command").execute()
            return value
        } catch {
            try database.execute(sql: "ROLLBACK TO command; RELEASE command")
            throw error
        }
    }

    func records(of commandIDs: [String], in database: Database) throws -> [CommandRecord] {
        let list = String(decoding: try JSONEncoder().encode(commandIDs), as: UTF8.self)
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(Self.columns) FROM json_each(?) AS wanted
                JOIN \(table) ON command_id = wanted.value
                """)
        return try Row.fetchAll(statement, arguments: [list]).map(CommandRecord.init(row:))
    }

    func save(_ records: [CommandRecord], in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO \(table) (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        for record in records {
            try statement.execute(arguments: [
                record.commandID, record.isClosed, record.answer.map { Data($0) },
                record.isOutcome, record.replySubject, record.isReplySent, record.recordedAt,
            ])
        }
    }

    func markSent(_ replies: [SentReply], in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE \(table) SET is_reply_sent = 1 WHERE command_id = ? AND reply_subject = ?
                """)
        for reply in replies {
            try statement.execute(arguments: [reply.commandID, reply.replySubject])
        }
    }

    func unsent(limit: Int, in database: Database) throws -> [CommandRecord] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT \(Self.columns) FROM \(table)
                WHERE is_reply_sent = 0 AND reply_subject IS NOT NULL LIMIT ?
                """, arguments: [limit]
        ).map(CommandRecord.init(row:))
    }

    func forget(before time: Int64, limit: Int, in database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM \(table)
                WHERE record_id IN (SELECT record_id FROM \(table) ORDER BY record_id LIMIT ?)
                AND recorded_at < ? AND (is_reply_sent = 1 OR reply_subject IS NULL)
                """, arguments: [limit, time])
    }
}

extension CommandRecord {
    fileprivate init(row: Row) {
        self.init(
            commandID: row[0], isClosed: row[1], answer: (row[2] as Data?).map { Array($0) },
            isOutcome: row[3], replySubject: row[4], isReplySent: row[5], recordedAt: row[6])
    }
}
