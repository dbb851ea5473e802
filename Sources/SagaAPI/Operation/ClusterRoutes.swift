import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/cluster`: the daemons at work on this database, and who has which shard.
    func cluster() async throws -> Response {
        Answer.bytes(try await store.cluster().document.jsonBytes)
    }
}

extension Cluster {
    /// The members, and every shard: also those that nobody has at present.
    fileprivate var document: Value {
        let held = Dictionary(leases.map { ($0.shard, $0) }) { first, _ in first }
        let shards = (0..<StoreLimits.shards).map { shard -> Value in
            let lease = held[shard]
            return .map(
                Members([
                    ("shard", .int(Int64(shard))),
                    ("owner", lease.map { .string($0.owner) } ?? .null),
                    ("epoch", lease.map { .int($0.epoch) } ?? .null),
                    ("remaining_ms", lease.map { .milliseconds($0.remaining) } ?? .null),
                ]))
        }
        return .map(
            Members([
                ("members", .list(members.map(document(of:)))), ("shards", .list(shards)),
            ]))
    }

    private func document(of member: ClusterMember) -> Value {
        let shards = leases.filter { $0.owner == member.name }.map(\.shard)
        return .map(
            Members([
                ("name", .string(member.name)), ("host", .string(member.host)),
                ("started_at", .timestamp(member.startedAt)),
                ("keeps_views", .bool(member.keepsViews)),
                ("shards", .list(shards.map { .int(Int64($0)) })),
                (
                    "lag_ms",
                    .map(
                        Members([
                            ("timers", .milliseconds(member.timerLag)),
                            ("events", .milliseconds(member.eventLag)),
                        ]))
                ),
            ]))
    }
}

extension Value {
    /// Whole milliseconds as a number.
    fileprivate static func milliseconds(_ duration: Duration) -> Value {
        .int(duration.microseconds / 1000)
    }
}
