import LoadClient
import PostgreSQL

/// The same load on one daemon, on two and on three, which share the machine, the database and the
/// broker; the load client deals its connections out among them.
struct ManyDaemons: Sendable {
    let rig: Rig
    let orders: Int
    let connections: Int
    let inFlight: Int

    /// The most daemons.
    static let most = 3
    /// How long PostgreSQL may take to publish its counts.
    private static let statisticsDelay: Duration = .seconds(2)

    func run(seed: UInt64) async throws -> [DaemonsFigures] {
        var rig = rig
        var all: [DaemonsFigures] = []
        while true {
            let count = rig.daemons.count
            // Those that have joined have taken their shards and know the others before it counts.
            try await settle(rig)
            let before = try await conflicts(rig)
            let figures = try await Saturation(
                rig: rig, orders: orders, connections: connections, inFlight: inFlight
            ).run(seed: seed + UInt64(count))
            let conflicts = try await conflicts(rig).since(before)
            all.append(DaemonsFigures(daemons: count, saturation: figures, conflicts: conflicts))
            if count == Self.most { break }
            try await rig.addDaemon()
        }
        for daemon in rig.daemons.dropFirst() { await daemon.stop() }
        return all
    }

    private func settle(_ rig: Rig) async throws {
        let reader = SagaReader(port: rig.daemon.port)
        let count = Double(rig.daemons.count)
        try await eventually(
            within: .seconds(60), pause: .milliseconds(200), "all daemons know one another"
        ) {
            try await rig.metric("sagad_cluster_members") == count * count
        }
        try await eventually(
            within: Rig.patience, pause: .milliseconds(200), "no saga is on its way"
        ) { try await reader.isQuiet() }
    }

    private func conflicts(_ rig: Rig) async throws -> Conflicts {
        try await Task.sleep(for: Self.statisticsDelay)
        let connection = try Connection(settings: ConnectionSettings(url: rig.url))
        try await connection.open()
        let rows = try await connection.execute(
            "SELECT xact_rollback::INT8 FROM pg_stat_database WHERE datname = 'bench'")
        let rollbacks = Int(try rows.first?.int(0) ?? 0)
        await connection.close()
        return Conflicts(
            commits: Int(try await rig.metric("sagad_commit_seconds_count")),
            versions: Int(try await rig.metric("sagad_conflicts_total")), rollbacks: rollbacks)
    }
}
