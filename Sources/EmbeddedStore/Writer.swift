import Foundation
import GRDB
import SagaCore
import SagaRuntime

/// What writes within one transaction; lives as long as that.
///
/// With `guardsRows`, each start and transition stands under a savepoint, and one that breaks a rule
/// of the tables is taken back and answered `poisoned`; without, it throws.
final class Writer {
    let database: Database
    private let guardsRows: Bool
    /// The definitions that are marked as run already.
    private var marked: Set<String> = []

    init(_ database: Database, guardsRows: Bool) {
        self.database = database
        self.guardsRows = guardsRows
    }

    // MARK: Starts

    func start(_ start: SagaStart) throws -> StartAnswer {
        if let reason = start.unstorableText { return .poisoned(reason) }
        let answer = try guarded(refused: StartAnswer.poisoned) { try insert(start) }
        if case .started = answer { try markRun(start.identity) }
        return answer
    }

    private func insert(_ start: SagaStart) throws -> StartAnswer {
        let id = start.identity.id
        if let claim = start.idempotency, let known = try self.claim(claim, of: start) {
            if known.sagaID != id {
                return known.digest == claim.digest ? .repeated(known.sagaID) : .idempotencyMismatch
            }
        }
        guard try insertSaga(start) else { return try refusal(of: start) }
        if let claim = start.idempotency {
            try run(
                Statements.putClaim,
                [
                    start.identity.name, claim.key, Data(claim.digest), id.blob,
                    claim.expiresAt.microseconds,
                ])
        }
        return .started(eventVersions: try record(start.transition))
    }

    /// Whether the saga was new.
    private func insertSaga(_ start: SagaStart) throws -> Bool {
        let identity = start.identity
        let first = start.transition
        try run(
            Statements.insertSaga,
            [
                identity.id.blob, identity.name, identity.definitionVersion,
                Data(start.definitionHash), identity.key, first.shard, first.status.rawValue,
                first.expectedVersion + 1, first.wakeAt?.microseconds, first.at.microseconds,
                first.endedAt?.microseconds, Data(first.state), Data(start.input),
                first.needsPerson,
            ])
        return database.changesCount == 1
    }

    /// Why a saga was not new: it is this very start again, or its identity or key is taken.
    private func refusal(of start: SagaStart) throws -> StartAnswer {
        let id = start.identity.id
        if try row(Statements.sagaExists, [id.blob]) != nil {
            let versions = try repeatedVersions(of: start.transition)
            return versions.map { .started(eventVersions: $0) }
                ?? .poisoned("another saga has the identity \(id)")
        }
        let owner = try row(Statements.keyOwner, [start.identity.key, start.identity.name])
        guard let owner else { return .poisoned("the saga \(id) cannot be stored beside others") }
        return .keyTaken(try owner.uniqueID(0))
    }

    private func claim(
        _ claim: IdempotencyClaim, of start: SagaStart
    ) throws -> (digest: [UInt8], sagaID: SagaID)? {
        let found = try row(
            Statements.claim,
            [start.identity.name, claim.key, start.transition.at.microseconds])
        return try found.map { (try $0.bytes(0), try $0.uniqueID(1)) }
    }

    private func markRun(_ identity: SagaIdentity) throws {
        let version = "\(identity.definitionVersion) \(identity.name)"
        guard marked.insert(version).inserted else { return }
        try run(Statements.markRun, [identity.name, identity.definitionVersion])
    }

    // MARK: Transitions

    func commit(_ transition: Transition) throws -> CommitAnswer {
        if let reason = transition.unstorableText { return .poisoned(reason) }
        return try guarded(refused: CommitAnswer.poisoned) {
            guard try update(transition) else {
                let versions = try repeatedVersions(of: transition)
                return versions.map { .committed(eventVersions: $0) } ?? .conflict
            }
            return .committed(eventVersions: try record(transition))
        }
    }

    /// Whether the saga was at the expected version, with the wake-up to be kept.
    private func update(_ transition: Transition) throws -> Bool {
        let id = transition.sagaID.blob
        let state = Data(transition.state)
        let at = transition.at.microseconds
        let status = transition.status.rawValue
        let wakeAt = transition.wakeAt?.microseconds
        let endedAt = transition.endedAt?.microseconds
        let version = transition.expectedVersion
        try run(
            Statements.updateState,
            [state, at, id, version, status, wakeAt, endedAt, transition.needsPerson])
        if database.changesCount == 1 { return true }
        try run(
            Statements.updateSaga,
            [
                state, at, status, wakeAt, endedAt, transition.needsPerson, id, version,
                transition.keepsWakeUp,
            ])
        return database.changesCount == 1
    }

