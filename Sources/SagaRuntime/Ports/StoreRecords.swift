package import SagaCore

/// A definition as the database keeps it.
package struct DefinitionRecord: Equatable, Sendable {
    /// The definition's name.
    package var name: String
    /// The definition's version.
    package var version: Int
    /// SHA-256 of the canonical source.
    package var hash: [UInt8]
    /// The canonical source: JSON text that loads to the same definition.
    package var source: String

    /// The record with these parts.
    package init(name: String, version: Int, hash: [UInt8], source: String) {
        self.name = name
        self.version = version
        self.hash = hash
        self.source = source
    }
}

/// What came of recording a definition.
package enum Registration: Equatable, Sendable {
    /// It is recorded, now or since earlier, with this content.
    case registered
    /// The version is recorded with other content and has run; that content is given.
    case differs(DefinitionRecord)
}

/// What a saga's start writes, computed once.
package struct SagaStart: Equatable, Sendable {
    /// The saga.
    package var identity: SagaIdentity
    /// SHA-256 of the definition's canonical source.
    package var definitionHash: [UInt8]
    /// The document, as JSON bytes.
    package var input: [UInt8]
    /// The first transition; its expected version is 0.
    package var transition: Transition
    /// The caller's idempotency key, if any.
    package var idempotency: IdempotencyClaim?

    /// The start with these parts.
    package init(
        identity: SagaIdentity, definitionHash: [UInt8], input: [UInt8], transition: Transition,
        idempotency: IdempotencyClaim? = nil
    ) {
        self.identity = identity
        self.definitionHash = definitionHash
        self.input = input
        self.transition = transition
        self.idempotency = idempotency
    }
}

/// An idempotency key with what it stands for.
package struct IdempotencyClaim: Hashable, Sendable {
    /// The key as the caller gave it, at most 255 bytes; its scope is the definition's name.
    package var key: String
    /// SHA-256 of the request's body.
    package var digest: [UInt8]
    /// When the key may be forgotten.
    package var expiresAt: Instant

    /// The claim with these parts.
    package init(key: String, digest: [UInt8], expiresAt: Instant) {
        self.key = key
        self.digest = digest
        self.expiresAt = expiresAt
    }
}

/// What came of a start.
package enum StartAnswer: Equatable, Sendable {
    /// It is stored; the versions of its events in their order.
    case started(eventVersions: [Int64])
    /// The key belongs to that saga already.
    case keyTaken(SagaID)
    /// The idempotency key came before with the same digest and started that saga.
    case repeated(SagaID)
    /// The idempotency key came before with another digest.
    case idempotencyMismatch
    /// The database refuses this row alone; the reason.
    case poisoned(String)
}

/// What one transition of a saga writes, computed once.
package struct Transition: Equatable, Sendable {
    /// The saga.
    package var sagaID: SagaID
    /// The version on which it was decided; it is stored as the next.
    package var expectedVersion: Int64
    /// The saga's status afterwards.
    package var status: SagaStatus
    /// The saga's encoded state afterwards.
    package var state: [UInt8]
    /// Whether the saga waits for a person afterwards, as it does wherever it is stuck.
    package var needsPerson: Bool
    /// When the saga is to be looked at again; nil is never.
    package var wakeAt: Instant?
    /// Whether `wakeAt` is the row's already, as far as whoever decided knows: then the transition is
    /// stored only if it is, and a store need not write it down anew.
    package var keepsWakeUp: Bool
    /// When it was decided.
    package var at: Instant
    /// When the saga ended; nil while it has not.
    package var endedAt: Instant?
    /// The journal row, encoded.
    package var journal: [UInt8]
    /// SHA-256 of the journal row: whose decision this is.
    package var decisionHash: [UInt8]
    /// The domain events, in order.
    package var events: [NewEvent]
    /// The place among `events` of the one that came from outside, if one did: no saga raised it.
    package var appended: Int?

    /// The transition with these parts.
    package init(
        sagaID: SagaID, expectedVersion: Int64, status: SagaStatus, state: [UInt8],
        needsPerson: Bool = false, wakeAt: Instant?, keepsWakeUp: Bool = false, at: Instant,
        endedAt: Instant?, journal: [UInt8], decisionHash: [UInt8], events: [NewEvent],
        appended: Int? = nil
    ) {
        precondition(wakeAt != nil || !keepsWakeUp, "Where there is no wake-up, none is kept.")
        self.sagaID = sagaID
        self.expectedVersion = expectedVersion
        self.status = status
        self.state = state
        self.needsPerson = needsPerson
        self.wakeAt = wakeAt
        self.keepsWakeUp = keepsWakeUp
        self.at = at
        self.endedAt = endedAt
        self.journal = journal
        self.decisionHash = decisionHash
        self.events = events
        self.appended = appended
    }

    /// The saga that raised the event at that place; nil where it came from outside.
    package func raiser(of place: Int) -> SagaID? { place == appended ? nil : sagaID }

    /// The saga's shard.
    package var shard: Int { sagaID.shard(of: StoreLimits.shards) }

    /// About how many bytes it sends to the database.
    package var size: Int {
        state.count + journal.count + 200 + events.reduce(0) { $0 + $1.size }
    }
}

