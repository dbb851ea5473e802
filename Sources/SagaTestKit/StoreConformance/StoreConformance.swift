import SagaCore
package import SagaRuntime

/// A promise of the store port, kept or broken by a store whose tables exist and are empty.
package typealias StoreCheck = Check<any Store>

/// A store made for one check.
package struct StoreUnderTest: Sendable {
    /// The store, empty, without tables yet.
    package let store: any Store
    /// Removes what the store leaves behind; called after the store was closed.
    package let dispose: @Sendable () async throws -> Void

    /// The store, with what removes its remains.
    package init(
        _ store: any Store, dispose: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.store = store
        self.dispose = dispose
    }
}

/// What every store promises: the sentences of the port's documentation, one check each.
package enum StoreConformance {
    /// Every check; each runs on a store of its own.
    package static let checks: [StoreCheck] =
        schemaChecks + definitionChecks + startChecks + idempotencyChecks + commitChecks
        + repetitionChecks + eventChecks + poisonChecks + wakingChecks + outboxChecks
        + listingChecks + concurrencyChecks + appendChecks + appendedInTransitionChecks
        + feedChecks + viewChecks + viewListChecks + streamMemoryChecks + leaseChecks + faultChecks

    /// Runs one check on a store of its own, with its tables made, and disposes of the store.
    package static func run(
        _ check: StoreCheck, on open: @Sendable () async throws -> StoreUnderTest
    ) async throws {
        let subject = try await open()
        let outcome: Result<Void, any Error>
        do {
            try await subject.store.migrate()
            outcome = .success(try await check.body(subject.store))
        } catch {
            outcome = .failure(error)
        }
        await subject.store.close()
        try await subject.dispose()
        try outcome.get()
    }

    /// Checks that a store refuses to work before its tables exist, and that several may make them
    /// at once; it starts without tables, and so is no member of ``checks``.
    package static func checkFirstMigration(
        on open: @Sendable () async throws -> StoreUnderTest
    ) async throws {
        let subject = try await open()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await migrateFirst(subject.store))
        } catch {
            outcome = .failure(error)
        }
        await subject.store.close()
        try await subject.dispose()
        try outcome.get()
    }

    private static func migrateFirst(_ store: any Store) async throws {
        do {
            try await store.check()
            throw Expectation("check() must throw before the tables exist")
        } catch let error as StoreError {
            try expectEqual(error.kind, .schema, "the kind of fault without tables")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await store.migrate() } }
            try await group.waitForAll()
        }
        try await store.check()
        let answers = try await store.start([Sample.start(1)])
        try expectEqual(answers, [.started(eventVersions: [])], "a start afterwards")
    }
}

// MARK: What the checks have in common

extension Store {
    func expectStarted(
        _ starts: [SagaStart], fileID: String = #fileID, line: Int = #line
    ) async throws {
        for (answer, start) in zip(try await self.start(starts), starts) {
            guard case .started = answer else {
                throw Expectation(
                    "saga \(start.identity.key): expected started, found \(answer)",
                    fileID: fileID, line: line)
            }
        }
    }

    func expectCommitted(
        _ batch: [Transition], patiently: Bool = false, fileID: String = #fileID,
        line: Int = #line
    ) async throws {
        let answers = try await patiently ? commitPatiently(batch) : commit(batch)
        for (answer, transition) in zip(answers, batch) {
            guard case .committed = answer else {
                throw Expectation(
                    "saga \(transition.sagaID): expected committed, found \(answer)",
                    fileID: fileID, line: line)
            }
        }
    }

    func saga(
        _ number: Int, fileID: String = #fileID, line: Int = #line
    ) async throws -> SagaRecord {
        let records = try await load([Sample.sagaID(number)])
        return try required(records.first, "saga \(number)", fileID: fileID, line: line)
    }

    /// The versions of a saga's journal rows.
    func journalVersions(_ number: Int) async throws -> [Int64] {
        try await journal(of: Sample.sagaID(number), after: 0, limit: 1000).map(\.version)
    }

    /// The events of the aggregate `order` with that identity.
    func orderEvents(_ id: String = "order-1") async throws -> [RecordedEvent] {
        try await events(aggregateType: "order", aggregateID: id, after: 0, limit: 1000)
    }

    /// Everything that waits to be published.
    func allUnpublished() async throws -> [RecordedEvent] {
        try await unpublished(
            shards: Array(0..<StoreLimits.shards), before: Sample.time(1_000_000), limit: 10_000)
    }
}

extension StoreConformance {
    /// Checks that nothing of a saga is stored.
    static func expectAbsent(
        _ number: Int, in store: any Store, fileID: String = #fileID, line: Int = #line
    ) async throws {
        let records = try await store.load([Sample.sagaID(number)])
        try expect(
            records.isEmpty, "saga \(number) must not be stored", fileID: fileID, line: line)
        let journal = try await store.journalVersions(number)
        try expectEqual(journal, [], "saga \(number)'s journal", fileID: fileID, line: line)
    }
}
