import SagaCore
import SagaRuntime
import Synchronization

/// A store of what tests put into it; it only answers what the HTTP interface reads.
final class TableStore: Store {
    struct Tables {
        var sagas: [SagaRecord] = []
        var journals: [SagaID: [JournalRecord]] = [:]
        var events: [RecordedEvent] = []
        var views: [ViewRecord] = []
        var viewQueries: [ViewQuery] = []
        var queries: [SagaQuery] = []
        var definitions: [DefinitionRecord] = []
        var cluster = Cluster()
        var fault: StoreError?
        var faults: [String: StoredFault] = [:]
        var strikes: [FaultStrike] = []
    }

    let tables = Mutex(Tables())

    /// The queries that lists asked for.
    var queries: [SagaQuery] { tables.withLock { $0.queries } }

    /// Has every read fail from now on.
    func fail(_ kind: StoreError.Kind) {
        let fault = StoreError(kind, "connection to db.internal:5432 refused")
        tables.withLock { $0.fault = fault }
    }

    /// Records definitions.
    func put(_ definitions: [DefinitionRecord]) {
        tables.withLock { $0.definitions = definitions }
    }

    /// Has reads succeed again.
    func recover() { tables.withLock { $0.fault = nil } }

    /// Puts a saga there that started at noon.
    func put(
        _ identity: SagaIdentity, input: Value = [:], state: SagaState,
        startedAt: Instant = noon
    ) {
        let record = SagaRecord(
            identity: identity, version: state.version, status: state.status,
            input: input.jsonBytes, state: state.encoded, wakeAt: state.nextDue,
            startedAt: startedAt, updatedAt: startedAt, endedAt: state.endedAt,
            needsPerson: state.needsPerson)
        put(record)
    }

    func put(_ record: SagaRecord) {
        tables.withLock { tables in
            tables.sagas.removeAll { $0.identity.id == record.identity.id }
            tables.sagas.append(record)
        }
    }

    /// Adds a row to a saga's journal.
    func addJournal(_ id: SagaID, version: Int64, at: Instant = noon, _ body: String) {
        tables.withLock {
            $0.journals[id, default: []]
                .append(JournalRecord(version: version, at: at, body: Array(body.utf8)))
        }
    }

    /// Appends an event to the aggregate `order` of a saga's key.
    func append(_ event: String, _ data: String?, to identity: SagaIdentity) {
        append(event, data, key: identity.key, saga: identity.id)
    }

    func append(_ event: String, _ data: String?, key: String, saga: SagaID? = nil) {
        tables.withLock { tables in
            let version = tables.events.count { $0.event.aggregateID == key } + 1
            let new = NewEvent(
                id: "\(key)-\(version)", aggregateType: "order", aggregateID: key,
                stream: "ORDERS", type: "ORDERS.\(event)", body: data.map { Array($0.utf8) })
            tables.events.append(
                RecordedEvent(
                    event: new, version: Int64(version), sagaID: saga, recordedAt: noon))
        }
    }

    func read<Result>(_ body: (inout Tables) -> Result) throws -> Result {
        try tables.withLock { tables in
            if let fault = tables.fault { throw fault }
            return body(&tables)
        }
    }

    func load(_ ids: [SagaID]) async throws -> [SagaRecord] {
        try read { tables in tables.sagas.filter { ids.contains($0.identity.id) } }
    }

    func find(definition: String, key: String) async throws -> SagaRecord? {
        try read { tables in
            tables.sagas.first { $0.identity.name == definition && $0.identity.key == key }
        }
    }

    func journal(of id: SagaID, after version: Int64, limit: Int) async throws -> [JournalRecord] {
        try read { tables in
            Array((tables.journals[id] ?? []).filter { $0.version > version }.prefix(limit))
        }
    }

    func events(
        aggregateType: String, aggregateID: String, after version: Int64, limit: Int
    ) async throws -> [RecordedEvent] {
        try read { tables in
            let own = tables.events.filter {
                $0.event.aggregateType == aggregateType && $0.event.aggregateID == aggregateID
                    && $0.version > version
            }
            return Array(own.prefix(limit))
        }
    }

    func list(_ query: SagaQuery) async throws -> SagaPage {
        try read { tables in
            tables.queries.append(query)
            let meant = tables.sagas.filter {
                query.statuses.isEmpty || query.statuses.contains($0.status)
            }
            let sorted = meant.sorted { $0.startedAt > $1.startedAt }
            let behind = sorted.drop { saga in
                query.after.map { saga.startedAt >= $0.startedAt } ?? false
            }
            let page = Array(behind.prefix(query.limit))
            let after =
                behind.count > query.limit
                ? page.last.map { SagaCursor(startedAt: $0.startedAt, id: $0.identity.id) } : nil
            return SagaPage(sagas: page, after: after)
        }
    }

    func unused() -> StoreError { StoreError(.unexpected, "not for these tests") }

    func cluster() async throws -> Cluster { try read { $0.cluster } }
    func claim(_ claim: LeaseClaim) async throws -> [ShardLease] { throw unused() }
    func leave(_ member: String) async throws { throw unused() }
    func migrate() async throws { throw unused() }
    func check() async throws { throw unused() }
    func now() async throws -> Instant { throw unused() }
    func register(_ definition: DefinitionRecord) async throws -> Registration { throw unused() }
    func definitions() async throws -> [DefinitionRecord] { try read { $0.definitions } }
    func start(_ batch: [SagaStart]) async throws -> [StartAnswer] { throw unused() }
    func commit(_ batch: [Transition]) async throws -> [CommitAnswer] { throw unused() }
    func due(shards: [Int], until: Instant, limit: Int) async throws -> [DueSaga] {
        throw unused()
    }
    func rearm(_ batch: [Rearming]) async throws { throw unused() }
    func unpublished(shards: [Int], before: Instant, limit: Int) async throws -> [RecordedEvent] {
        throw unused()
    }
    func markPublished(_ batch: [OutboxKey]) async throws { throw unused() }
    func hasUnpublished(before: Instant) async throws -> Bool { throw unused() }
    func feedEnd() async throws -> FeedPlace { throw unused() }
    func memory(of stream: String) async throws -> StreamMemory? { throw unused() }
    func remember(_ memory: StreamMemory) async throws -> Bool { throw unused() }
    func countUnended(definition: String) async throws -> [Int: Int] {
        try read { tables in
            let unended = tables.sagas.filter {
                $0.identity.name == definition && $0.endedAt == nil
            }
            return Dictionary(grouping: unended) { $0.identity.definitionVersion }
                .mapValues(\.count)
        }
    }
    func append(_ batch: [EventAppend]) async throws -> [EventAppendAnswer] { throw unused() }
    func events(ids: [String]) async throws -> [RecordedEvent] { throw unused() }
    func events(
        aggregateID: String, types: [String], after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] { throw unused() }
    func events(after place: FeedPlace, limit: Int) async throws -> EventFeedPage {
        throw unused()
    }
    func owners(of keys: [SagaKey]) async throws -> [SagaID?] { throw unused() }
    func forgetIdempotencyKeys(before: Instant, limit: Int) async throws -> Int { throw unused() }
    func close() async {}
}
