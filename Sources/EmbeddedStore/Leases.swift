package import SagaRuntime
import Synchronization

/// Nobody else can have the file in use, so that leases are kept in memory: whoever opens the file
/// has all shards at once.
extension EmbeddedStore {
    /// This daemon with its leases.
    package func cluster() async throws -> Cluster {
        let now = sinceOpened
        return leases.withLock { $0.cluster(at: now) }
    }

    /// Renews, takes and gives back.
    package func claim(_ claim: LeaseClaim) async throws -> [ShardLease] {
        let now = sinceOpened
        return leases.withLock { $0.claim(claim, at: now) }
    }

    /// Ends a membership.
    package func leave(_ member: String) async throws {
        let now = sinceOpened
        leases.withLock { $0.leave(member, at: now) }
    }
}
