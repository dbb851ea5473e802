import CoreMetrics
package import Logging
import SagaCore
import ServiceLifecycle

/// Turns inputs from every door into committed decisions, and performs them.
///
/// A list of parts that share a ``Plant``: lanes that decide and commit, a dispatcher that
/// publishes, a pump for replies, timers, and a sweep of what was left unpublished.
package final class Coordinator: Service, Door {
    let plant: Plant
    private let lanes: [Lane]

    /// The definitions that new sagas use.
    package var catalog: Catalog { plant.catalog }

    /// A coordinator over that store and bus; it works once ``run()`` is called.
    ///
    /// - Parameter onPublished: is told of the events that were published.
    package init(
        store: any Store, bus: any Bus, clock: any SagaClock, catalog: Catalog,
        limits: CoordinatorLimits = CoordinatorLimits(), logger: Logger,
        heartbeat: Heartbeat = Heartbeat(), onPublished: PublishedObserver? = nil
    ) {
        let plant = Plant(
            store: store, bus: bus, clock: clock, catalog: catalog, limits: limits,
            logger: logger, heartbeat: heartbeat, onPublished: onPublished)
        self.plant = plant
        lanes = (0..<max(1, limits.lanes)).map { Lane(number: $0, plant: plant) }
    }

    /// Works until the service group asks for a graceful shutdown, then stores and publishes what
    /// was begun, and returns.
    package func run() async throws {
        await withTaskGroup { parts in
            parts.addTask { await self.runLanes() }
            parts.addTask { await self.plant.dispatcher.run() }
            parts.addTask { await self.plant.clearLeftovers() }
            parts.addTask { await self.tellKin() }
            await withTaskGroup { doors in
                doors.addTask { await Appender(coordinator: self).run() }
                await self.runSources()
                plant.appends.close()
            }
            for lane in lanes { lane.inbox.close() }
        }
    }

    /// Takes in what comes from outside and from time, until a graceful shutdown.
    private func runSources() async {
        await withTaskGroup { sources in
            sources.addTask { await self.pumpReplies() }
            sources.addTask { await self.wakeFromMemory() }
            sources.addTask { await self.wakeFromStore() }
            sources.addTask { await self.sweepOutbox() }
            sources.addTask { await self.sweepIdempotencyKeys() }
            try? await gracefulShutdown()
            plant.stops = true
            sources.cancelAll()
        }
    }

    /// Works until every lane is closed and drained; after that nothing more is to be published.
    private func runLanes() async {
        await withTaskGroup { group in
            for lane in lanes { group.addTask { await lane.run() } }
        }
        plant.leftovers.close()
        plant.kin.close()
        plant.dispatcher.close()
    }

    func lane(of id: SagaID) -> Lane {
        lanes[id.shard(of: StoreLimits.shards) % lanes.count]
    }
}

// MARK: - Sources of inputs

extension Coordinator {
    private func pumpReplies() async {
        while !Task.isCancelled {
            let deliveries = await plant.bus.nextReplies()
            if deliveries.isEmpty { return }
            for delivery in deliveries {
                switch delivery.content {
                case .success(let addressed):
                    let work = Work(
                        sagaID: addressed.sagaID, task: .reply(addressed.reply, delivery))
                    if await !lane(of: addressed.sagaID).inbox.put(work) { return }
                case .failure(let unreadable):
                    let reason = DeadLetterReason(
                        code: "unreadable", message: unreadable.message)
                    let leftover = Leftover(delivery: delivery, treatment: .bury(reason))
                    if await !plant.leftovers.put(leftover) { return }
                }
            }
        }
    }

    private func wakeFromMemory() async {
        while await pause(plant.limits.timerTick) {
            plant.heartbeat.beat()
            let now = plant.clock.now()
            plant.deadlines.strike(now: now, retryAfter: plant.limits.retryAfter)
            for id in plant.timers.due(now: now) {
                _ = await lane(of: id).inbox.put(Work(sagaID: id, task: .due))
            }
        }
    }

