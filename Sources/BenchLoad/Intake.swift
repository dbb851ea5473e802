import LoadClient

/// Orders posted as fast as they are answered, while the participants stand still: what a start
/// costs by itself. Afterwards the participants go on, and all of these sagas end.
struct Intake: Sendable {
    let rig: Rig
    let orders: Int
    let connections: Int

    func run(seed: UInt64) async throws -> IntakeFigures {
        let mix = OrderMix(declined: 0.02, rejected: 0.02, seed: seed).orders(orders)
        let loop = LoadLoop(
            port: rig.daemon.port, connections: connections, deadline: .now + Rig.patience)
        await rig.workers.hold()
        let timesBefore = await rig.processorTimes()
        let start = ContinuousClock.now
        let posted: [PostedOrder]
        do {
            posted = try await loop.closed(mix)
        } catch {
            await rig.workers.letGo()
            throw error
        }
        let end = ContinuousClock.now
        let timesAfter = await rig.processorTimes()
        let memory = try await rig.daemonMemory()
        await rig.workers.letGo()
        let reader = SagaReader(port: rig.daemon.port)
        try await eventually(within: Rig.patience, pause: .milliseconds(200), "the sagas end") {
            try await reader.isQuiet()
        }
        return IntakeFigures(
            orders: orders, elapsed: end - start,
            answers: Latencies(posted.map { $0.answeredAt - $0.intendedAt }),
            costs: ProcessCost.costs(from: timesBefore, to: timesAfter, for: orders),
            memory: memory, drained: .now - end)
    }
}
