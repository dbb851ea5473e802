import LoadClient
import SagaCore
import SagaTool
import Testing

@testable import OperatorTool

@Suite(.timeLimit(.minutes(5))) struct `A cluster` {
    @Test func `of one daemon has all shards with it`() async throws {
        try await Site.run("cluster") { site in
            try await eventually(within: Site.patience, "the daemon has its shards") {
                await site.sagactl("cluster").status == .fine
            }
            let run = await site.sagactl("cluster")
            let lines = run.output.split(separator: "\n")
            #expect(lines.count == 2, "\(run.output)")
            #expect(lines.first?.hasPrefix("member") == true)
            #expect(lines.last?.contains("  0-15  ") == true, "\(run.output)")
            #expect(run.problems == "")
            let json = await site.sagactl("cluster", "--format", "json")
            let members = try Value(json: Array(json.output.utf8))["members"]?.elements
            #expect(members?.count == 1)
        }
    }

    @Test func `is shown with the shards that nobody has`() throws {
        let cluster = try Value(
            json: Array(
                """
                {"members": [
                  {"name": "a-1", "host": "a", "started_at": "2026-01-02T03:04:05Z",
                   "shards": [0, 1, 2, 9], "lag_ms": {"timers": 12, "events": 0}},
                  {"name": "b-2", "host": "b", "started_at": "2026-01-02T03:04:06Z",
                   "shards": [], "lag_ms": {"timers": 0, "events": 5000}}],
                 "shards": [{"shard": 0, "owner": "a-1"}, {"shard": 5, "owner": null},
                            {"shard": 4, "owner": null}, {"shard": 7, "owner": null}]}
                """.utf8))
        #expect(
            ClusterText.text(cluster) == """
                member  host  since                shards  timers late  events late
                a-1     a     2026-01-02 03:04:05  0-2,9   12 ms        0 ms
                b-2     b     2026-01-02 03:04:06  –       0 ms         5000 ms

                """)
        #expect(ShardText.text(ClusterText.freeShards(of: cluster)) == "4-5,7")
    }
}
