package import SagaCore

/// Where sagas, their journals and domain events are kept: the truth.
///
/// Every method may be called at any time from any task. Retries after conflicts of the database's
/// own (40001), and the resolution of commits whose answer was lost, are the adapter's business;
/// what it cannot bring to an answer within its bounds is a ``StoreError``.
package protocol Store: EventLog, ViewStore, StreamMemories, LeaseStore, FaultStore {
    /// Brings the tables up to this program's schema; safe to run again and by several at once.
    func migrate() async throws

    /// Checks that the database answers and has this program's schema.
    func check() async throws

    /// The database's time.
    func now() async throws -> Instant

    /// Records a definition before its first saga starts; the first content of a version wins, but
    /// content under which no saga ever ran is replaced.
    func register(_ definition: DefinitionRecord) async throws -> Registration

    /// Every definition ever recorded, by name and version.
    func definitions() async throws -> [DefinitionRecord]

    /// Starts sagas, each or none of it stored; the answers are in the batch's order.
    ///
    /// A batch holds each saga id, each (definition, key) and each idempotency key at most once, and
    /// at most ``StoreLimits/batchTransitions`` sagas.
    func start(_ batch: [SagaStart]) async throws -> [StartAnswer]

    /// Stores transitions, each whole or not at all; the answers are in the batch's order.
    ///
    /// A batch holds each saga at most once, and at most ``StoreLimits/batchTransitions``
    /// transitions. A transition is stored only if its saga's version is the expected one, and its
    /// wake-up the one that is to be kept; one that was stored by an earlier try of the same commit
    /// answers `committed` again.
    func commit(_ batch: [Transition]) async throws -> [CommitAnswer]

    /// The sagas of those identities, in any order; unknown ones are left out.
    func load(_ ids: [SagaID]) async throws -> [SagaRecord]

    /// The saga of a definition with that key.
    func find(definition: String, key: String) async throws -> SagaRecord?

    /// The sagas of those shards whose `wakeAt` is at or before that time, earliest first within a
    /// shard, at most `limit` in all.
    func due(shards: [Int], until: Instant, limit: Int) async throws -> [DueSaga]

    /// Moves the `wakeAt` of sagas that are still at that version, without a transition.
    func rearm(_ batch: [Rearming]) async throws

    /// Events of those shards that no acknowledgement was recorded for, recorded before that time,
    /// oldest first within a shard, at most `limit` in all.
    ///
    /// What one call recorded may lie together, in the shard of one of its sagas. Then it is
    /// forgotten together too: an event that was acknowledged may be given again after a crash, or by
    /// the store of another daemon, until all of them are.
    func unpublished(shards: [Int], before: Instant, limit: Int) async throws -> [RecordedEvent]

    /// Records that JetStream acknowledged these events, which this store recorded or gave as
    /// unpublished; others are passed over.
    func markPublished(_ batch: [OutboxKey]) async throws

    /// Whether there is an event, recorded before that time, that no acknowledgement was recorded
    /// for; what was acknowledged may count as if it were not for a moment, never the other way.
    func hasUnpublished(before: Instant) async throws -> Bool

    /// A saga's journal, oldest first, after that version.
    func journal(of id: SagaID, after version: Int64, limit: Int) async throws -> [JournalRecord]

    /// An aggregate's events in the order of their versions, after that version.
    func events(
        aggregateType: String, aggregateID: String, after version: Int64, limit: Int
    ) async throws -> [RecordedEvent]

    /// Sagas, newest start first. A saga that has not ended has a wake-up or needs a person; one that
    /// has neither may be left out where only such are asked for.
    func list(_ query: SagaQuery) async throws -> SagaPage

    /// How many sagas of a definition have not ended, by its versions; versions without any are left
    /// out.
    ///
    /// Whatever has not ended has a `wakeAt` or waits for a person.
    func countUnended(definition: String) async throws -> [Int: Int]

    /// Forgets idempotency keys that expired before that time, at most `limit`; answers how many.
    func forgetIdempotencyKeys(before: Instant, limit: Int) async throws -> Int

    /// Closes connections; nothing may be called afterwards.
    func close() async
}

/// Bounds that every store shares.
package enum StoreLimits {
    /// The most transitions or starts in one call.
    package static let batchTransitions = 256
    /// The number of shards; fixed at install.
    package static let shards = 16
    /// The most events in one call of `markPublished`.
    package static let batchEvents = 1024
}

/// Why a store could not answer.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    package var kind: Kind
    /// What was expected, what was found, where, and what to do.
    package var message: String

    /// A kind of fault.
    package enum Kind: String, Hashable, Sendable {
        /// The database is away, overloaded, or keeps conflicting: try again later.
        case unavailable
        /// The database refuses for good, as with wrong credentials.
        case refused
        /// The tables are not those of this program: `sagad migrate` has to run.
        case schema
        /// Anything else; a bug here or there.
        case unexpected
    }

    /// The fault of that kind.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