/// A domain event before the store gave it its version.
package struct NewEvent: Equatable, Sendable {
    /// The event's identity, 1 to 255 bytes.
    package var id: String
    /// The aggregate's type.
    package var aggregateType: String
    /// The aggregate's identity.
    package var aggregateID: String
    /// The stream that it goes out on.
    package var stream: String
    /// The full subject, such as `ORDERS.created`.
    package var type: String
    /// JSON text as UTF-8 bytes, kept as it is; nil is no data.
    package var body: [UInt8]?
    /// What the aggregate's view is patched with after `body`, as JSON text: the data that the
    /// definition gives to an event which a participant appended; nil is nothing. It is not part of
    /// the event, and is not published.
    package var viewData: [UInt8]?

    /// The event with these parts.
    package init(
        id: String, aggregateType: String, aggregateID: String, stream: String, type: String,
        body: [UInt8]?, viewData: [UInt8]? = nil
    ) {
        self.id = id
        self.aggregateType = aggregateType
        self.aggregateID = aggregateID
        self.stream = stream
        self.type = type
        self.body = body
        self.viewData = viewData
    }
}

/// What came of a commit.
package enum CommitAnswer: Equatable, Sendable {
    /// It is stored; the versions of its events in their order.
    case committed(eventVersions: [Int64])
    /// The saga is at another version, has another wake-up than the one to be kept, or is unknown:
    /// load it and decide again.
    case conflict
    /// The database refuses this row alone; the reason.
    case poisoned(String)
}

/// A saga as the database keeps it.
package struct SagaRecord: Equatable, Sendable {
    /// The saga.
    package var identity: SagaIdentity
    /// How many transitions are stored.
    package var version: Int64
    /// The saga's status.
    package var status: SagaStatus
    /// The document, as JSON bytes.
    package var input: [UInt8]
    /// The encoded state.
    package var state: [UInt8]
    /// When the saga is to be looked at again.
    package var wakeAt: Instant?
    /// When it started.
    package var startedAt: Instant
    /// When it last changed.
    package var updatedAt: Instant
    /// When it ended.
    package var endedAt: Instant?
    /// Whether it waits for a person.
    package var needsPerson: Bool

    /// The record with these parts.
    package init(
        identity: SagaIdentity, version: Int64, status: SagaStatus, input: [UInt8],
        state: [UInt8], wakeAt: Instant?, startedAt: Instant, updatedAt: Instant,
        endedAt: Instant?, needsPerson: Bool = false
    ) {
        self.identity = identity
        self.version = version
        self.status = status
        self.input = input
        self.state = state
        self.wakeAt = wakeAt
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.endedAt = endedAt
        self.needsPerson = needsPerson
    }
}

