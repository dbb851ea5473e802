import SagaCore
import SagaRuntime

/// A text as databases compare it: by its bytes. Swift's own equality takes composed and decomposed
/// characters for the same.
struct ByteText: Hashable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
}

/// What a definition's sagas are told apart by.
struct BusinessKey: Hashable {
    let definition: ByteText
    let key: ByteText

    init(definition: String, key: String) {
        self.definition = ByteText(definition)
        self.key = ByteText(key)
    }
}

/// Whose events are counted together.
struct AggregateKey: Hashable {
    let type: ByteText
    let id: ByteText

    init(type: String, id: String) {
        self.type = ByteText(type)
        self.id = ByteText(id)
    }
}

/// A name and a version.
struct DefinitionKey: Hashable {
    let name: ByteText
    let version: Int
}

/// An outbox key that is compared by its bytes.
struct OutboxPlace: Hashable {
    let shard: Int
    let recordedAt: Instant
    let eventID: ByteText

    init(_ key: OutboxKey) {
        shard = key.shard
        recordedAt = key.recordedAt
        eventID = ByteText(key.eventID)
    }
}

/// The rows of an ``InMemoryStore``.
struct Tables {
    var leases = LeaseTable()
    var faults: [String: StoredFault] = [:]
    var strikes: [SagaID: [FaultStrike]] = [:]
    /// The rules that sagas' starts asked for.
    var assigned: [SagaID: [String]] = [:]
    /// How many transitions met another one.
    var conflicts = 0
    /// A journal row with the hash that says whose decision it is.
    struct JournalRow {
        let record: JournalRecord
        let decisionHash: [UInt8]
    }

    /// What an idempotency key stands for.
    struct Claim {
        let digest: [UInt8]
        let expiresAt: Instant
        let sagaID: SagaID
    }

    var isMigrated = false
    var definitions: [DefinitionKey: DefinitionRecord] = [:]
    var sagas: [SagaID: SagaRecord] = [:]
    var keys: [BusinessKey: SagaID] = [:]
    var journals: [SagaID: [JournalRow]] = [:]
    var claims: [BusinessKey: Claim] = [:]
    var events: [AggregateKey: [RecordedEvent]] = [:]
    /// The version of every event, by its identity.
    var eventVersions: [ByteText: Int64] = [:]
    var outbox: [OutboxPlace: RecordedEvent] = [:]
    /// Every event in the order in which it was recorded.
    var feed: [RecordedEvent] = []
    var views: [ViewKey: ViewRecord] = [:]
    var memories: [String: StreamMemory] = [:]
}

// MARK: Definitions

extension Tables {
    mutating func register(_ definition: DefinitionRecord) -> Registration {
        let key = DefinitionKey(name: ByteText(definition.name), version: definition.version)
        if let present = definitions[key], present.hash != definition.hash {
            let hasRun = sagas.values.contains { saga in
                saga.identity.definitionVersion == key.version
                    && ByteText(saga.identity.name) == key.name
            }
            if hasRun { return .differs(present) }
        }
        definitions[key] = definition
        return .registered
    }

    var sortedDefinitions: [DefinitionRecord] {
        definitions.values.sorted { ($0.name, $0.version) < ($1.name, $1.version) }
    }
}

// MARK: Starts and transitions

extension Tables {
    mutating func start(_ start: SagaStart) -> StartAnswer {
        let id = start.identity.id
        if sagas[id] != nil {
            return repeatedVersions(of: start.transition).map { .started(eventVersions: $0) }
                ?? .poisoned("another saga has the identity \(id)")
        }
        let claimKey = start.idempotency.map {
            BusinessKey(definition: start.identity.name, key: $0.key)
        }
        if let claim = start.idempotency, let claimKey, let known = claims[claimKey],
            known.expiresAt > start.transition.at
        {
            return known.digest == claim.digest ? .repeated(known.sagaID) : .idempotencyMismatch
        }
        let key = BusinessKey(definition: start.identity.name, key: start.identity.key)
        if let owner = keys[key] { return .keyTaken(owner) }
        if let reason = start.unstorableText ?? refusal(of: start.transition.events) {
            return .poisoned(reason)
        }
        keys[key] = id
        if let claim = start.idempotency, let claimKey {
            claims[claimKey] = Claim(
                digest: claim.digest, expiresAt: claim.expiresAt, sagaID: id)
        }
        sagas[id] = SagaRecord(start)
        return .started(eventVersions: record(start.transition))
    }

    mutating func commit(_ transition: Transition) -> CommitAnswer {
        guard var saga = sagas[transition.sagaID], saga.version == transition.expectedVersion,
            !transition.keepsWakeUp || saga.wakeAt == transition.wakeAt
        else {
            let versions = repeatedVersions(of: transition)
            return versions.map { .committed(eventVersions: $0) } ?? .conflict
        }
        if let reason = transition.unstorableText ?? refusal(of: transition.events) {
            return .poisoned(reason)
        }
        saga.version += 1
        saga.status = transition.status
        saga.state = transition.state
        saga.wakeAt = transition.wakeAt
        saga.needsPerson = transition.needsPerson
        saga.updatedAt = transition.at
        saga.endedAt = transition.endedAt
        sagas[saga.identity.id] = saga
        return .committed(eventVersions: record(transition))
    }

    /// The versions of the events of a transition that is stored already; nil where it is not.
    private func repeatedVersions(of transition: Transition) -> [Int64]? {
        let version = transition.expectedVersion + 1
        let row = journals[transition.sagaID]?.first { $0.record.version == version }
        guard row?.decisionHash == transition.decisionHash else { return nil }
        return transition.events.compactMap { eventVersions[ByteText($0.id)] }
    }

    /// Why these events cannot be stored, if so.
    private func refusal(of new: [NewEvent]) -> String? {
        var seen: Set<ByteText> = []
        for event in new {
            let id = ByteText(event.id)
            if eventVersions[id] != nil || !seen.insert(id).inserted {
                return "there is an event of the identity \(event.id) already"
            }
        }
        return nil
    }

    /// Writes the journal row and the events of a transition; answers the events' versions.
    private mutating func record(_ transition: Transition) -> [Int64] {
        let record = JournalRecord(
            version: transition.expectedVersion + 1, at: transition.at, body: transition.journal)
        let row = JournalRow(record: record, decisionHash: transition.decisionHash)
        journals[transition.sagaID, default: []].append(row)
        return transition.events.enumerated().map { place, event in
            self.record(event, by: transition.raiser(of: place), at: transition.at)
        }
    }

    /// Writes an event; answers its version.
    mutating func record(_ event: NewEvent, by sagaID: SagaID?, at: Instant) -> Int64 {
        let key = AggregateKey(type: event.aggregateType, id: event.aggregateID)
        let version = Int64(events[key, default: []].count + 1)
        let recorded = RecordedEvent(
            event: event, version: version, sagaID: sagaID, recordedAt: at)
        events[key, default: []].append(recorded)
        eventVersions[ByteText(event.id)] = version
        outbox[OutboxPlace(recorded.outboxKey)] = recorded
        feed.append(recorded)
        return version
    }
}

extension SagaRecord {
    init(_ start: SagaStart) {
        let first = start.transition
        self.init(
            identity: start.identity, version: first.expectedVersion + 1, status: first.status,
            input: start.input, state: first.state, wakeAt: first.wakeAt, startedAt: first.at,
            updatedAt: first.at, endedAt: first.endedAt, needsPerson: first.needsPerson)
    }
}
