import CoreMetrics
import Logging
package import SagaCore
import Synchronization

/// Is told of every decision before it is committed; returns at once.
package typealias DecisionObserver = @Sendable (Decision, Transition) -> Void

/// What the parts of a coordinator share.
final class Plant: Sendable {
    let store: any Store
    let bus: any Bus
    let clock: any SagaClock
    let catalog: Catalog
    let limits: CoordinatorLimits
    let logger: Logger
    let cache: StateCache
    let timers: TimerQueue
    let endings: Endings
    let dispatcher: Dispatcher
    let heartbeat: Heartbeat
    let leases: Leaseholder
    /// Shards that this daemon took, and in which it has not taken over yet what is under way.
    let takenShards = Inbox<Int>(capacity: StoreLimits.shards)
    let random: RandomSource
    private let onDecision: DecisionObserver?
    /// Deliveries that are to be dead-lettered or deferred, away from the lanes.
    let leftovers: Inbox<Leftover>
    /// What sagas tell each other.
    let kin: Inbox<KinMessage>
    /// Events that callers append.
    let appends: Inbox<PendingAppend>
    let marks = EventMarks()
    let deadlines = Deadlines()
    private let isStopping = Atomic(false)
    private let isStoreAway = Atomic(false)

    init(
        store: any Store, bus: any Bus, clock: any SagaClock, catalog: Catalog,
        limits: CoordinatorLimits, logger: Logger, heartbeat: Heartbeat, leases: Leaseholder,
        random: RandomSource, onPublished: PublishedObserver?, onDecision: DecisionObserver?
    ) {
        self.random = random
        self.onDecision = onDecision
        self.store = store
        self.bus = bus
        self.clock = clock
        self.catalog = catalog
        self.limits = limits
        self.logger = logger
        self.heartbeat = heartbeat
        self.leases = leases
        let cache = StateCache(capacity: limits.cache)
        self.cache = cache
        timers = TimerQueue(horizon: limits.timerHorizon)
        endings = Endings()
        dispatcher = Dispatcher(
            bus: bus, store: store, clock: clock, limits: limits, logger: logger, cache: cache,
            onPublished: onPublished)
        leftovers = Inbox(capacity: limits.queue)
        kin = Inbox(capacity: limits.queue)
        appends = Inbox(capacity: limits.appendQueue)
    }

    /// Whether the daemon is stopping: nothing waits for a store that is away any longer.
    var stops: Bool {
        get { isStopping.load(ordering: .relaxed) }
        set { isStopping.store(newValue, ordering: .relaxed) }
    }

    func circumstances() -> Circumstances {
        Circumstances(
            now: clock.now(), jitter: random.fraction(), resend: limits.resend)
    }

    /// Keeps a saga's state, or forgets it once nothing more is to come, and sets its timer where it
    /// is this daemon's.
    ///
    /// - Parameter isWritten: whether this daemon wrote the state, and did not only read it.
    func keep(_ state: SagaState, wakeAt: Instant?, isWritten: Bool) {
        let id = state.identity.id
        if state.hasEnded, state.open.isEmpty {
            cache.remove(id)
            timers.cancel(id)
        } else {
            cache.store(state, wakeAt: wakeAt, isWritten: isWritten)
            if let due = state.nextDue { setTimer(id, due) }
        }
    }

    /// What a work waits with: its definition's others, and where the definition is not known here,
    /// others of which it is not known either.
    func flow(of work: Work) -> String {
        cache.definition(of: work.sagaID) ?? ""
    }

    /// Has a saga woken from memory, where no other daemon does: the one that wrote it last.
    func setTimer(_ id: SagaID, _ due: Instant) {
        guard leases.isAlone || cache[id]?.isWritten == true else { return timers.cancel(id) }
        timers.set(id, due, now: clock.now())
    }

    /// The saga as it was last seen here, where that is good enough for a work.
    ///
    /// A reply names the command that it answers, so that an old state gives itself away; a wake-up
    /// does not, and where others write too it would conflict with what they wrote.
    func cached(for work: Work) -> StateCache.Cached? {
        switch work.task {
        case .takeOver: nil
        case .due: leases.isAlone ? cache[work.sagaID] : nil
        case .reply, .ordered, .told, .operate, .append: cache[work.sagaID]
        }
    }

