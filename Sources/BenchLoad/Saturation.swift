import LoadClient

/// Orders as fast as they are taken: how many sagas end per second.
///
/// Connections post one order after the other, held back only where too many sagas are on their
/// way. A saga counts once the daemon's counter of ended sagas, `sagad_sagas_ended_total`, has
/// counted it: that is after its last commit. The time runs from the first posting until all have
/// ended.
struct Saturation: Sendable {
    let rig: Rig
    var orders: Int
    var connections: Int
    var inFlight: Int
    /// The share of orders that are rejected after the debit, from 0 to 1.
    var rejected = 0.02

    /// The orders that come before any measuring.
    static let warmUp = 1000
    private static let counter = "sagad_sagas_ended_total"
    /// The time from one look at the counter to the next: a window that few may enter opens often.
    private var look: Duration { inFlight < 1024 ? .milliseconds(20) : .milliseconds(100) }

    /// Posts the orders of that seed and waits for the end of all sagas.
    @discardableResult
    func run(seed: UInt64) async throws -> SaturationFigures {
        let mix = OrderMix(declined: 0.02, rejected: rejected, seed: seed).orders(orders)
        let reader = SagaReader(port: rig.daemon.port)
        let before = Int(try await rig.metric(Self.counter))
        let timesBefore = await rig.processorTimes()
        let start = ContinuousClock.now
        let lag = LagWatch(reader: SagaReader(port: rig.daemon.port))
        let ((posted, end), lags) = try await lag.during {
            try await post(mix, endedBefore: before)
        }
        let timesAfter = await rig.processorTimes()
        guard try await reader.isQuiet() else {
            throw LaunchFailure(
                description: "the counter \(Self.counter) says that all \(orders) sagas have "
                    + "ended, but the store has some that have not")
        }
        return SaturationFigures(
            inFlight: inFlight, sagas: orders, elapsed: end - start,
            answers: Samples(posted.map { $0.answeredAt - $0.intendedAt }),
            costs: ProcessCost.costs(from: timesBefore, to: timesAfter, for: orders), lags: lags,
            catchingUp: try await lag.awaitNone(), memory: try await rig.daemonMemory(),
            load: Machine.load())
    }

    private func post(
        _ mix: [Order], endedBefore before: Int
    ) async throws -> ([PostedOrder], ContinuousClock.Instant) {
        let window = InFlightWindow(size: inFlight)
        let loop = LoadLoop(
            ports: rig.daemons.map(\.port), connections: connections,
            deadline: .now + Rig.patience)
        let target = mix.count
        async let end = watch(from: before, until: target, window)
        do {
            let posted = try await loop.closed(mix, gate: { try await window.enter() })
            return (posted, try await end)
        } catch {
            window.abandon()
            throw error
        }
    }

    /// Follows the counter until all have ended; answers when that was seen.
    private func watch(
        from before: Int, until target: Int, _ window: InFlightWindow
    ) async throws -> ContinuousClock.Instant {
        defer { window.abandon() }
        let deadline = ContinuousClock.now + Rig.patience
        while true {
            let ended = Int(try await rig.metric(Self.counter)) - before
            if ended >= target { return .now }
            window.report(ended: ended)
            try await rig.checkRunning()
            guard ContinuousClock.now < deadline else {
                throw LaunchFailure(
                    description: "\(ended) of \(target) sagas ended in \(Rig.patience)")
            }
            try await Task.sleep(for: look)
        }
    }
}
