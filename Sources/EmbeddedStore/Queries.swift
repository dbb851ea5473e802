import Foundation
import GRDB
import SagaCore
import SagaRuntime

/// The reads, each within one consistent view of the file.
extension Database {
    func definitions() throws -> [DefinitionRecord] {
        try records(Statements.definitions, []) { try DefinitionRecord($0) }
    }

    func sagas(_ ids: [SagaID]) throws -> [SagaRecord] {
        let statement = try cachedStatement(sql: Statements.saga)
        return try ids.compactMap { id in
            try Row.fetchOne(statement, arguments: [id.blob]).map { try SagaRecord($0) }
        }
    }

    func saga(definition: String, key: String) throws -> SagaRecord? {
        try records(Statements.sagaOfKey, [key, definition]) { try SagaRecord($0) }.first
    }

    func due(shards: [Int], until: Instant, limit: Int) throws -> [DueSaga] {
        try eachShard(shards, limit: limit) { shard, limit in
            try records(Statements.due, [shard, until.microseconds, limit]) { row in
                DueSaga(id: try row.uniqueID(0), wakeAt: row.instant(1))
            }
        }
    }

    func journal(of id: SagaID, after version: Int64, limit: Int) throws -> [JournalRecord] {
        try records(Statements.journal, [id.blob, version, limit]) { row in
            JournalRecord(version: row[0], at: row.instant(1), body: try row.bytes(2))
        }
    }

    func unpublished(shards: [Int], before: Instant, limit: Int) throws -> [RecordedEvent] {
        try eachShard(shards, limit: limit) { shard, limit in
            try records(Statements.unpublished, [shard, before.microseconds, limit]) {
                try RecordedEvent($0)
            }
        }
    }

    func events(
        type: String, id: String, after version: Int64, limit: Int
    ) throws -> [RecordedEvent] {
        try records(Statements.events, [type, id, version, limit]) { try RecordedEvent($0) }
    }

    // MARK: Lists

    func page(_ query: SagaQuery) throws -> SagaPage {
        var found = try candidates(query)
        found.sort { ($0.startedAt, $0.identity.id) > ($1.startedAt, $1.identity.id) }
        let isMore = found.count > query.limit
        found.removeLast(max(0, found.count - query.limit))
        let last = found.last.map { SagaCursor(startedAt: $0.startedAt, id: $0.identity.id) }
        return SagaPage(sagas: found, after: isMore ? last : nil)
    }

    /// The page's sagas and at least one beyond, where there are so many.
    private func candidates(_ query: SagaQuery) throws -> [SagaRecord] {
        let statuses = Set(query.statuses)
        if query.needsPerson, query.key == nil {
            // Few sagas do: the filter over all of them costs little.
            let found = try listed(Statements.newestNeedingPerson, of: nil, query, limit: -1)
            return found.filter { statuses.isEmpty || statuses.contains($0.status) }
        }
        if let key = query.key {
            // One saga a definition at most, so the limit cuts nothing that the filter would keep.
            let limit = statuses.isEmpty ? query.limit + 1 : -1
            let found = try listed(Statements.newestOfKey, of: key, query, limit: limit)
            return found.filter {
                (statuses.isEmpty || statuses.contains($0.status))
                    && (!query.needsPerson || $0.needsPerson)
            }
        }
        guard !statuses.isEmpty else {
            return try listed(Statements.newest, of: nil, query, limit: query.limit + 1)
        }
        return try statuses.flatMap { status in
            try listed(
                Statements.newestOfStatus, of: status.rawValue, query, limit: query.limit + 1)
        }
    }

    private func listed(
        _ sql: String, of first: String?, _ query: SagaQuery, limit: Int
    ) throws -> [SagaRecord] {
        let bound = query.bound
        let filters: StatementArguments = [
            bound.startedAt.microseconds, bound.id.blob,
            query.since?.microseconds ?? Int64.min, query.definition, limit,
        ]
        let arguments = first.map { StatementArguments([$0]) + filters } ?? filters
        return try records(sql, arguments) { try SagaRecord($0) }
    }

    func countUnended(definition: String) throws -> [Int: Int] {
        let counts = try records(Statements.countUnended, [definition]) { row in
            (version: row[0] as Int, count: row[1] as Int)
        }
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.version, $0.count) })
    }

    // MARK: How

    func records<Record>(
        _ sql: String, _ arguments: StatementArguments, _ read: (Row) throws -> Record
    ) throws -> [Record] {
        let rows = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: arguments)
        var records: [Record] = []
        while let row = try rows.next() { records.append(try read(row)) }
        return records
    }

    /// Reads shard after shard until the limit is reached.
    private func eachShard<Record>(
        _ shards: [Int], limit: Int, _ read: (_ shard: Int, _ limit: Int) throws -> [Record]
    ) throws -> [Record] {
        var records: [Record] = []
        for shard in shards where records.count < limit {
            records += try read(shard, limit - records.count)
        }
        return records
    }
}

extension SagaQuery {
    /// What every saga of the page comes before, in the order of start and identity: the cursor, or
    /// the end of the time asked for, whichever is earlier.
    fileprivate var bound: SagaCursor {
        let latest = SagaCursor(
            startedAt: Instant(microseconds: .max), id: SagaID(high: .max, low: .max))
        let end = until.map { SagaCursor(startedAt: $0, id: SagaID(high: 0, low: 0)) } ?? latest
        guard let after else { return end }
        return (after.startedAt, after.id) < (end.startedAt, end.id) ? after : end
    }
}