    /// What a decision writes.
    ///
    /// The row's wake-up moves earlier at once and later only when it fires: a saga that ends soon
    /// then costs no write but its first to what is kept of wake-ups.
    func transition(
        _ decision: Decision, input: Input?, from before: SagaState, storedWakeAt: Instant?,
        appending appended: NewEvent? = nil, at now: Instant
    ) -> Transition {
        let state = decision.state
        let row = JournalRow(
            version: state.version, at: now, input: input, entries: decision.entries)
        let journal = row.encoded
        let wakeAt = Self.wakeAt(needed: state.nextDue, stored: storedWakeAt, now: now)
        let transition = Transition(
            sagaID: state.identity.id, expectedVersion: before.version, status: state.status,
            state: state.encoded, needsPerson: state.needsPerson, wakeAt: wakeAt,
            keepsWakeUp: wakeAt != nil && wakeAt == storedWakeAt, at: now,
            endedAt: state.endedAt, journal: journal,
            decisionHash: SHA256.digest(of: journal),
            events: decision.newEvents(appending: appended),
            appended: decision.placeOfAppended)
        onDecision?(decision, transition)
        return transition
    }

    static func wakeAt(needed: Instant?, stored: Instant?, now: Instant) -> Instant? {
        guard let needed else { return nil }
        guard let stored, stored > now, stored < needed else { return needed }
        return stored
    }

    /// The row that a transition left.
    func record(of transition: Transition, _ state: SagaState) -> SagaRecord {
        SagaRecord(
            identity: state.identity, version: state.version, status: state.status,
            input: state.input.jsonBytes, state: transition.state, wakeAt: transition.wakeAt,
            startedAt: state.startedAt, updatedAt: transition.at, endedAt: state.endedAt,
            needsPerson: transition.needsPerson)
    }

    /// Repeats a call until the store answers it; nil once the daemon stops.
    func untilStoreAnswers<Answer: Sendable>(
        _ call: () async throws -> Answer
    ) async -> Answer? {
        var wait = limits.storeRetry
        while true {
            do {
                let answer = try await call()
                if isStoreAway.exchange(false, ordering: .relaxed) {
                    logger.notice("the database answers again")
                }
                return answer
            } catch {
                // Who is told to stop waits no longer: that says nothing of the database.
                if Task.isCancelled { return nil }
                RuntimeMetrics.storeFaults.increment()
                if !isStoreAway.exchange(true, ordering: .relaxed) {
                    logger.error(
                        "the database does not answer; work waits until it does",
                        metadata: ["problem": "\(error)"])
                }
                if stops { return nil }
                do {
                    try await clock.sleep(until: clock.now() + wait)
                } catch {
                    return nil
                }
                wait = min(wait * 2, limits.storeRetryMax)
            }
        }
    }
}

extension SagaState {
    /// The state of a stored saga.
    package init(record: SagaRecord) throws {
        let input = try Value(json: record.input)
        try self.init(decoding: record.state, identity: record.identity, input: input)
    }
}

extension Decision {
    /// The events that the decision raises, as the store takes them, with the one that a participant
    /// appended where it is to be stored.
    func newEvents(appending appended: NewEvent?) -> [NewEvent] {
        effects.compactMap { effect in
            switch effect {
            case .storeAppended(_, let viewData):
                guard var event = appended else {
                    preconditionFailure("Only an appended event leads to its being stored.")
                }
                event.viewData = viewData?.jsonBytes
                return event
            case .raise(let event):
                return NewEvent(
                    id: event.id.description, aggregateType: event.aggregate.type,
                    aggregateID: event.aggregateID, stream: event.aggregate.stream,
                    type: event.type, body: event.body.jsonBytes)
            case .send, .order, .tellParent: return nil
            }
        }
    }

    /// Where among the events stands the one that a participant appended: the rules have it come
    /// first.
    var placeOfAppended: Int? {
        if case .storeAppended? = effects.first { return 0 }
        return nil
    }
}
