import LoadClient

/// Sagas whose only step may take a day, with no participant there to answer: what they take of
/// memory, whether they make a start slower, and how fast they end once the participant is there.
struct Waiting: Sendable {
    let plan: Rig.Plan
    let sagas: Int
    let connections: Int

    private static let look: Duration = .milliseconds(50)
    private static let readyLook: Duration = .milliseconds(5)
    /// How long a daemon is left alone before its memory is looked at.
    private static let rest: Duration = .seconds(5)
    private static let counter = "sagad_sagas_ended_total"

    func run(on stage: Stage, seed: UInt64) async throws -> WaitingFigures {
        var plan = plan
        plan.sagas = try DayLong.folder(on: stage)
        plan.startsWorkers = false
        let rig = try await Rig.start(plan, on: stage)
        let startedEmpty = try await restart(rig)
        try await Task.sleep(for: Self.rest)
        let idle = try await rig.daemonMemory().residentBytes
        let takenPerSecond = try await take(rig, seed: seed)
        try await Task.sleep(for: Self.rest)
        let waiting = try await rig.daemonMemory().residentBytes
        let started = try await restart(rig)
        try await Task.sleep(for: Self.rest)
        let restarted = try await rig.daemonMemory().residentBytes
        let (firstEnd, resumed) = try await resume(rig)
        return WaitingFigures(
            sagas: sagas, takenPerSecond: takenPerSecond, idleBytes: idle, waitingBytes: waiting,
            restartedBytes: restarted, startedEmpty: startedEmpty, started: started,
            firstEnd: firstEnd, resumed: resumed)
    }

    /// Stops the daemon and starts it again; answers how long it took until it was ready.
    private func restart(_ rig: Rig) async throws -> Duration {
        await rig.daemon.stop()
        let start = ContinuousClock.now
        try await rig.daemon.start()
        try await rig.daemon.waitUntilReady(within: Rig.patience, pause: Self.readyLook)
        return .now - start
    }

    private func take(_ rig: Rig, seed: UInt64) async throws -> Double {
        let mix = OrderMix(declined: 0, rejected: 0, seed: seed).orders(sagas)
        let loop = LoadLoop(
            port: rig.daemon.port, connections: connections, deadline: .now + Rig.patience)
        let start = ContinuousClock.now
        _ = try await loop.closed(mix)
        return Double(sagas) / (.now - start).inSeconds
    }

    /// Starts the participant and waits until all have ended.
    private func resume(_ rig: Rig) async throws -> (first: Duration, all: Duration) {
        let start = ContinuousClock.now
        try await rig.workers.start()
        var first: Duration?
        try await eventually(within: Rig.patience, pause: Self.look, "all sagas end") {
            let ended = Int(try await rig.metric(Self.counter))
            if ended > 0, first == nil { first = .now - start }
            try await rig.checkRunning()
            return ended >= sagas
        }
        return (first ?? .now - start, .now - start)
    }
}
