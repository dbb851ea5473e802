import SagaCore
import SagaRuntime
import Synchronization

extension TableStore {
    /// The queries that lists of documents asked for.
    var viewQueries: [ViewQuery] { tables.withLock { $0.viewQueries } }

    /// Puts the view of an order there as it was at a version; its first event was at noon.
    func putView(_ id: String, version: Int64, _ document: String, createdAt: Instant = noon) {
        let view = ViewRecord(
            key: ViewKey(collection: "order", id: id), version: version, rebuild: 0, status: nil,
            customerID: nil, createdAt: createdAt, updatedAt: createdAt,
            document: Array(document.utf8))
        tables.withLock { $0.views.append(view) }
    }

    func view(_ key: ViewKey) async throws -> CurrentView {
        try read { tables in
            let versions = tables.events.filter { ViewKey($0.event) == key }.map(\.version)
            return CurrentView(
                view: tables.views.first { $0.key == key }, aggregateVersion: versions.max() ?? 0)
        }
    }

    func views(_ query: ViewQuery) async throws -> ViewPage {
        try read { tables in
            tables.viewQueries.append(query)
            let sorted = tables.views.sorted { $0.createdAt > $1.createdAt }
            return ViewPage(found: sorted, limit: query.limit)
        }
    }

    func events(behind positions: [AggregatePosition]) async throws -> [RecordedEvent] {
        try read { tables in
            positions.flatMap { position in
                tables.events.filter {
                    ViewKey($0.event) == position.key && $0.version > position.version
                }.prefix(StoreLimits.batchTail)
            }
        }
    }

    func put(_ views: [ViewRecord]) async throws -> Int { throw unused() }
    func views(of keys: [ViewKey]) async throws -> [ViewRecord] { throw unused() }
    func aggregates(_ query: AggregateQuery) async throws -> AggregatePage { throw unused() }
}
