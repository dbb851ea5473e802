package import SagaCore
package import SagaRuntime
import Synchronization

/// A store that keeps everything in memory, with the whole meaning of the port.
///
/// Tests and the simulator make it fail on purpose; see ``failNext(_:_:times:)``, ``setAway(_:)``
/// and ``beforeNext(_:run:)``.
package final class InMemoryStore: Store {
    struct State {
        var tables = Tables()
        var faults = StoreFaults()
    }

    let state: StoreShelf
    let clock: any SagaClock
    private let gate: (any StoreGate)?

    /// An empty store without tables, whose time is that clock's.
    package init(clock: any SagaClock = ManualClock()) {
        self.clock = clock
        state = StoreShelf()
        gate = nil
    }

    /// The same tables for one more user, who reaches them through that gate.
    package init(sharing store: InMemoryStore, gate: any StoreGate) {
        clock = store.clock
        state = store.state
        self.gate = gate
    }

    /// Makes the tables.
    package func migrate() async throws {
        try await run(.migrate) { $0.isMigrated = true }
    }

    /// Throws ``StoreError/Kind/schema`` before the first ``migrate()``.
    package func check() async throws {
        try await run(.check) { tables in
            guard tables.isMigrated else {
                throw StoreError(
                    .schema, "the store in memory has no tables yet: call migrate() first")
            }
        }
    }

    /// The time of the clock that the store was given.
    package func now() async throws -> Instant {
        let clock = clock
        return try await run(.now) { _ in clock.now() }
    }

    /// Records a definition, as the port says.
    package func register(_ definition: DefinitionRecord) async throws -> Registration {
        try await run(.register) { $0.register(definition) }
    }

    /// Every definition, by name and version.
    package func definitions() async throws -> [DefinitionRecord] {
        try await run(.definitions) { $0.sortedDefinitions }
    }

    /// Starts sagas, as the port says.
    package func start(_ batch: [SagaStart]) async throws -> [StartAnswer] {
        try await run(.start) { tables, poisoned in
            batch.map { start in
                poisoned.contains(start.identity.id)
                    ? .poisoned("a fault was asked for") : tables.start(start)
            }
        }
    }

    /// Stores transitions, as the port says.
    package func commit(_ batch: [Transition]) async throws -> [CommitAnswer] {
        try await run(.commit) { tables, poisoned in
            let answers: [CommitAnswer] = batch.map { transition in
                poisoned.contains(transition.sagaID)
                    ? .poisoned("a fault was asked for") : tables.commit(transition)
            }
            tables.conflicts += answers.count { $0 == .conflict }
            return answers
        } conflict: {
            batch.map { _ in .conflict }
        }
    }

    /// How many transitions met another one; those that a fault had refused do not count.
    package var conflictsMet: Int { state.withLock { $0.tables.conflicts } }

    /// The sagas of those identities that there are.
    package func load(_ ids: [SagaID]) async throws -> [SagaRecord] {
        try await run(.load) { tables in ids.compactMap { tables.sagas[$0] } }
    }

    /// The saga of a definition with that key.
    package func find(definition: String, key: String) async throws -> SagaRecord? {
        try await run(.find) { tables in
            let owner = tables.keys[BusinessKey(definition: definition, key: key)]
            return owner.flatMap { tables.sagas[$0] }
        }
    }

    /// The sagas to be looked at.
    package func due(shards: [Int], until: Instant, limit: Int) async throws -> [DueSaga] {
        try await run(.due) { $0.due(shards: shards, until: until, limit: limit) }
    }

    /// Moves wake-ups.
    package func rearm(_ batch: [Rearming]) async throws {
        try await run(.rearm) { tables in
            for rearming in batch where tables.sagas[rearming.id]?.version == rearming.version {
                tables.sagas[rearming.id]?.wakeAt = rearming.wakeAt
            }
        }
    }

    /// The events that nobody acknowledged.
    package func unpublished(
        shards: [Int], before: Instant, limit: Int
    ) async throws -> [RecordedEvent] {
        try await run(.unpublished) {
            $0.unpublished(shards: shards, before: before, limit: limit)
        }
    }

    /// Forgets that those events wait to be published.
    package func markPublished(_ batch: [OutboxKey]) async throws {
        try await run(.markPublished) { tables in
            for key in batch { tables.outbox[OutboxPlace(key)] = nil }
        }
    }

    /// A saga's journal.
    package func journal(
        of id: SagaID, after version: Int64, limit: Int
    ) async throws -> [JournalRecord] {
        try await run(.journal) { tables in
            let rows = tables.journals[id, default: []].map(\.record)
            return Array(rows.filter { $0.version > version }.prefix(limit))
        }
    }

    /// An aggregate's events.
    package func events(
        aggregateType: String, aggregateID: String, after version: Int64, limit: Int
    ) async throws -> [RecordedEvent] {
        try await run(.events) { tables in
            let key = AggregateKey(type: aggregateType, id: aggregateID)
            let events = tables.events[key, default: []]
            return Array(events.filter { $0.version > version }.prefix(limit))
        }
    }

    /// Sagas, newest start first.
    package func list(_ query: SagaQuery) async throws -> SagaPage {
        try await run(.list) { $0.page(query) }
    }

    /// How many sagas of a definition have not ended, by version.
    package func countUnended(definition: String) async throws -> [Int: Int] {
        try await run(.countUnended) { $0.countUnended(definition: definition) }
    }

    /// Forgets expired idempotency keys.
    package func forgetIdempotencyKeys(before: Instant, limit: Int) async throws -> Int {
        try await run(.forgetIdempotencyKeys) { tables in
            let expired = tables.claims.filter { $0.value.expiresAt < before }.prefix(limit)
            for claim in expired { tables.claims[claim.key] = nil }
            return expired.count
        }
    }

    /// Does nothing.
    package func close() async {}
}

