package import SagaCore

/// Memberships and leases as a value, for stores that no other daemon can reach.
package struct LeaseTable: Sendable {
    private struct Row {
        var owner: String
        var epoch: Int64
        var expiresAt: Instant
    }

    private var members: [String: (member: ClusterMember, expiresAt: Instant)] = [:]
    private var rows: [Int: Row] = [:]

    /// A table without members.
    package init() {}

    /// The daemons and leases that have not ended.
    package func cluster(at now: Instant) -> Cluster {
        let live = members.values.filter { $0.expiresAt > now }.map(\.member)
        let leases = rows.filter { $0.value.expiresAt > now }.map { shard, row in
            ShardLease(
                shard: shard, owner: row.owner, epoch: row.epoch, remaining: row.expiresAt - now)
        }
        return Cluster(
            members: live.sorted { $0.name < $1.name },
            leases: leases.sorted { $0.shard < $1.shard })
    }

    /// Renews, takes and gives back, as the port says.
    package mutating func claim(_ claim: LeaseClaim, at now: Instant) -> [ShardLease] {
        let name = claim.member.name
        members[name] = (claim.member, now + claim.lasting)
        for shard in claim.giving where rows[shard]?.owner == name { rows[shard]?.expiresAt = now }
        return claim.shards.sorted().compactMap { shard in
            let before = rows[shard]
            if let before, before.owner != name, before.expiresAt > now { return nil }
            let epoch = before.map { $0.owner == name ? $0.epoch : $0.epoch + 1 } ?? 1
            rows[shard] = Row(owner: name, epoch: epoch, expiresAt: now + claim.lasting)
            return ShardLease(shard: shard, owner: name, epoch: epoch)
        }
    }

    /// Ends a membership and its leases.
    package mutating func leave(_ name: String, at now: Instant) {
        members[name] = nil
        for (shard, row) in rows where row.owner == name && row.expiresAt > now {
            rows[shard]?.expiresAt = now
        }
    }
}
