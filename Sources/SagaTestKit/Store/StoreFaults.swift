package import SagaCore
package import SagaRuntime
import Synchronization

/// A method of the store.
package enum StoreOperation: String, CaseIterable, Hashable, Sendable {
    /// `migrate()`.
    case migrate
    /// `check()`.
    case check
    /// `now()`.
    case now
    /// `register(_:)`.
    case register
    /// `definitions()`.
    case definitions
    /// `start(_:)`.
    case start
    /// `commit(_:)`.
    case commit
    /// `load(_:)`.
    case load
    /// `find(definition:key:)`.
    case find
    /// `due(shards:until:limit:)`.
    case due
    /// `rearm(_:)`.
    case rearm
    /// `unpublished(shards:before:limit:)`.
    case unpublished
    /// `markPublished(_:)`.
    case markPublished
    /// `journal(of:after:limit:)`.
    case journal
    /// `events(aggregateType:aggregateID:after:limit:)`.
    case events
    /// `list(_:)`.
    case list
    /// `countUnended(definition:)`.
    case countUnended
    /// `forgetIdempotencyKeys(before:limit:)`.
    case forgetIdempotencyKeys
    /// `append(_:)`.
    case append
    /// `events(ids:)`.
    case eventsByID
    /// `events(aggregateID:types:after:limit:)`.
    case eventsOfAggregate
    /// `events(after:limit:)`.
    case feed
    /// `owners(of:)`.
    case owners
    /// `put(_:)`.
    case putViews
    /// `views(of:)`.
    case viewsOfKeys
    /// `view(_:)`.
    case view
    /// `views(_:)`.
    case listViews
    /// `events(behind:)`.
    case eventsBehind
    /// `aggregates(_:)`.
    case aggregates
    /// `hasUnpublished(before:)`.
    case hasUnpublished
    /// `feedEnd()`.
    case feedEnd
    /// `memory(of:)`.
    case memory
    /// `remember(_:)`.
    case remember
    /// `cluster()`.
    case cluster
    /// `claim(_:)`.
    case claim
    /// `leave(_:)`.
    case leave
    /// `faults()`.
    case faults
    /// `put(_:)` of a fault.
    case putFault
    /// `removeFault(_:)`.
    case removeFault
    /// `record(_:of:)`.
    case recordStrike
    /// `faultStrikes(on:)`.
    case strikes
    /// `assign(_:to:at:)`.
    case assignFaults
    /// `assignedFaults(of:)`.
    case assignedFaults
}

/// What an ``InMemoryStore`` does wrong on purpose.
package enum StoreFault: Sendable {
    /// Nothing is stored, and the call throws ``StoreError/Kind/unavailable``.
    case unavailable
    /// Everything is stored, and the call throws ``StoreError/Kind/unavailable`` all the same.
    case lostAnswer
    /// Nothing is stored, and every row answers `conflict`; for commits only.
    case conflict
    /// The rows of those sagas answer `poisoned` and are not stored; for starts and commits.
    case poison(Set<SagaID>)
    /// Nothing is stored, and the call throws that error.
    case error(StoreError)
}

/// Which faults wait for which operation, and what was called.
struct StoreFaults {
    typealias Hook = @Sendable () async -> Void

    var isAway = false
    var waiting: [StoreOperation: [StoreFault]] = [:]
    var hooks: [StoreOperation: [Hook]] = [:]
    var calls: [StoreOperation: Int] = [:]

    mutating func takeHook(_ operation: StoreOperation) -> Hook? {
        guard hooks[operation]?.isEmpty == false else { return nil }
        return hooks[operation]?.removeFirst()
    }

    mutating func enter(_ operation: StoreOperation) -> StoreFault? {
        calls[operation, default: 0] += 1
        if isAway { return .unavailable }
        guard waiting[operation]?.isEmpty == false else { return nil }
        return waiting[operation]?.removeFirst()
    }
}

extension InMemoryStore {
    /// Has the next calls of that operation go wrong; faults asked for earlier strike first.
    package func failNext(_ operation: StoreOperation, _ fault: StoreFault, times: Int = 1) {
        let faults = Array(repeating: fault, count: times)
        state.withLock { $0.faults.waiting[operation, default: []] += faults }
    }

    /// Has every call throw ``StoreError/Kind/unavailable`` until it is set to false.
    package func setAway(_ isAway: Bool) {
        state.withLock { $0.faults.isAway = isAway }
    }

    /// Runs something before the next call of that operation looks at the tables: the place for a
    /// rival's commit, or to wait for the test's leave.
    package func beforeNext(
        _ operation: StoreOperation, run hook: @escaping @Sendable () async -> Void
    ) {
        state.withLock { $0.faults.hooks[operation, default: []].append(hook) }
    }

    /// How often that operation was called, failures included.
    package func calls(of operation: StoreOperation) -> Int {
        state.withLock { $0.faults.calls[operation, default: 0] }
    }
}
