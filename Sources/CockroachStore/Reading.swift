import PostgreSQL
package import SagaCore
package import SagaRuntime

extension CockroachStore {
    static let allShards = (0..<StoreLimits.shards).map(Int16.init)
    /// The years 1 and 9999, which stand for bounds that were not asked for.
    static let earliest = Instant(microseconds: -62_135_596_800_000_000)
    static let latest = Instant(microseconds: 253_402_300_799_000_000)

    /// Records a definition before its first saga starts.
    package func register(_ definition: DefinitionRecord) async throws -> Registration {
        var parameters = Parameters()
        parameters.append(text: definition.name)
        parameters.append(int4: Int32(definition.version))
        parameters.append(bytea: definition.hash)
        parameters.append(text: definition.source)
        _ = try await run(writing, Statements.register, parameters)
        var question = Parameters()
        question.append(text: definition.name)
        question.append(int4: Int32(definition.version))
        guard let recorded = try await definitions(Statements.definition, question).first else {
            throw StoreError(.unexpected, "definition \(definition.name) was not recorded")
        }
        return recorded.hash == definition.hash ? .registered : .differs(recorded)
    }

    /// Every definition ever recorded.
    package func definitions() async throws -> [DefinitionRecord] {
        try await definitions(Statements.definitions, Parameters())
    }

    private func definitions(
        _ statement: Statement, _ parameters: Parameters
    ) async throws -> [DefinitionRecord] {
        let rows = try await run(reading, statement, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                DefinitionRecord(
                    name: try row.text(0), version: Int(try row.int(1)), hash: try row.bytes(2),
                    source: try row.text(3))
            }
        }
    }

    /// The sagas of those identities.
    package func load(_ ids: [SagaID]) async throws -> [SagaRecord] {
        var parameters = Parameters()
        parameters.append(uuidArray: ids.map(\.pair))
        return try await sagas(Statements.load, parameters)
    }

    /// The saga of a definition with that key.
    package func find(definition: String, key: String) async throws -> SagaRecord? {
        guard Parameters.canStore(key), Parameters.canStore(definition) else { return nil }
        var parameters = Parameters()
        parameters.append(text: key)
        parameters.append(text: definition)
        return try await sagas(Statements.find, parameters).first
    }

    private func sagas(
        _ statement: Statement, _ parameters: Parameters
    ) async throws -> [SagaRecord] {
        let rows = try await run(reading, statement, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in try SagaRecord(row) }
        }
    }

    /// A saga's journal, oldest first.
    package func journal(
        of id: SagaID, after version: Int64, limit: Int
    ) async throws -> [JournalRecord] {
        var parameters = Parameters()
        parameters.append(uuid: id.pair)
        parameters.append(int8: version)
        parameters.append(int8: Int64(limit))
        let rows = try await run(reading, Statements.journal, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                JournalRecord(
                    version: try row.int(0), at: try row.instant(1), body: try row.bytes(2))
            }
        }
    }

    /// An aggregate's events in the order of their versions.
    package func events(
        aggregateType: String, aggregateID: String, after version: Int64, limit: Int
    ) async throws -> [RecordedEvent] {
        guard Parameters.canStore(aggregateType), Parameters.canStore(aggregateID) else {
            return []
        }
        var parameters = Parameters()
        parameters.append(text: aggregateType)
        parameters.append(text: aggregateID)
        parameters.append(int8: version)
        parameters.append(int8: Int64(limit))
        return try await events(Statements.events, parameters)
    }

    func events(
        _ statement: Statement, _ parameters: Parameters
    ) async throws -> [RecordedEvent] {
        let rows = try await run(reading, statement, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in try RecordedEvent(row) }
        }
    }

    /// Sagas, newest start first.
    package func list(_ query: SagaQuery) async throws -> SagaPage {
        let texts = [query.definition, query.key].compactMap { $0 }
        guard texts.allSatisfy(Parameters.canStore) else { return SagaPage(sagas: [], after: nil) }
        var parameters = Parameters()
        if let key = query.key {
            parameters.append(text: key)
        } else {
            parameters.append(int2Array: Self.allShards)
        }
        parameters.append(text: query.definition)
        let statuses = query.statuses.isEmpty ? SagaStatus.allCases : query.statuses
        parameters.append(textArray: statuses.map(\.rawValue))
        parameters.append(timestamptz: (query.since ?? Self.earliest).microseconds)
        parameters.append(timestamptz: (query.until ?? Self.latest).microseconds)
        parameters.append(timestamptz: (query.after?.startedAt ?? Self.latest).microseconds)
        parameters.append(uuid: (query.after?.id ?? SagaID(high: .max, low: .max)).pair)
        // One more than asked for tells whether there is a next page.
        parameters.append(int8: Int64(query.limit + 1))
        let found = try await sagas(query.statement, parameters)
            .filter { !query.needsPerson || $0.needsPerson }
        let page = Array(found.prefix(query.limit))
        let cursor = page.last.map {
            SagaCursor(startedAt: $0.startedAt, id: $0.identity.id)
        }
        return SagaPage(sagas: page, after: found.count > query.limit ? cursor : nil)
    }

    /// Forgets idempotency keys that expired before that time.
    package func forgetIdempotencyKeys(before: Instant, limit: Int) async throws -> Int {
        var parameters = Parameters()
        parameters.append(int2Array: Self.allShards)
        parameters.append(timestamptz: before.microseconds)
        parameters.append(int8: Int64(limit))
        return try await run(reading, Statements.forgetIdempotencyKeys, parameters).affected
    }
}