    /// Writes the journal row and the events of a transition; answers the events' versions.
    private func record(_ transition: Transition) throws -> [Int64] {
        let id = transition.sagaID.blob
        let at = transition.at.microseconds
        try run(
            Statements.insertJournal,
            [
                id, transition.expectedVersion + 1, at, Data(transition.decisionHash),
                Data(transition.journal),
            ])
        return try transition.events.enumerated().map { place, event in
            try record(event, by: transition.raiser(of: place), at: transition.at)
        }
    }

    /// Writes an event, its place in the feed and in the outbox; answers its version.
    private func record(_ event: NewEvent, by sagaID: SagaID?, at: Instant) throws -> Int64 {
        let raised = try row(
            Statements.raiseAggregate, [event.aggregateType, event.aggregateID])
        guard let raised else {
            preconditionFailure("an upsert that returns a row returned none")
        }
        let aggregate: Int64 = raised[0]
        let version: Int64 = raised[1]
        try run(
            Statements.insertEvent,
            [
                aggregate, version, event.id, event.stream, event.type, sagaID?.blob,
                at.microseconds, event.text, event.viewText,
            ])
        try run(Statements.insertFeed, [aggregate, version])
        let shard = sagaID?.shard(of: StoreLimits.shards) ?? event.shard
        try run(Statements.insertOutbox, [shard, at.microseconds, event.id])
        return version
    }

    /// The versions of the events of a transition that is stored already; nil where it is not.
    private func repeatedVersions(of transition: Transition) throws -> [Int64]? {
        let stored = try row(
            Statements.decisionHash, [transition.sagaID.blob, transition.expectedVersion + 1])
        guard let stored, try stored.bytes(0) == transition.decisionHash else { return nil }
        return try transition.events.compactMap { try number(Statements.eventVersion, [$0.id]) }
    }

    // MARK: Events from outside

    func append(_ append: EventAppend) throws -> EventAppendAnswer {
        if let problem = append.event.storageProblem { return .poisoned(problem) }
        return try guarded(refused: EventAppendAnswer.poisoned) {
            if let version = try number(Statements.eventVersion, [append.event.id]) {
                return .known(version: version)
            }
            return .appended(version: try record(append.event, by: nil, at: append.at))
        }
    }

    // MARK: The rest

    func register(_ definition: DefinitionRecord) throws -> Registration {
        let known = try row(Statements.definition, [definition.name, definition.version])
        if let known {
            let present = try DefinitionRecord(known)
            if present.hash != definition.hash, known["has_run"] { return .differs(present) }
        }
        try run(
            Statements.putDefinition,
            [definition.name, definition.version, Data(definition.hash), definition.source])
        return .registered
    }

    func rearm(_ rearming: Rearming) throws {
        try run(
            Statements.rearm,
            [rearming.wakeAt?.microseconds, rearming.id.blob, rearming.version])
    }

    func markPublished(_ key: OutboxKey) throws {
        try run(
            Statements.deleteOutbox, [key.shard, key.recordedAt.microseconds, key.eventID])
    }

    func forgetIdempotencyKeys(before: Instant, limit: Int) throws -> Int {
        try run(Statements.forgetClaims, [before.microseconds, limit])
        return database.changesCount
    }

    // MARK: How

    private func guarded<Answer>(
        refused: (String) -> Answer, _ body: () throws -> Answer
    ) throws -> Answer {
        guard guardsRows else { return try body() }
        var answer: Answer?
        do {
            try database.inSavepoint {
                answer = try body()
                return .commit
            }
        } catch let error as DatabaseError where error.isOfOneRow {
            return refused(error.message ?? "a rule of the tables is broken")
        }
        guard let answer else { preconditionFailure("a savepoint ran nothing") }
        return answer
    }

    /// A statement that failed cannot be used again, so none is kept beyond its use; the database
    /// keeps those that work.
    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    private func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(try database.cachedStatement(sql: sql), arguments: arguments)
    }

    private func number(_ sql: String, _ arguments: StatementArguments) throws -> Int64? {
        try Int64.fetchOne(try database.cachedStatement(sql: sql), arguments: arguments)
    }
}
