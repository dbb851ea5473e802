import SagaCore
import SagaRuntime

extension StoreConformance {
    /// Longer than any check takes.
    private static let long: Duration = .seconds(600)

    private static func member(_ name: String, timerLag: Duration = .zero) -> ClusterMember {
        ClusterMember(
            name: name, host: "host-\(name)", startedAt: Sample.time(1), keepsViews: name != "b",
            timerLag: timerLag, eventLag: .milliseconds(7))
    }

    private static func claim(
        _ name: String, _ shards: [Int], giving: [Int] = [], lasting: Duration = long
    ) -> LeaseClaim {
        LeaseClaim(member: member(name), shards: shards, giving: giving, lasting: lasting)
    }

    static let leaseChecks: [StoreCheck] = [
        StoreCheck("has no members and no leases at first") { store in
            try expectEqual(try await store.cluster(), Cluster(), "the cluster")
        },
        StoreCheck("gives a shard to the first who claims it, and to nobody else") { store in
            let first = try await store.claim(claim("a", [3, 0, 15]))
            try expectEqual(first.map(\.shard), [0, 3, 15], "the first one's shards")
            try expectEqual(first.map(\.epoch), [1, 1, 1], "their epochs")
            let second = try await store.claim(claim("b", [3, 4]))
            try expectEqual(second.map(\.shard), [4], "the second one's shards")
            let leases = try await store.cluster().leases
            try expectEqual(leases.map(\.shard), [0, 3, 4, 15], "the shards with a lease")
            try expectEqual(leases.map(\.owner), ["a", "a", "b", "a"], "their owners")
            for lease in leases {
                try expect(
                    lease.remaining > .seconds(300) && lease.remaining <= long,
                    "a lease of \(long) has \(lease.remaining) left")
            }
        },
        StoreCheck("knows each member by what it told last, also without a shard") { store in
            _ = try await store.claim(claim("b", []))
            _ = try await store.claim(claim("a", [1]))
            let late = member("a", timerLag: .seconds(3))
            _ = try await store.claim(LeaseClaim(member: late, shards: [1], lasting: long))
            let members = try await store.cluster().members
            try expectEqual(members, [late, member("b")], "the members")
        },
        StoreCheck("renews a lease under its epoch, also one that ended") { store in
            _ = try await store.claim(claim("a", [5], lasting: .zero))
            for _ in 0..<2 {
                let renewed = try await store.claim(claim("a", [5]))
                try expectEqual(renewed.map(\.epoch), [1], "the epoch")
            }
        },
        StoreCheck("lets a lease that ended go to another, under the next epoch") { store in
            _ = try await store.claim(claim("a", [5, 6], lasting: .zero))
            let cluster = try await store.cluster()
            try expectEqual(cluster, Cluster(), "the cluster once everything has ended")
            let taken = try await store.claim(claim("b", [5]))
            try expectEqual(taken, [ShardLease(shard: 5, owner: "b", epoch: 2)], "what is taken")
            let back = try await store.claim(claim("a", [5, 6]))
            try expectEqual(back.map(\.shard), [6], "what the first one gets back")
        },
        StoreCheck("ends at once what is given back, and nothing of others") { store in
            _ = try await store.claim(claim("a", [1, 2, 3]))
            let kept = try await store.claim(claim("a", [1], giving: [2, 3]))
            try expectEqual(kept.map(\.shard), [1], "what is kept")
            let taken = try await store.claim(claim("b", [2, 3]))
            try expectEqual(taken.map(\.epoch), [2, 2], "the epochs of what is taken")
            _ = try await store.claim(claim("a", [1], giving: [2]))
            let owners = try await store.cluster().leases.map(\.owner)
            try expectEqual(owners, ["a", "b", "b"], "the owners")
        },
        StoreCheck("ends at once all that one holds who leaves") { store in
            _ = try await store.claim(claim("a", [1, 2]))
            _ = try await store.claim(claim("b", [3]))
            try await store.leave("a")
            try await store.leave("unknown")
            let cluster = try await store.cluster()
            try expectEqual(cluster.members.map(\.name), ["b"], "the members")
            try expectEqual(cluster.leases.map(\.shard), [3], "the shards with a lease")
            let taken = try await store.claim(claim("b", [1, 2, 3]))
            try expectEqual(taken.map(\.epoch), [2, 2, 1], "the epochs")
        },
        StoreCheck("gives each shard one owner where many claim all at once") { store in
            let shards = Array(0..<StoreLimits.shards)
            let names = ["a", "b", "c", "d"]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    group.addTask { try await claimPatiently(claim(name, shards), in: store) }
                }
                try await group.waitForAll()
            }
            let cluster = try await store.cluster()
            try expectEqual(cluster.members.map(\.name), names, "the members")
            try expectEqual(cluster.leases.map(\.shard), shards, "the shards with a lease")
            try expectEqual(cluster.leases.map(\.epoch), shards.map { _ in 1 }, "their epochs")
        },
    ]

    /// Claims again where the database could not decide between several at once.
    private static func claimPatiently(_ claim: LeaseClaim, in store: any Store) async throws {
        for _ in 0..<20 {
            do {
                _ = try await store.claim(claim)
                return
            } catch let fault as StoreError where fault.kind == .unavailable {
                continue
            }
        }
        throw Expectation("twenty claims of \(claim.member.name) met others")
    }
}