/// A saga to be looked at.
package struct DueSaga: Hashable, Sendable {
    /// The saga.
    package var id: SagaID
    /// When it is to be looked at.
    package var wakeAt: Instant

    /// That saga at that time.
    package init(id: SagaID, wakeAt: Instant) {
        self.id = id
        self.wakeAt = wakeAt
    }
}

/// A saga whose wake-up moves.
package struct Rearming: Hashable, Sendable {
    /// The saga.
    package var id: SagaID
    /// The version it must still be at.
    package var version: Int64
    /// When it is to be looked at; nil is never.
    package var wakeAt: Instant?

    /// That saga, if still at that version, at that time.
    package init(id: SagaID, version: Int64, wakeAt: Instant?) {
        self.id = id
        self.version = version
        self.wakeAt = wakeAt
    }
}

/// One row of a saga's journal.
package struct JournalRecord: Equatable, Sendable {
    /// The version that the transition made, from 1.
    package var version: Int64
    /// When it was decided.
    package var at: Instant
    /// The encoded row.
    package var body: [UInt8]

    /// The row with these parts.
    package init(version: Int64, at: Instant, body: [UInt8]) {
        self.version = version
        self.at = at
        self.body = body
    }
}

/// A domain event as it is stored.
package struct RecordedEvent: Equatable, Sendable {
    /// What was raised.
    package var event: NewEvent
    /// The aggregate's version that the event is, from 1 without a gap.
    package var version: Int64
    /// The saga that raised it, if one did.
    package var sagaID: SagaID?
    /// When it was recorded.
    package var recordedAt: Instant

    /// The event with these parts.
    package init(event: NewEvent, version: Int64, sagaID: SagaID?, recordedAt: Instant) {
        self.event = event
        self.version = version
        self.sagaID = sagaID
        self.recordedAt = recordedAt
    }

    /// The event's place in the outbox; the shard is its saga's, or its aggregate's where no saga
    /// raised it.
    package var outboxKey: OutboxKey {
        let shard = sagaID?.shard(of: StoreLimits.shards) ?? event.shard
        return OutboxKey(shard: shard, recordedAt: recordedAt, eventID: event.id)
    }
}

/// The place of an event among those that JetStream has not acknowledged.
package struct OutboxKey: Hashable, Sendable {
    /// The shard.
    package var shard: Int
    /// When the event was recorded.
    package var recordedAt: Instant
    /// The event.
    package var eventID: String

    /// The place with these parts.
    package init(shard: Int, recordedAt: Instant, eventID: String) {
        self.shard = shard
        self.recordedAt = recordedAt
        self.eventID = eventID
    }
}

/// Which sagas a list shows.
package struct SagaQuery: Equatable, Sendable {
    /// Only sagas of this definition.
    package var definition: String?
    /// Only the saga with this key.
    package var key: String?
    /// Only sagas in one of these; empty is any.
    package var statuses: [SagaStatus] = []
    /// Only sagas that wait for a person.
    package var needsPerson = false
    /// Only sagas started at or after this.
    package var since: Instant?
    /// Only sagas started before this.
    package var until: Instant?
    /// The most sagas on the page, 1 to 1000.
    package var limit = 100
    /// Where the page before ended.
    package var after: SagaCursor?

    /// Every saga, a hundred to the page.
    package init() {}
}

/// The last saga of a page.
package struct SagaCursor: Hashable, Sendable {
    /// When it started.
    package var startedAt: Instant
    /// The saga.
    package var id: SagaID

    /// The cursor behind that saga.
    package init(startedAt: Instant, id: SagaID) {
        self.startedAt = startedAt
        self.id = id
    }
}

/// A page of sagas.
package struct SagaPage: Equatable, Sendable {
    /// The sagas, newest start first; ties by descending identity.
    package var sagas: [SagaRecord]
    /// Where the next page begins; nil at the end.
    package var after: SagaCursor?

    /// The page with these parts.
    package init(sagas: [SagaRecord], after: SagaCursor?) {
        self.sagas = sagas
        self.after = after
    }
}
