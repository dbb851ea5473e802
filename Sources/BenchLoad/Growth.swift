import LoadClient
import PostgreSQL

/// The same load with more and more finished sagas in PostgreSQL's tables, which are copies of some
/// that a daemon has run.
struct Growth: Sendable {
    let plan: Rig.Plan
    /// How many finished sagas there are to be, the fewest first.
    let levels: [Int]
    let orders: Int
    let connections: Int
    let inFlight: Int

    /// How many are run, and copied.
    private static let recorded = 2000
    private static let readyLook: Duration = .milliseconds(5)

    func run(on stage: Stage) async throws -> [GrowthFigures] {
        let rig = try await Rig.start(plan, on: stage)
        try await load(rig, Self.recorded).run(seed: 80)
        await rig.daemon.stop()
        let filling = try await Filling.begin(rig.url)
        let need = DiskNeed(
            bytesPerSaga: try await filling.bytes() / Double(Self.recorded),
            sagas: levels.last ?? 0)
        let free = try DiskNeed.free(in: stage.folder)
        Terminal.complain("  \(need.summary(free: free))")
        try need.check(free: free)
        var all: [GrowthFigures] = []
        for (place, level) in levels.enumerated() {
            all.append(try await measure(rig, filling, level, seed: 81 + 2 * UInt64(place)))
        }
        await filling.end()
        return all
    }

    private func measure(
        _ rig: Rig, _ filling: Filling, _ level: Int, seed: UInt64
    ) async throws -> GrowthFigures {
        let filled = try await ContinuousClock().measure { try await filling.fill(to: level) }
        Terminal.complain("  \(level) sagas after \(Figures.text(filled.inSeconds)) s")
        let bytes = try await filling.bytes()
        let start = ContinuousClock.now
        try await rig.daemon.start()
        try await rig.daemon.waitUntilReady(within: Rig.patience, pause: Self.readyLook)
        let ready = ContinuousClock.now - start
        try await rig.rest()
        try await load(rig, Saturation.warmUp).run(seed: seed)
        let saturation = try await load(rig, orders).run(seed: seed + 1)
        await rig.daemon.stop()
        return GrowthFigures(
            finished: level, bytes: Int64(bytes), ready: ready, saturation: saturation)
    }

    private func load(_ rig: Rig, _ orders: Int) -> Saturation {
        Saturation(rig: rig, orders: orders, connections: connections, inFlight: inFlight)
    }
}

/// The load with a number of finished sagas in the tables.
struct GrowthFigures: Sendable {
    var finished: Int
    /// All tables with their indexes.
    var bytes: Int64
    /// From the daemon's start until it was ready.
    var ready: Duration
    var saturation: SaturationFigures
}
