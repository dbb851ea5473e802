package import SagaCore

// What a faulty store passes on as it is.
extension FaultyStore: Store {
    /// As the store below does.
    package func migrate() async throws {
        try await inner.migrate()
    }

    /// As the store below does.
    package func check() async throws {
        try await inner.check()
    }

    /// As the store below does.
    package func now() async throws -> Instant {
        try await inner.now()
    }

    /// As the store below does.
    package func register(_ definition: DefinitionRecord) async throws -> Registration {
        try await inner.register(definition)
    }

    /// As the store below does.
    package func definitions() async throws -> [DefinitionRecord] {
        try await inner.definitions()
    }

    /// As the store below does.
    package func load(_ ids: [SagaID]) async throws -> [SagaRecord] {
        try await inner.load(ids)
    }

    /// As the store below does.
    package func find(definition: String, key: String) async throws -> SagaRecord? {
        try await inner.find(definition: definition, key: key)
    }

    /// As the store below does.
    package func due(shards: [Int], until: Instant, limit: Int) async throws -> [DueSaga] {
        try await inner.due(shards: shards, until: until, limit: limit)
    }

    /// As the store below does.
    package func rearm(_ batch: [Rearming]) async throws {
        try await inner.rearm(batch)
    }

    /// As the store below does.
    package func unpublished(shards: [Int], before: Instant, limit: Int) async throws
        -> [RecordedEvent]
    {
        try await inner.unpublished(shards: shards, before: before, limit: limit)
    }

    /// As the store below does.
    package func markPublished(_ batch: [OutboxKey]) async throws {
        try await inner.markPublished(batch)
    }

    /// As the store below does.
    package func hasUnpublished(before: Instant) async throws -> Bool {
        try await inner.hasUnpublished(before: before)
    }

    /// As the store below does.
    package func journal(of id: SagaID, after version: Int64, limit: Int) async throws
        -> [JournalRecord]
    {
        try await inner.journal(of: id, after: version, limit: limit)
    }

    /// As the store below does.
    package func events(
        aggregateType: String, aggregateID: String, after version: Int64, limit: Int
    ) async throws -> [RecordedEvent] {
        try await inner.events(
            aggregateType: aggregateType, aggregateID: aggregateID, after: version, limit: limit)
    }

    /// As the store below does.
    package func list(_ query: SagaQuery) async throws -> SagaPage {
        try await inner.list(query)
    }

    /// As the store below does.
    package func countUnended(definition: String) async throws -> [Int: Int] {
        try await inner.countUnended(definition: definition)
    }

    /// As the store below does.
    package func forgetIdempotencyKeys(before: Instant, limit: Int) async throws -> Int {
        try await inner.forgetIdempotencyKeys(before: before, limit: limit)
    }

    /// As the store below does.
    package func close() async {
        await inner.close()
    }
}

// MARK: - Events

extension FaultyStore {
    /// As the store below does.
    package func append(_ batch: [EventAppend]) async throws -> [EventAppendAnswer] {
        try await inner.append(batch)
    }

    /// As the store below does.
    package func events(ids: [String]) async throws -> [RecordedEvent] {
        try await inner.events(ids: ids)
    }

    /// As the store below does.
    package func events(aggregateID: String, types: [String], after: EventPlace?, limit: Int)
        async throws -> [RecordedEvent]
    {
        try await inner.events(aggregateID: aggregateID, types: types, after: after, limit: limit)
    }

    /// As the store below does.
    package func events(after place: FeedPlace, limit: Int) async throws -> EventFeedPage {
        try await inner.events(after: place, limit: limit)
    }

    /// As the store below does.
    package func feedEnd() async throws -> FeedPlace {
        try await inner.feedEnd()
    }

    /// As the store below does.
    package func owners(of keys: [SagaKey]) async throws -> [SagaID?] {
        try await inner.owners(of: keys)
    }
}

// MARK: - Views

extension FaultyStore {
    /// As the store below does.
    package func put(_ views: [ViewRecord]) async throws -> Int {
        try await inner.put(views)
    }

    /// As the store below does.
    package func views(of keys: [ViewKey]) async throws -> [ViewRecord] {
        try await inner.views(of: keys)
    }

    /// As the store below does.
    package func view(_ key: ViewKey) async throws -> CurrentView {
        try await inner.view(key)
    }

    /// As the store below does.
    package func views(_ query: ViewQuery) async throws -> ViewPage {
        try await inner.views(query)
    }

    /// As the store below does.
    package func events(behind positions: [AggregatePosition]) async throws -> [RecordedEvent] {
        try await inner.events(behind: positions)
    }

    /// As the store below does.
    package func aggregates(_ query: AggregateQuery) async throws -> AggregatePage {
        try await inner.aggregates(query)
    }
}

// MARK: - Streams

extension FaultyStore {
    /// As the store below does.
    package func memory(of stream: String) async throws -> StreamMemory? {
        try await inner.memory(of: stream)
    }

    /// As the store below does.
    package func remember(_ memory: StreamMemory) async throws -> Bool {
        try await inner.remember(memory)
    }
}

// MARK: - Leases

extension FaultyStore {
    /// As the store below does.
    package func cluster() async throws -> Cluster {
        try await inner.cluster()
    }

    /// As the store below does.
    package func claim(_ claim: LeaseClaim) async throws -> [ShardLease] {
        try await inner.claim(claim)
    }

    /// As the store below does.
    package func leave(_ member: String) async throws {
        try await inner.leave(member)
    }
}

// MARK: - Rules and strikes

extension FaultyStore {
    /// As the store below does.
    package func faults() async throws -> [StoredFault] {
        try await inner.faults()
    }

    /// As the store below does.
    package func put(_ fault: StoredFault) async throws {
        try await inner.put(fault)
    }

    /// As the store below does.
    package func removeFault(_ name: String) async throws -> Bool {
        try await inner.removeFault(name)
    }

    /// As the store below does.
    package func record(_ strike: FaultStrike, of fault: FaultGeneration) async throws -> Bool {
        try await inner.record(strike, of: fault)
    }

    /// As the store below does.
    package func faultStrikes(on id: SagaID) async throws -> [FaultStrike] {
        try await inner.faultStrikes(on: id)
    }

    /// As the store below does.
    package func assign(_ faults: [String], to id: SagaID, at: Instant) async throws {
        try await inner.assign(faults, to: id, at: at)
    }

    /// As the store below does.
    package func assignedFaults(of ids: [SagaID]) async throws -> [SagaID: [String]] {
        try await inner.assignedFaults(of: ids)
    }
}
