package import SagaCore

/// Which daemon fires the timers of which shard and sweeps its leftovers.
///
/// A lease ends by the database's clock alone. It saves work from being done twice and carries no
/// correctness: that is the version check's.
package protocol LeaseStore: Sendable {
    /// The daemons whose membership has not ended, by name, and their leases, by shard.
    func cluster() async throws -> Cluster

    /// Renews the membership of a daemon and its leases, takes those that nobody holds, and gives
    /// others back; answers, by shard, those of ``LeaseClaim/shards`` that it holds now.
    ///
    /// What another one holds stays with it. The epoch grows with each owner.
    func claim(_ claim: LeaseClaim) async throws -> [ShardLease]

    /// Ends the membership of a daemon and all its leases at once; nothing where it is unknown.
    func leave(_ member: String) async throws
}

/// The daemons at work on one database.
package struct Cluster: Equatable, Sendable {
    /// The daemons, by name.
    package var members: [ClusterMember]
    /// Their leases, by shard.
    package var leases: [ShardLease]

    /// The cluster of these.
    package init(members: [ClusterMember] = [], leases: [ShardLease] = []) {
        self.members = members
        self.leases = leases
    }
}

/// A daemon among others.
package struct ClusterMember: Equatable, Sendable {
    /// Its name: of this one run of a daemon.
    package var name: String
    /// The machine it runs on.
    package var host: String
    /// When it started.
    package var startedAt: Instant
    /// Whether it keeps the views up to date.
    package var keepsViews: Bool
    /// How late the oldest wake-up was that its last look found in its shards.
    package var timerLag: Duration
    /// How old the oldest event was that its last look found unpublished in its shards.
    package var eventLag: Duration

    /// The daemon with these marks; nothing is late yet.
    package init(
        name: String, host: String, startedAt: Instant, keepsViews: Bool = true,
        timerLag: Duration = .zero, eventLag: Duration = .zero
    ) {
        self.name = name
        self.host = host
        self.startedAt = startedAt
        self.keepsViews = keepsViews
        self.timerLag = timerLag
        self.eventLag = eventLag
    }
}

/// The lease of a shard.
package struct ShardLease: Equatable, Sendable {
    /// The shard, 0 up to ``StoreLimits/shards``.
    package var shard: Int
    /// The name of the daemon that holds it.
    package var owner: String
    /// The number of owners there were, this one included.
    package var epoch: Int64
    /// The time until it ends; zero where it was not asked for.
    package var remaining: Duration

    /// The lease with these parts.
    package init(shard: Int, owner: String, epoch: Int64, remaining: Duration = .zero) {
        self.shard = shard
        self.owner = owner
        self.epoch = epoch
        self.remaining = remaining
    }
}

/// What a daemon asks for at once: its membership, and leases.
package struct LeaseClaim: Equatable, Sendable {
    /// The daemon.
    package var member: ClusterMember
    /// The shards to renew or to take, each once.
    package var shards: [Int]
    /// The shards to give back; none of ``shards``.
    package var giving: [Int]
    /// How long membership and leases last from now, by the database's clock.
    package var lasting: Duration

    /// The claim with these parts.
    package init(
        member: ClusterMember, shards: [Int], giving: [Int] = [], lasting: Duration
    ) {
        self.member = member
        self.shards = shards
        self.giving = giving
        self.lasting = lasting
    }
}