    /// Takes over what an earlier daemon left, then looks for what is due at every scan.
    private func wakeFromStore() async {
        await takeOver()
        while await pause(plant.limits.timerScan) {
            _ = await wakeDue(until: plant.clock.now(), as: .due, except: [])
            await moveWakeUps()
        }
    }

    /// Sends again at once what was opened so recently that nobody here knows what was sent.
    private func takeOver() async {
        let count = await takeOver(until: plant.clock.now() + plant.limits.resend.initial)
        if count > 0 {
            plant.logger.notice(
                "took over sagas that were under way", metadata: ["sagas": "\(count)"])
        }
    }

    /// Sends every open command again at once, for a broker that lost some, or replies to them;
    /// answers of how many sagas, those without an open command among them.
    package func sendOpenCommandsAgain() async -> Int {
        plant.cache.forgetReceipts()
        return await takeOver(until: plant.clock.now() + plant.limits.resend.max)
    }

    /// Has sagas looked at whose wake-up comes before that time; answers how many.
    ///
    /// A wake-up moves later only when it comes, so that the same ones are found again: each look
    /// asks for twice as many as the one before.
    private func takeOver(until: Instant) async -> Int {
        var seen: Set<SagaID> = []
        var limit = plant.limits.timerBatch
        while !Task.isCancelled {
            let fresh = await wakeDue(until: until, as: .takeOver, except: seen, limit: limit)
            seen.formUnion(fresh)
            if fresh.isEmpty || seen.count < limit || limit >= plant.limits.takeOverMax { break }
            limit = min(2 * limit, plant.limits.takeOverMax)
            guard await pause(plant.limits.timerScan) else { break }
            await moveWakeUps()
        }
        return seen.count
    }

    private func wakeDue(
        until: Instant, as task: Work.Task, except seen: Set<SagaID>, limit: Int? = nil
    ) async -> [SagaID] {
        let due = await plant.untilStoreAnswers {
            try await self.plant.store.due(
                shards: Array(0..<StoreLimits.shards), until: until,
                limit: limit ?? self.plant.limits.timerBatch)
        }
        let fresh = (due ?? []).map(\.id).filter { !seen.contains($0) }
        for id in fresh {
            if await !lane(of: id).inbox.put(Work(sagaID: id, task: task)) { break }
        }
        return fresh
    }

    private func moveWakeUps() async {
        let batch = plant.timers.takeRearmings(limit: plant.limits.timerBatch)
        guard !batch.isEmpty else { return }
        let moved: Void? = await plant.untilStoreAnswers {
            try await self.plant.store.rearm(batch)
        }
        if moved != nil { plant.cache.note(batch) }
    }

    private func sweepOutbox() async {
        var age = Duration.zero
        repeat {
            let before = plant.clock.now() + .zero - age
            let events = await plant.untilStoreAnswers {
                try await self.plant.store.unpublished(
                    shards: Array(0..<StoreLimits.shards), before: before,
                    limit: self.plant.limits.outboxBatch)
            }
            if let events, !events.isEmpty {
                let count = await plant.dispatcher.publish(events)
                RuntimeMetrics.repaired.increment(by: count)
            }
            age = plant.limits.outboxAge
        } while await pause(plant.limits.outboxSweep)
    }

    private func sweepIdempotencyKeys() async {
        while await pause(plant.limits.idempotencySweep) {
            _ = await plant.untilStoreAnswers {
                try await self.plant.store.forgetIdempotencyKeys(
                    before: self.plant.clock.now(), limit: self.plant.limits.timerBatch)
            }
        }
    }

    /// Waits that long; false once the daemon stops.
    private func pause(_ duration: Duration) async -> Bool {
        do {
            try await plant.clock.sleep(until: plant.clock.now() + duration)
            return !Task.isCancelled
        } catch {
            return false
        }
    }
}

extension Instant {
    /// The instant that much earlier.
    static func - (instant: Instant, duration: Duration) -> Instant {
        instant + (.zero - duration)
    }
}
