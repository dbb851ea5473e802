import PostgreSQL
import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// Stores views, each only where it goes beyond what is there.
    package func put(_ views: [ViewRecord]) async throws -> Int {
        let ordered = views.sorted { $0.key < $1.key }
        var count = 0
        for part in Portions.parted(
            Array(ordered.indices), size: { ordered[$0].size }, answerRows: { _ in 0 })
        {
            count += try await put(part: part.map { ordered[$0] })
        }
        return count
    }

    private func put(part: [ViewRecord]) async throws -> Int {
        var parameters = Parameters(reserving: 10, bytes: part.reduce(4096) { $0 + $1.size })
        parameters.append(textArray: part.map(\.key.collection))
        parameters.append(textArray: part.map(\.key.id))
        parameters.append(int8Array: part.map(\.version))
        parameters.append(int8Array: part.map(\.rebuild))
        parameters.append(int2Array: part.map { Int16($0.key.shard) })
        parameters.append(textArray: part.map(\.status))
        parameters.append(textArray: part.map(\.customerID))
        parameters.append(timestamptzArray: part.map(\.createdAt.microseconds))
        parameters.append(timestamptzArray: part.map(\.updatedAt.microseconds))
        parameters.append(textArray: part.map { String(decoding: $0.document, as: UTF8.self) })
        let rows = try await answered(Statements.putViews, parameters)
        return try decoded { () throws(PostgresError) in Int(try rows.first?.int(0) ?? 0) }
    }

    /// The views of those keys.
    package func views(of keys: [ViewKey]) async throws -> [ViewRecord] {
        let storable = keys.filter(\.canBeStored)
        guard !storable.isEmpty else { return [] }
        var parameters = Parameters()
        parameters.append(textArray: storable.map(\.collection))
        parameters.append(textArray: storable.map(\.id))
        return try await views(Statements.views, parameters)
    }

    /// A view beside its aggregate.
    package func view(_ key: ViewKey) async throws -> CurrentView {
        guard key.canBeStored else { return CurrentView(view: nil, aggregateVersion: 0) }
        var parameters = Parameters()
        parameters.append(text: key.collection)
        parameters.append(text: key.id)
        let rows = try await answered(Statements.view, parameters)
        return try decoded { () throws(PostgresError) in
            guard let row = rows.first else { return CurrentView(view: nil, aggregateVersion: 0) }
            let view = try row.optionalText(0) == nil ? nil : ViewRecord(row)
            return CurrentView(view: view, aggregateVersion: try row.int(9))
        }
    }

    /// The events that follow versions of aggregates.
    package func events(behind positions: [AggregatePosition]) async throws -> [RecordedEvent] {
        let storable = positions.filter(\.key.canBeStored)
        guard !storable.isEmpty else { return [] }
        var parameters = Parameters()
        parameters.append(textArray: storable.map(\.key.collection))
        parameters.append(textArray: storable.map(\.key.id))
        parameters.append(int8Array: storable.map(\.version))
        let rows = try await answered(Statements.eventsBehind, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in try RecordedEvent(row) }
        }.sorted { $0.version < $1.version }
    }

    /// A page of all aggregates.
    package func aggregates(_ query: AggregateQuery) async throws -> AggregatePage {
        var parameters = Parameters()
        parameters.append(text: query.after?.collection ?? "")
        parameters.append(text: query.after?.id ?? "")
        parameters.append(timestamptz: query.behindSince?.microseconds)
        let rows = try await answered(Statements.aggregates, parameters)
        return try decoded { () throws(PostgresError) in
            var page = AggregatePage(aggregates: [], after: nil)
            for row in rows {
                let key = ViewKey(collection: try row.text(0), id: try row.text(1))
                if try row.bool(4) { page.after = key }
                guard try row.bool(3) else { continue }
                page.aggregates.append(AggregatePosition(key: key, version: try row.int(2)))
            }
            return page
        }
    }

    /// Views, newest first.
    package func views(_ query: ViewQuery) async throws -> ViewPage {
        let texts = [query.collection, query.customerID, query.after?.id].compactMap { $0 }
        guard (texts + query.statuses).allSatisfy(Parameters.canStore) else {
            return ViewPage(found: [], limit: query.limit)
        }
        var parameters = Parameters()
        parameters.append(text: query.collection)
        let isOfAll = query.statuses.isEmpty && query.customerID == nil
        if isOfAll {
            parameters.append(int2Array: Self.allShards)
        } else {
            parameters.append(textArray: query.statuses)
        }
        parameters.append(timestamptz: (query.since ?? Self.earliest).microseconds)
        parameters.append(timestamptz: (query.until ?? Self.latest).microseconds)
        parameters.append(timestamptz: (query.after?.createdAt ?? Self.latest).microseconds)
        parameters.append(text: query.after?.id)
        // One more than asked for tells whether there is a next page.
        parameters.append(int8: Int64(query.limit + 1))
        let statement: Statement
        if let customerID = query.customerID {
            parameters.append(text: customerID)
            parameters.append(bool: query.statuses.isEmpty)
            statement = Statements.listViewsOfCustomer
        } else if isOfAll {
            statement = Statements.listViews
        } else {
            parameters.append(int2Array: Self.allShards)
            statement = Statements.listViewsOfStatus
        }
        return ViewPage(found: try await views(statement, parameters), limit: query.limit)
    }

    private func views(
        _ statement: Statement, _ parameters: Parameters
    ) async throws -> [ViewRecord] {
        let rows = try await answered(statement, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in try ViewRecord(row) }
        }
    }

    /// The answer to a statement that no row may be to blame for.
    private func answered(_ statement: Statement, _ parameters: Parameters) async throws -> Rows {
        do {
            return try await run(reading, statement, parameters)
        } catch let error as PostgresError {
            throw StoreError(error)
        }
    }
}

extension ViewKey {
    /// Whether the database can hold such a key; where not, it holds none.
    fileprivate var canBeStored: Bool {
        Parameters.canStore(collection) && Parameters.canStore(id)
    }
}

extension ViewRecord {
    /// About how many bytes it sends to the database.
    fileprivate var size: Int { document.count + 300 }

    fileprivate init(_ row: Row) throws(PostgresError) {
        self.init(
            key: ViewKey(collection: try row.text(0), id: try row.text(1)),
            version: try row.int(2), rebuild: try row.int(3), status: try row.optionalText(4),
            customerID: try row.optionalText(5), createdAt: try row.instant(6),
            updatedAt: try row.instant(7), document: Array(try row.text(8).utf8))
    }
}
