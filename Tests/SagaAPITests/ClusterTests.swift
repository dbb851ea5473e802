import SagaCore
import SagaRuntime
import Synchronization
import Testing

@testable import SagaAPI

@Suite struct `The cluster` {
    @Test func `is shown with its members, every shard, and how late it is`() async throws {
        let rig = Rig()
        rig.store.tables.withLock {
            $0.cluster = Cluster(
                members: [
                    ClusterMember(
                        name: "one-1", host: "one", startedAt: noon,
                        timerLag: .microseconds(1_500_999), eventLag: .milliseconds(7)),
                    ClusterMember(name: "two-2", host: "two", startedAt: noon, keepsViews: false),
                ],
                leases: [
                    ShardLease(shard: 0, owner: "one-1", epoch: 4, remaining: .seconds(5)),
                    ShardLease(shard: 9, owner: "one-1", epoch: 1, remaining: .zero),
                ])
        }
        let answer = try await rig.serve { try await $0.send("GET", "/api/cluster") }
        let shards = (0..<16).map { shard in
            switch shard {
            case 0: #"{"shard":0,"owner":"one-1","epoch":4,"remaining_ms":5000}"#
            case 9: #"{"shard":9,"owner":"one-1","epoch":1,"remaining_ms":0}"#
            default: #"{"shard":\#(shard),"owner":null,"epoch":null,"remaining_ms":null}"#
            }
        }
        func member(_ name: String, _ rest: String) -> String {
            #"{"name":"\#(name)","host":"\#(name.prefix(3))","started_at":"2026-01-02T03:04:05Z",\#(rest)}"#
        }
        let members = [
            member(
                "one-1",
                #""keeps_views":true,"shards":[0,9],"lag_ms":{"timers":1500,"events":7}"#),
            member(
                "two-2", #""keeps_views":false,"shards":[],"lag_ms":{"timers":0,"events":0}"#),
        ]
        #expect(
            answer
                == .json(
                    200,
                    #"{"members":[\#(members.joined(separator: ","))],"shards":[\#(shards.joined(separator: ","))]}"#
                ))
    }

    @Test func `is a 503 while the database is away, and takes no POST`() async throws {
        let rig = Rig()
        rig.store.fail(.unavailable)
        let (away, posted) = try await rig.serve { rig in
            (try await rig.send("GET", "/api/cluster"), try await rig.post("/api/cluster", ""))
        }
        #expect(away.status == 503)
        #expect(posted.status == 405)
    }
}
