import CoreMetrics
package import Logging
import SagaCore
import Synchronization

/// The shards whose timers and leftovers are this daemon's business.
///
/// It holds a lease for as long as it can be sure of it by a clock that nobody corrects, counted
/// from before the database was asked; a daemon that loses its database falls silent by itself.
package final class Leaseholder: Sendable {
    private struct State {
        /// The leases held, by shard; to be believed before ``until`` only.
        var held: [Int: Int64] = [:]
        var until: Duration = .zero
        /// The epoch under which each shard was held last.
        var epochs: [Int: Int64] = [:]
        var claimedAt: Duration?
        var members: [ClusterMember] = []
        /// Until when the members are to be believed.
        var membersUntil: Duration = .zero
        /// When the leases of each member end, by its name, where it does not renew them.
        var ends: [String: Duration] = [:]
        /// Whether another one crashed and this daemon has not looked after its own shards since.
        var isCrashOpen = false
        var timerLag: Duration = .zero
        var eventLag: Duration = .zero
        var isAway = false
    }

    /// The daemon's name among the others: the machine's with a random ending.
    package let name: String
    let limits: LeaseLimits
    private let host: String
    private let keepsViews: Bool
    private let startedAt: Instant
    private let store: any LeaseStore
    private let clock: any SagaClock
    private let logger: Logger
    private let state = Mutex(State())

    /// One that holds nothing yet.
    ///
    /// - Parameters:
    ///   - host: the machine's name.
    ///   - keepsViews: whether this daemon keeps the views up to date.
    ///   - random: where the ending of its name comes from.
    package init(
        store: any LeaseStore, clock: any SagaClock, host: String = "localhost",
        keepsViews: Bool = true, limits: LeaseLimits = LeaseLimits(),
        random: RandomSource = RandomSource(), logger: Logger
    ) {
        let ending = String(random.number() >> 32, radix: 16)
        name = "\(host)-\(String(repeating: "0", count: 8 - ending.count))\(ending)"
        self.host = host
        self.keepsViews = keepsViews
        self.limits = limits
        self.store = store
        self.clock = clock
        self.logger = logger
        startedAt = clock.now()
    }

    // MARK: What is ours now

    /// The shards that are this daemon's now, by number.
    package var shards: [Int] {
        let now = clock.uptime()
        return state.withLock { $0.until > now ? $0.held.keys.sorted() : [] }
    }

    /// Whether that shard is this daemon's now; shard 0 stands for what belongs to no shard.
    package func holds(_ shard: Int) -> Bool {
        let now = clock.uptime()
        return state.withLock { $0.until > now && $0.held[shard] != nil }
    }

    /// Whether this daemon knows of no other; false where it cannot know.
    var isAlone: Bool {
        let now = clock.uptime()
        return state.withLock { $0.membersUntil > now && $0.members.allSatisfy { $0.name == name } }
    }

    /// Whether it falls to this daemon to look for views that are behind: the first by name of those
    /// that keep views. Where it cannot know it looks, which does no harm.
    package var sweepsViews: Bool {
        let now = clock.uptime()
        return state.withLock { state in
            guard state.membersUntil > now else { return true }
            let keepers = state.members.filter(\.keepsViews)
            return keepers.allSatisfy { name <= $0.name }
        }
    }

    /// Notes how late the oldest wake-up was that a look found.
    func note(timerLag: Duration) {
        state.withLock { $0.timerLag = timerLag }
        ClusterMetrics.timerLag.record(Double(timerLag.microseconds) / 1_000_000)
    }

    /// Notes how old the oldest unpublished event was that a look found.
    func note(eventLag: Duration) {
        state.withLock { $0.eventLag = eventLag }
        ClusterMetrics.eventLag.record(Double(eventLag.microseconds) / 1_000_000)
    }

    // MARK: Rounds

    /// Looks at the others, and renews, takes and gives back; answers the shards in which something
    /// may be left that another daemon began: those that somebody else held, or nobody, when this
    /// daemon held them last, and where another one crashed all that are held. That one may have had
    /// replies to any saga in hand, and stored what it never sent.
    func round() async -> [Int] {
        do {
            let taken = try await claim()
            noteAnswer()
            return taken
        } catch {
            noteFailure(error)
            return []
        }
    }

    private func claim() async throws -> [Int] {
        let asked = clock.uptime()
        let cluster = try await store.cluster()
        see(cluster, askedAt: asked)
        let plan = LeasePlan(of: name, in: cluster)
        let began = clock.uptime()
        guard begin(plan, at: began) else { return closeCrash() }
        let claim = LeaseClaim(
            member: member, shards: plan.keep + plan.take, giving: plan.give,
            lasting: limits.lasting)
        let leases = try await store.claim(claim)
        let taken = hold(leases, claimedAt: began)
        return Set(taken + closeCrash()).sorted()
    }

    /// Notes who there is, and whether one is gone whose leases ended: who leaves gives them back
    /// before.
    private func see(_ cluster: Cluster, askedAt asked: Duration) {
        let now = clock.uptime()
        let names = Set(cluster.members.map(\.name) + [name])
        var ends: [String: Duration] = [:]
        for lease in cluster.leases {
            ends[lease.owner] = max(ends[lease.owner] ?? .zero, asked + lease.remaining)
        }
        state.withLock { state in
            let gone = state.members.map(\.name).filter { !names.contains($0) }
            if gone.contains(where: { state.ends[$0] ?? .zero <= now }) { state.isCrashOpen = true }
            state.members = cluster.members
            state.membersUntil = asked + limits.lasting - limits.margin
            state.ends = ends
        }
        ClusterMetrics.members.record(Set(cluster.members.map(\.name) + [name]).count)
    }

    /// The shards to look after because another daemon crashed, once.
    private func closeCrash() -> [Int] {
        let isOpen = state.withLock { state in
            defer { state.isCrashOpen = false }
            return state.isCrashOpen
        }
        return isOpen ? shards : []
    }

    /// Lets go of what is to be given back before the database is told; false where nothing is to be
    /// asked yet.
    private func begin(_ plan: LeasePlan, at now: Duration) -> Bool {
        let (isDue, given) = state.withLock { state in
            let given = plan.give.filter { state.held.removeValue(forKey: $0) != nil }
            let isDue = state.claimedAt.map { now - $0 >= limits.renewal } ?? true
            return (isDue || plan.changesOwners, given)
        }
        if !given.isEmpty {
            ClusterMetrics.given.increment(by: given.count)
            logger.notice("gave shards to other daemons", metadata: ["shards": "\(given)"])
        }
        return isDue
    }

    private func hold(_ leases: [ShardLease], claimedAt: Duration) -> [Int] {
        let until = claimedAt + limits.lasting - limits.margin
        let (taken, lost) = state.withLock { state in
            let before = state.held
            state.held = Dictionary(
                leases.map { ($0.shard, $0.epoch) }, uniquingKeysWith: { first, _ in first })
            state.until = until
            state.claimedAt = claimedAt
            let taken = leases.filter { state.epochs[$0.shard] != $0.epoch }.map(\.shard)
            for lease in leases { state.epochs[lease.shard] = lease.epoch }
            return (taken, before.keys.filter { state.held[$0] == nil })
        }
        ClusterMetrics.held.record(leases.count)
        ClusterMetrics.taken.increment(by: taken.count)
        ClusterMetrics.lost.increment(by: lost.count)
        if !taken.isEmpty { logger.notice("took shards", metadata: ["shards": "\(taken)"]) }
        if !lost.isEmpty {
            logger.warning(
                "other daemons took shards from this one", metadata: ["shards": "\(lost.sorted())"])
        }
        return taken
    }

    private var member: ClusterMember {
        let (timerLag, eventLag) = state.withLock { ($0.timerLag, $0.eventLag) }
        return ClusterMember(
            name: name, host: host, startedAt: startedAt, keepsViews: keepsViews,
            timerLag: timerLag, eventLag: eventLag)
    }

    private func noteAnswer() { state.withLock { $0.isAway = false } }

    /// Says once that leases could not be renewed and ended.
    private func noteFailure(_ error: any Error) {
        RuntimeMetrics.storeFaults.increment()
        let now = clock.uptime()
        let lost = state.withLock { state -> Int in
            guard state.until <= now, !state.isAway else { return 0 }
            state.isAway = true
            defer { state.held = [:] }
            return state.held.count
        }
        guard lost > 0 else { return }
        ClusterMetrics.held.record(0)
        ClusterMetrics.lost.increment(by: lost)
        logger.error(
            "the leases could not be renewed; timers and leftovers wait, or are another daemon's",
            metadata: ["problem": "\(error)"])
    }

    /// Gives everything back at once; where the database does not answer the leases end by
    /// themselves.
    func leave() async {
        state.withLock { $0.held = [:] }
        ClusterMetrics.held.record(0)
        do {
            try await store.leave(name)
        } catch {
            logger.warning(
                "the leases could not be given back and end by themselves",
                metadata: ["problem": "\(error)"])
        }
    }
}
