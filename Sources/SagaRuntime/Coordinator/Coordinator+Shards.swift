import CoreMetrics
import Logging
import SagaCore

/// What a daemon does for its shards, and for those alone: looks for what is due, for events that
/// nobody published, and, where it takes a shard over, for what was under way there.
extension Coordinator {
    /// Keeps the leases, until the daemon stops.
    func holdShards() async {
        repeat {
            for shard in await plant.leases.round() { plant.takenShards.putBack(shard) }
        } while await pause(plant.leases.limits.look)
    }

    /// Takes over what another daemon, or an earlier one, left in the shards that were taken.
    func takeOverShards() async {
        while true {
            let shards = await plant.takenShards.take(limit: StoreLimits.shards)
            if shards.isEmpty { return }
            // What another one records now, it also publishes.
            let age = plant.leases.isAlone ? .zero : plant.limits.outboxAge
            await publishLeftovers(of: shards, olderThan: age)
            await takeOver(shards)
        }
    }

    /// Sends again at once what was opened so recently that nobody here knows what was sent.
    private func takeOver(_ shards: [Int]) async {
        let until = plant.clock.now() + plant.limits.resend.initial
        let count = await takeOver(until: until) { shards.filter(plant.leases.holds) }
        if count > 0 {
            plant.logger.notice(
                "took over sagas that were under way", metadata: ["sagas": "\(count)"])
        }
    }

    /// Sends every open command again at once, for a broker that lost some, or replies to them;
    /// answers of how many sagas, those without an open command among them.
    ///
    /// Those of all shards: the broker is everybody's, and one daemon sees to what it lost.
    package func sendOpenCommandsAgain() async -> Int {
        plant.cache.forgetReceipts()
        return await takeOver(until: plant.clock.now() + plant.limits.resend.max) {
            Array(0..<StoreLimits.shards)
        }
    }

    /// Has sagas looked at whose wake-up comes before that time; answers how many.
    ///
    /// A wake-up moves later only when it comes, so that the same ones are found again: each look
    /// asks for twice as many as the one before.
    private func takeOver(until: Instant, in shards: () -> [Int]) async -> Int {
        var seen: Set<SagaID> = []
        var limit = plant.limits.timerBatch
        while !Task.isCancelled {
            let due = await due(in: shards(), until: until, limit: limit)
            let fresh = due.map(\.id).filter { !seen.contains($0) }
            await wake(fresh, as: .takeOver)
            seen.formUnion(fresh)
            if fresh.isEmpty || seen.count < limit || limit >= plant.limits.takeOverMax { break }
            limit = min(2 * limit, plant.limits.takeOverMax)
            guard await pause(plant.limits.timerScan) else { break }
            await moveWakeUps()
        }
        return seen.count
    }

    /// Looks for what is due at every scan.
    func wakeFromStore() async {
        repeat {
            let now = plant.clock.now()
            let headStart = plant.leases.isAlone ? .zero : plant.leases.limits.headStart
            let due = await due(in: plant.leases.shards, until: now - headStart)
            let oldest = due.map(\.wakeAt).min()
            plant.leases.note(timerLag: oldest.map { now - $0 } ?? .zero)
            await wake(due.map(\.id), as: .due)
            await moveWakeUps()
        } while await pause(plant.limits.timerScan)
    }

    private func due(
        in shards: [Int], until: Instant, limit: Int? = nil
    ) async -> [DueSaga] {
        guard !shards.isEmpty else { return [] }
        let due = await plant.untilStoreAnswers {
            try await self.plant.store.due(
                shards: shards, until: until, limit: limit ?? self.plant.limits.timerBatch)
        }
        return due ?? []
    }

    private func wake(_ ids: [SagaID], as task: Work.Task) async {
        for id in ids {
            if await !lane(of: id).inbox.put(Work(sagaID: id, task: task)) { return }
        }
    }

    private func moveWakeUps() async {
        let batch = plant.timers.takeRearmings(limit: plant.limits.timerBatch)
        guard !batch.isEmpty else { return }
        let moved: Void? = await plant.untilStoreAnswers {
            try await self.plant.store.rearm(batch)
        }
        if moved != nil { plant.cache.note(batch) }
    }

    func sweepOutbox() async {
        while await pause(plant.limits.outboxSweep) {
            await publishLeftovers(
                of: plant.leases.shards, olderThan: plant.limits.outboxAge)
        }
    }

    private func publishLeftovers(of shards: [Int], olderThan age: Duration) async {
        guard !shards.isEmpty else { return plant.leases.note(eventLag: .zero) }
        let now = plant.clock.now()
        let events = await plant.untilStoreAnswers {
            try await self.plant.store.unpublished(
                shards: shards, before: now - age, limit: self.plant.limits.outboxBatch)
        }
        guard let events else { return }
        let oldest = events.map(\.recordedAt).min()
        plant.leases.note(eventLag: oldest.map { now - $0 } ?? .zero)
        guard !events.isEmpty else { return }
        let count = await plant.dispatcher.publish(events)
        RuntimeMetrics.repaired.increment(by: count)
    }

    /// Expired keys belong to no shard: whoever holds the first one forgets them.
    func sweepIdempotencyKeys() async {
        while await pause(plant.limits.idempotencySweep) {
            guard plant.leases.holds(0) else { continue }
            _ = await plant.untilStoreAnswers {
                try await self.plant.store.forgetIdempotencyKeys(
                    before: self.plant.clock.now(), limit: self.plant.limits.timerBatch)
            }
        }
    }
}
