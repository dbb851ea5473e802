/// Which shards a daemon is to keep, to take and to give back, by what it sees of the others.
///
/// A share is the number of shards divided by that of the members, rounded up. Every daemon decides
/// for itself: one above its share gives back, one below takes what nobody holds.
struct LeasePlan: Equatable, Sendable {
    /// The shards to renew, by number.
    var keep: [Int]
    /// The shards to take that nobody holds, by number.
    var take: [Int]
    /// The shards to give back, by number.
    var give: [Int]

    /// The plan of that daemon, which counts as a member also where it is not one yet.
    init(of name: String, in cluster: Cluster, shards: Int = StoreLimits.shards) {
        let names = Set(cluster.members.map(\.name) + [name]).sorted()
        let share = (shards + names.count - 1) / names.count
        let own = cluster.leases.filter { $0.owner == name }.map(\.shard).sorted()
        keep = Array(own.prefix(share))
        give = Array(own.dropFirst(share))
        let held = Set(cluster.leases.map(\.shard))
        // Those that look for shards at the same time begin at different places.
        let start = (names.firstIndex(of: name) ?? 0) * share
        let free = (0..<shards).map { ($0 + start) % shards }.filter { !held.contains($0) }
        take = free.prefix(share - keep.count).sorted()
    }

    /// Whether it asks for more than to renew.
    var changesOwners: Bool { !take.isEmpty || !give.isEmpty }
}