extension InMemoryStore {
    func run<Answer: Sendable>(
        _ operation: StoreOperation, _ body: @escaping @Sendable (inout Tables) throws -> Answer
    ) async throws -> Answer {
        try await run(operation) { tables, _ in try body(&tables) }
    }

    /// Carries out one operation with the faults that were asked for.
    private func run<Answer: Sendable>(
        _ operation: StoreOperation,
        _ body: @escaping @Sendable (inout Tables, Set<SagaID>) throws -> Answer,
        conflict: () -> Answer? = { nil }
    ) async throws -> Answer {
        if let hook = state.withLock({ $0.faults.takeHook(operation) }) { await hook() }
        let asked = try await fault(of: operation) { _ = try body(&$0, []) }
        let answer: Answer = try state.withLock { state in
            switch asked ?? state.faults.enter(operation) {
            case nil: return try body(&state.tables, [])
            case .unavailable: throw StoreError(.unavailable, "a fault was asked for")
            case .error(let error): throw error
            case .lostAnswer:
                _ = try body(&state.tables, [])
                throw StoreError(.unavailable, "a fault was asked for: the answer was lost")
            case .poison(let ids): return try body(&state.tables, ids)
            case .conflict:
                guard let answer = conflict() else {
                    preconditionFailure("the fault 'conflict' strikes commits only")
                }
                return answer
            }
        }
        try await gate?.leave(operation)
        return answer
    }

    /// What the gate has a call meet; throws where it lets the call through later, or never.
    private func fault(
        of operation: StoreOperation, _ body: @escaping @Sendable (inout Tables) throws -> Void
    ) async throws -> StoreFault? {
        guard let gate else { return nil }
        switch try await gate.enter(operation) {
        case .pass: return nil
        case .fault(let fault): return fault
        case .late:
            let state = state
            gate.later { state.withLock { try? body(&$0.tables) } }
            throw StoreError(.unavailable, "a fault was asked for: the call is carried out later")
        }
    }
}
