import CoreMetrics
package import Logging
import SagaCore
import ServiceLifecycle

/// Turns inputs from every door into committed decisions, and performs them.
///
/// A list of parts that share a ``Plant``: a starter, lanes that decide and commit, a dispatcher that
/// publishes, a pump for replies, timers, and a sweep of what was left unpublished in the shards
/// that are this daemon's.
package final class Coordinator: Service, Door {
    let plant: Plant
    private let lanes: [Lane]
    /// Stores the starts of all sagas.
    let starter: Starter
    /// The rules of provoked failures; nil where there are none.
    let faults: FaultBoard?

    /// The definitions that new sagas use.
    package var catalog: Catalog { plant.catalog }

    /// A coordinator over that store and bus; it works once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - leaseholder: says which shards are this daemon's; nil makes one over the store.
    ///   - random: where identities and jitter come from.
    ///   - faults: the rules by which failures are provoked; nil where none may be.
    ///   - onPublished: is told of the events that were published.
    ///   - onDecision: is told of what was decided.
    package init(
        store: any Store, bus: any Bus, clock: any SagaClock, catalog: Catalog,
        limits: CoordinatorLimits = CoordinatorLimits(), logger: Logger,
        heartbeat: Heartbeat = Heartbeat(), leaseholder: Leaseholder? = nil,
        random: RandomSource = RandomSource(), faults: FaultBoard? = nil,
        onPublished: PublishedObserver? = nil, onDecision: DecisionObserver? = nil
    ) {
        let plant = Plant(
            store: store, bus: bus, clock: clock, catalog: catalog, limits: limits,
            logger: logger, heartbeat: heartbeat,
            leases: leaseholder ?? Leaseholder(store: store, clock: clock, logger: logger),
            random: random, onPublished: onPublished, onDecision: onDecision)
        self.plant = plant
        self.faults = faults
        let lanes = (0..<max(1, limits.lanes)).map { Lane(number: $0, plant: plant) }
        self.lanes = lanes
        starter = Starter(plant: plant, rounds: lanes.map(\.round))
    }

    /// Works until the service group asks for a graceful shutdown, then stores and publishes what
    /// was begun, and returns.
    package func run() async throws { await run { try? await gracefulShutdown() } }

    /// Works until that returns, then stores and publishes what was begun, and returns.
    package func run(until isOver: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { parts in
            parts.addTask { await self.runLanes() }
            parts.addTask { await self.plant.dispatcher.run() }
            parts.addTask { await self.plant.clearLeftovers() }
            parts.addTask { await self.tellKin() }
            await withTaskGroup { doors in
                doors.addTask { await Appender(coordinator: self).run() }
                await self.runSources(until: isOver)
                plant.appends.close()
            }
            starter.inbox.close()
            for lane in lanes { lane.inbox.close() }
        }
    }

    /// Takes in what comes from outside and from time, until that returns.
    private func runSources(until isOver: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { sources in
            sources.addTask { await self.pumpReplies() }
            sources.addTask { await self.wakeFromMemory() }
            sources.addTask { await self.holdShards() }
            sources.addTask { await self.takeOverShards() }
            sources.addTask { await self.wakeFromStore() }
            sources.addTask { await self.sweepOutbox() }
            sources.addTask { await self.sweepIdempotencyKeys() }
            await isOver()
            plant.stops = true
            plant.takenShards.close()
            sources.cancelAll()
        }
        await plant.leases.leave()
    }

    /// Works until the starter and every lane are closed and drained; after that nothing more is to be
    /// published.
    private func runLanes() async {
        await withTaskGroup { group in
            group.addTask { await self.starter.run() }
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

    /// Waits that long; false once the daemon stops.
    func pause(_ duration: Duration) async -> Bool {
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
