package import SagaRuntime
import Synchronization

extension InMemoryStore {
    /// Stores views, each only where it goes beyond what is there.
    package func put(_ views: [ViewRecord]) async throws -> Int {
        try await run(.putViews) { tables in
            views.reduce(0) { $0 + (tables.put($1) ? 1 : 0) }
        }
    }

    /// The views of those keys that there are.
    package func views(of keys: [ViewKey]) async throws -> [ViewRecord] {
        try await run(.viewsOfKeys) { tables in keys.compactMap { tables.views[$0] } }
    }

    /// A view beside its aggregate.
    package func view(_ key: ViewKey) async throws -> CurrentView {
        try await run(.view) { tables in
            CurrentView(view: tables.views[key], aggregateVersion: tables.version(of: key))
        }
    }

    /// Views, newest first.
    package func views(_ query: ViewQuery) async throws -> ViewPage {
        try await run(.listViews) { $0.page(query) }
    }

    /// The events that follow versions of aggregates.
    package func events(behind positions: [AggregatePosition]) async throws -> [RecordedEvent] {
        try await run(.eventsBehind) { tables in
            positions.flatMap { position in
                tables.events[AggregateKey(position.key), default: []]
                    .filter { $0.version > position.version }.prefix(StoreLimits.batchTail)
            }
        }
    }

    /// A page of all aggregates.
    package func aggregates(_ query: AggregateQuery) async throws -> AggregatePage {
        try await run(.aggregates) { $0.page(query) }
    }

    /// Loses views, as an operator does who deletes them.
    package func deleteViews(_ keys: [ViewKey]) {
        state.withLock { state in
            for key in keys { state.tables.views[key] = nil }
        }
    }
}

extension AggregateKey {
    init(_ key: ViewKey) { self.init(type: key.collection, id: key.id) }
}

extension Tables {
    /// Whether the view went beyond what was there.
    fileprivate mutating func put(_ view: ViewRecord) -> Bool {
        if let present = views[view.key] {
            let isNewer = present.rebuild == view.rebuild && present.version < view.version
            let isRebuilt = present.rebuild < view.rebuild && present.version <= view.version
            guard isNewer || isRebuilt else { return false }
        }
        views[view.key] = view
        return true
    }

    fileprivate func version(of key: ViewKey) -> Int64 {
        Int64(events[AggregateKey(key), default: []].count)
    }

    fileprivate func page(_ query: AggregateQuery) -> AggregatePage {
        let positions = events.values.compactMap(\.last).map { last in
            (AggregatePosition(key: ViewKey(last.event), version: last.version), last.recordedAt)
        }
        let sorted = positions.sorted { $0.0.key < $1.0.key }
        let behind = sorted.drop { position, _ in
            query.after.map { position.key <= $0 } ?? false
        }
        let page = behind.prefix(StoreLimits.pageAggregates)
        let wanted = page.filter { position, recordedAt in
            guard let since = query.behindSince else { return true }
            return (views[position.key]?.version ?? 0) < position.version && recordedAt < since
        }
        let isFull = page.count == StoreLimits.pageAggregates
        return AggregatePage(
            aggregates: wanted.map(\.0), after: isFull ? page.last?.0.key : nil)
    }

    fileprivate func page(_ query: ViewQuery) -> ViewPage {
        let found = views.values.filter { query.admits($0) }
        let sorted = found.sorted { ($0.createdAt, $0.key) > ($1.createdAt, $1.key) }
        return ViewPage(found: sorted, limit: query.limit)
    }
}

extension ViewQuery {
    /// Whether a view lies behind the cursor and passes the filters.
    fileprivate func admits(_ view: ViewRecord) -> Bool {
        guard ByteText(view.key.collection) == ByteText(collection) else { return false }
        if let customerID, view.customerID.map(ByteText.init) != ByteText(customerID) {
            return false
        }
        let status = view.status.map(ByteText.init)
        if !statuses.isEmpty, !statuses.contains(where: { ByteText($0) == status }) {
            return false
        }
        if let since, view.createdAt < since { return false }
        if let until, view.createdAt >= until { return false }
        guard let after else { return true }
        let bound = ViewKey(collection: collection, id: after.id)
        return (view.createdAt, view.key) < (after.createdAt, bound)
    }
}
