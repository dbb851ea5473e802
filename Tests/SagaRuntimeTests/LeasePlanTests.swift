import SagaCore
import Testing

@testable import SagaRuntime

@Suite struct `A plan of leases` {
    private static func plan(
        _ name: String, members: [String], _ held: [String: [Int]] = [:]
    ) -> LeasePlan {
        let leases = held.flatMap { owner, shards in
            shards.map { ShardLease(shard: $0, owner: owner, epoch: 1) }
        }
        let time = Instant(microseconds: 0)
        return LeasePlan(
            of: name,
            in: Cluster(
                members: members.map { ClusterMember(name: $0, host: "h", startedAt: time) },
                leases: leases))
    }

    private static let all = Array(0..<16)

    @Test func `takes everything for a daemon that is alone`() {
        #expect(Self.plan("a", members: []).take == Self.all)
        let later = Self.plan("a", members: ["a"], ["a": Self.all])
        #expect(later.keep == Self.all)
        #expect(!later.changesOwners)
    }

    @Test func `gives back what is above the share once another one is there`() {
        let plan = Self.plan("a", members: ["a", "b"], ["a": Self.all])
        #expect(plan.keep == Array(0..<8))
        #expect(plan.give == Array(8..<16))
        #expect(plan.take == [])
    }

    @Test func `takes nothing that another one holds`() {
        let plan = Self.plan("b", members: ["a"], ["a": Self.all])
        #expect(plan.keep + plan.take + plan.give == [])
    }

    @Test func `takes no more than a share of what is free, each daemon from its own place`() {
        #expect(Self.plan("a", members: ["b"]).take == Array(0..<8))
        #expect(Self.plan("b", members: ["a"]).take == Array(8..<16))
        let third = Self.plan("c", members: ["a", "b"], ["a": [0, 1, 2, 3, 4, 5]])
        #expect(third.take == [6, 7, 12, 13, 14, 15])
    }

    @Test func `takes what one left that is gone`() {
        let plan = Self.plan("a", members: ["a"], ["a": Array(0..<8)])
        #expect(plan.keep == Array(0..<8))
        #expect(plan.take == Array(8..<16))
    }

    @Test(arguments: 1...20)
    func `comes to shares that differ by little, with nothing left over`(count: Int) {
        let names = (0..<count).map { "m\($0)" }
        var held: [String: [Int]] = ["m0": Self.all]
        for _ in 0..<3 {
            for name in names {
                let plan = Self.plan(name, members: names, held)
                held[name] = plan.keep + plan.take
            }
        }
        #expect(held.values.flatMap { $0 }.sorted() == Self.all)
        let share = (16 + count - 1) / count
        #expect(held.values.allSatisfy { $0.count <= share })
    }
}