extension SagaQuery {
    /// A key finds at most one saga of each definition, so that nothing else needs an index there.
    fileprivate var statement: Statement {
        if key != nil { return Statements.listByKey }
        if needsPerson || statuses == [.stuck] { return Statements.listNeedingPerson }
        let isUnended = !statuses.isEmpty && statuses.allSatisfy { !$0.isEnd }
        return isUnended ? Statements.listUnended : Statements.list
    }
}

extension Rows {
    /// Each row as something else.
    func collect<Element>(
        _ body: (Row) throws(PostgresError) -> Element
    ) throws(PostgresError) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for row in self { elements.append(try body(row)) }
        return elements
    }
}

extension Row {
    func sagaID(_ column: Int) throws(PostgresError) -> SagaID {
        let (high, low) = try uuid(column)
        return SagaID(high: high, low: low)
    }

    func instant(_ column: Int) throws(PostgresError) -> Instant {
        Instant(microseconds: try timestamptz(column))
    }

    func optionalInstant(_ column: Int) throws(PostgresError) -> Instant? {
        try optionalTimestamptz(column).map(Instant.init(microseconds:))
    }
}

extension SagaRecord {
    fileprivate init(_ row: Row) throws(PostgresError) {
        let identity = SagaIdentity(
            id: try row.sagaID(0), name: try row.text(1), definitionVersion: Int(try row.int(2)),
            key: try row.text(3))
        let status = try row.text(5)
        guard let known = SagaStatus(rawValue: status) else {
            throw PostgresError(kind: .other, message: "a saga has the unknown status '\(status)'")
        }
        self.init(
            identity: identity, version: try row.int(4), status: known, input: try row.bytes(6),
            state: try row.bytes(7), wakeAt: try row.optionalInstant(8),
            startedAt: try row.instant(9), updatedAt: try row.instant(10),
            endedAt: try row.optionalInstant(11), needsPerson: try row.bool(12))
    }
}

extension RecordedEvent {
    init(_ row: Row) throws(PostgresError) {
        let event = NewEvent(
            id: try row.text(3), aggregateType: try row.text(0), aggregateID: try row.text(1),
            stream: try row.text(4), type: try row.text(5),
            body: try row.optionalText(8).map { Array($0.utf8) },
            viewData: try row.optionalText(9).map { Array($0.utf8) })
        let saga = try row.optionalUUID(6).map { SagaID(high: $0.0, low: $0.1) }
        self.init(
            event: event, version: try row.int(2), sagaID: saga, recordedAt: try row.instant(7))
    }
}
