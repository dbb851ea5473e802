import PostgreSQL
import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// How often a claim is run that met another daemon's; one that still fails has its next round.
    static let leaseTriesMax = 5

    /// The members and their leases.
    package func cluster() async throws -> Cluster {
        let rows = try await briefly(Statements.cluster)
        var members: [String: ClusterMember] = [:]
        var leases: [ShardLease] = []
        try decoded { () throws(PostgresError) in
            for row in rows {
                let member = try row.clusterMember
                members[member.name] = member
                if let lease = try row.lease(of: member.name) { leases.append(lease) }
            }
        }
        return Cluster(
            members: members.values.sorted { $0.name < $1.name },
            leases: leases.sorted { $0.shard < $1.shard })
    }

    /// Renews, takes and gives back.
    package func claim(_ claim: LeaseClaim) async throws -> [ShardLease] {
        let member = claim.member
        var parameters = Parameters()
        parameters.append(text: member.name)
        parameters.append(text: member.host)
        parameters.append(timestamptz: member.startedAt.microseconds)
        parameters.append(bool: member.keepsViews)
        parameters.append(int8: member.timerLag.microseconds)
        parameters.append(int8: member.eventLag.microseconds)
        parameters.append(int8: claim.lasting.microseconds)
        parameters.append(int2Array: (claim.shards + claim.giving).map(Int16.init))
        parameters.append(
            int8Array: claim.shards.map { _ in claim.lasting.microseconds }
                + claim.giving.map { _ in 0 })
        let rows = try await briefly(Statements.claimLeases, parameters)
        let held = try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                ShardLease(
                    shard: Int(try row.int(0)), owner: member.name, epoch: try row.int(1))
            }
        }
        return held.filter { claim.shards.contains($0.shard) }.sorted { $0.shard < $1.shard }
    }

    /// Ends a membership.
    package func leave(_ member: String) async throws {
        var parameters = Parameters()
        parameters.append(text: member)
        _ = try await briefly(Statements.leaveCluster, parameters)
    }

    /// Runs a statement until it met no other one, and waits for no database that is away: a lease is
    /// worth nothing where its time runs out meanwhile.
    private func briefly(
        _ statement: Statement, _ parameters: Parameters = Parameters()
    ) async throws -> Rows {
        for attempt in 1... {
            do throws(PostgresError) {
                return try await reading.execute(statement, parameters)
            } catch {
                guard case .retry = error.kind, attempt < Self.leaseTriesMax else {
                    throw StoreError(error)
                }
            }
        }
        preconditionFailure("The tries are counted.")
    }
}

extension Row {
    fileprivate var clusterMember: ClusterMember {
        get throws(PostgresError) {
            ClusterMember(
                name: try text(0), host: try text(1), startedAt: try instant(2),
                keepsViews: try bool(3), timerLag: .microseconds(try int(4)),
                eventLag: .microseconds(try int(5)))
        }
    }

    fileprivate func lease(of owner: String) throws(PostgresError) -> ShardLease? {
        guard try !isNull(6) else { return nil }
        return ShardLease(
            shard: Int(try int(6)), owner: owner, epoch: try int(7),
            remaining: .microseconds(max(0, try int(8))))
    }
}
