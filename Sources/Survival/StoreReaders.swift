import GRDB
import PostgreSQL

/// Reads what the daemon stored with SQL of our own, past the daemon's code.
protocol StoreReader: Sendable {
    /// All sagas and events.
    func records() async throws -> StoredRecords
    /// The ids of events that are not published yet.
    func outbox() async throws -> [String]
    /// How many events are stored.
    func eventCount() async throws -> Int
}

/// Reads a PostgreSQL database.
struct PostgreSQLReader: StoreReader {
    let url: String

    func records() async throws -> StoredRecords {
        let connection = try await open()
        var records = StoredRecords()
        records.sagas = try await connection.execute(Statements.sagas).map { row in
            let first = try row.isNull(5) ? 0 : row.int(5)
            let last = try row.isNull(6) ? first : row.int(6)
            let decided = try row.isNull(7) ? 0...0 : row.timestamptz(7)...row.timestamptz(8)
            return StoredSaga(
                id: hexadecimal(try row.text(0)), key: try row.text(1), status: try row.text(2),
                version: try row.int(3), journalRows: try row.int(4),
                journalVersions: first...last, decided: decided)
        }
        records.events = try await connection.execute(Statements.events).map { row in
            StoredEvent(
                id: try row.text(0), aggregate: try row.text(1), version: try row.int(2),
                type: try row.text(3), body: try row.optionalText(4) ?? "")
        }
        for row in try await connection.execute(Statements.aggregates) {
            records.aggregates[try row.text(0)] = try row.int(1)
        }
        var decisions: [String: [Int64]] = [:]
        for row in try await connection.execute(Statements.decisions) {
            decisions[hexadecimal(try row.text(0)), default: []].append(try row.timestamptz(1))
        }
        records.take(decisions)
        await connection.close()
        return records
    }

    func outbox() async throws -> [String] {
        let connection = try await open()
        let ids = try await connection.execute(Statements.outbox).map { try $0.text(0) }
        await connection.close()
        return ids
    }

    func eventCount() async throws -> Int {
        let connection = try await open()
        let count = try await connection.execute(Statements.eventCount).map { try $0.int(0) }
        await connection.close()
        return Int(count.first ?? 0)
    }

    private func open() async throws -> Connection {
        let connection = try Connection(settings: ConnectionSettings(url: url))
        try await connection.open()
        return connection
    }

    private enum Statements {
        static let sagas = """
            SELECT sagas.saga_id::TEXT, saga_key, status, sagas.version,
                count(saga_journal.version), min(saga_journal.version),
                max(saga_journal.version), min(decided_at), max(decided_at)
            FROM sagas LEFT JOIN saga_journal ON saga_journal.saga_id = sagas.saga_id
            GROUP BY sagas.saga_id, saga_key, status, sagas.version
            """
        static let events = """
            SELECT event_id, aggregate_id, version, event_type, data FROM events
            ORDER BY aggregate_id, version
            """
        static let aggregates = "SELECT aggregate_id, version FROM aggregates"
        static let decisions =
            "SELECT saga_id::TEXT, decided_at FROM saga_journal ORDER BY saga_id, version"
        static let eventCount = "SELECT count(*) FROM events"
        static let outbox =
            "SELECT unnest(coalesce(event_ids, ARRAY[event_id])) FROM event_outbox"
    }
}

/// Reads an SQLite file, also while the daemon writes it.
struct SQLiteReader: StoreReader {
    let path: String

    /// How long a read waits for a checkpoint, in seconds.
    private static let busySeconds = 10.0

    func records() async throws -> StoredRecords {
        try await read { database in
            var records = StoredRecords()
            records.sagas = try GRDB.Row.fetchAll(database, sql: Statements.sagas).map { row in
                let first: Int64 = row[5] ?? 0
                let begun: Int64 = row[7] ?? 0
                return StoredSaga(
                    id: hexadecimal(row[0]), key: row[1], status: row[2], version: row[3],
                    journalRows: row[4], journalVersions: first...(row[6] ?? first),
                    decided: begun...(row[8] ?? begun))
            }
            records.events = try GRDB.Row.fetchAll(database, sql: Statements.events).map { row in
                StoredEvent(
                    id: row[0], aggregate: row[1], version: row[2], type: row[3],
                    body: row[4] ?? "")
            }
            for row in try GRDB.Row.fetchAll(database, sql: Statements.aggregates) {
                records.aggregates[row[0]] = row[1]
            }
            var decisions: [String: [Int64]] = [:]
            for row in try GRDB.Row.fetchAll(database, sql: Statements.decisions) {
                decisions[hexadecimal(row[0]), default: []].append(row[1])
            }
            records.take(decisions)
            return records
        }
    }

    func outbox() async throws -> [String] {
        try await read { try String.fetchAll($0, sql: Statements.outbox) }
    }

    func eventCount() async throws -> Int {
        try await read { try Int.fetchOne($0, sql: Statements.eventCount) ?? 0 }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busySeconds)
        return try await DatabaseQueue(path: path, configuration: configuration).read(body)
    }

    private enum Statements {
        static let sagas = """
            SELECT hex(saga_id), saga_key, status, sagas.version,
                count(saga_journal.version), min(saga_journal.version),
                max(saga_journal.version), min(decided_at), max(decided_at)
            FROM sagas LEFT JOIN saga_journal ON saga_journal.saga_no = sagas.saga_no
            GROUP BY sagas.saga_no
            """
        static let events = """
            SELECT event_id, aggregate_id, events.version, event_type, data
            FROM events JOIN aggregates ON aggregates.aggregate_no = events.aggregate_no
            ORDER BY aggregate_id, events.version
            """
        static let aggregates = "SELECT aggregate_id, version FROM aggregates"
        static let decisions = """
            SELECT hex(saga_id), decided_at
            FROM saga_journal JOIN sagas ON sagas.saga_no = saga_journal.saga_no
            ORDER BY saga_journal.saga_no, saga_journal.version
            """
        static let eventCount = "SELECT count(*) FROM events"
        static let outbox = "SELECT event_id FROM event_outbox"
    }
}

extension StoredRecords {
    /// Gives each saga the times of its journal, by its id.
    fileprivate mutating func take(_ decisions: [String: [Int64]]) {
        for place in sagas.indices { sagas[place].decisions = decisions[sagas[place].id] ?? [] }
    }
}

extension LedgerLine {
    /// All lines of the participants' file.
    static func all(in path: String) async throws -> [LedgerLine] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return try await queue.read { database in
            let rows = try GRDB.Row.fetchAll(
                database, sql: "SELECT kind, order_id, amount FROM ledger ORDER BY entry_id")
            return rows.map { LedgerLine(kind: $0[0], order: $0[1], cents: $0[2]) }
        }
    }
}

/// The digits of a UUID in either form.
func hexadecimal(_ id: String) -> String { id.lowercased().filter { $0 != "-" } }
