import GRDB
import SagaCore
package import SagaRuntime

extension EmbeddedStore {
    /// Stores views, each only where it goes beyond what is there.
    package func put(_ views: [ViewRecord]) async throws -> Int {
        guard !views.isEmpty else { return 0 }
        return try await writes.perform(rows: views.count) { writer in
            try views.reduce(0) { $0 + (try writer.put($1) ? 1 : 0) }
        }
    }

    /// The views of those keys.
    package func views(of keys: [ViewKey]) async throws -> [ViewRecord] {
        try await read { database in try keys.compactMap { try database.view($0) } }
    }

    /// A view beside its aggregate.
    package func view(_ key: ViewKey) async throws -> CurrentView {
        try await read { database in
            let version = try database.records(
                Statements.aggregateVersion, [key.collection, key.id]
            ) { $0[0] as Int64 }.first
            return CurrentView(view: try database.view(key), aggregateVersion: version ?? 0)
        }
    }

    /// Views, newest first.
    package func views(_ query: ViewQuery) async throws -> ViewPage {
        try await read { try $0.page(query) }
    }

    /// The events that follow versions of aggregates.
    package func events(behind positions: [AggregatePosition]) async throws -> [RecordedEvent] {
        try await read { database in
            try positions.flatMap { position in
                try database.events(
                    type: position.key.collection, id: position.key.id, after: position.version,
                    limit: StoreLimits.batchTail)
            }
        }
    }

    /// A page of all aggregates.
    package func aggregates(_ query: AggregateQuery) async throws -> AggregatePage {
        try await read { try $0.aggregates(query) }
    }
}

extension Writer {
    /// Whether the view went beyond what was there.
    func put(_ view: ViewRecord) throws -> Bool {
        try run(
            Statements.putView,
            [
                view.key.collection, view.key.id, view.version, view.rebuild, view.status,
                view.customerID, view.createdAt.microseconds, view.updatedAt.microseconds,
                String(decoding: view.document, as: UTF8.self),
            ])
        return database.changesCount == 1
    }
}

extension Database {
    fileprivate func view(_ key: ViewKey) throws -> ViewRecord? {
        try records(Statements.view, [key.collection, key.id]) { ViewRecord($0) }.first
    }

    fileprivate func aggregates(_ query: AggregateQuery) throws -> AggregatePage {
        let rows = try records(
            Statements.aggregatePage, [query.after?.id ?? "", query.after?.collection ?? ""]
        ) { row in
            let position = AggregatePosition(
                key: ViewKey(collection: row[0], id: row[1]), version: row[2])
            return (position, behindSince: row.instantIfAny(3))
        }
        let wanted = rows.filter { _, behindSince in
            guard let since = query.behindSince else { return true }
            return behindSince.map { $0 < since } ?? false
        }
        let isFull = rows.count == StoreLimits.pageAggregates
        return AggregatePage(
            aggregates: wanted.map(\.0), after: isFull ? rows.last?.0.key : nil)
    }

    fileprivate func page(_ query: ViewQuery) throws -> ViewPage {
        var found: [ViewRecord]
        switch (query.customerID, query.statuses) {
        case (nil, []): found = try listed(Statements.listViews, [], query)
        case (let customerID?, []):
            found = try listed(Statements.listViewsOfCustomer, [customerID], query)
        case (nil, let statuses):
            found = try statuses.flatMap {
                try listed(Statements.listViewsOfStatus, [$0], query)
            }
        case (let customerID?, let statuses):
            found = try statuses.flatMap {
                try listed(Statements.listViewsOfCustomerAndStatus, [customerID, $0], query)
            }
        }
        if query.statuses.count > 1 {
            found.sort { ($0.createdAt, $0.key) > ($1.createdAt, $1.key) }
        }
        return ViewPage(found: found, limit: query.limit)
    }

    /// The page's views and one beyond, where there are so many.
    private func listed(
        _ sql: String, _ filters: [String], _ query: ViewQuery
    ) throws -> [ViewRecord] {
        let until = query.until?.microseconds ?? .max
        let arguments: StatementArguments = [
            query.since?.microseconds ?? .min, until,
            query.after?.createdAt.microseconds ?? .max, query.after?.id ?? "", query.limit + 1,
        ]
        let all = StatementArguments([query.collection] + filters) + arguments
        return try records(sql, all) { ViewRecord($0) }
    }
}

extension ViewRecord {
    /// The row of ``Statements/view``.
    fileprivate init(_ row: Row) {
        let document: String = row[8]
        self.init(
            key: ViewKey(collection: row[0], id: row[1]), version: row[2], rebuild: row[3],
            status: row[4], customerID: row[5], createdAt: row.instant(6),
            updatedAt: row.instant(7), document: Array(document.utf8))
    }
}
