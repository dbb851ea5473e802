import Logging
import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization

/// One life of a daemon: the real coordinator, projector and keeper over simulated ports.
final class Daemon: Sendable {
    private let world: World
    private let lifeline: Lifeline
    private let bus: SimulatedBus
    private let projector: Projector
    private let keeper: StreamKeeper
    private let catalog: Catalog
    private let end = Flag()

    let coordinator: Coordinator

    /// The life of that number, of all daemons' lives.
    init(_ world: World, _ broker: Broker, number: Int) {
        self.world = world
        let lifeline = Lifeline(world, number: number)
        self.lifeline = lifeline
        let bus = SimulatedBus(broker, lifeline)
        self.bus = bus
        let catalog = Definitions.catalog()
        self.catalog = catalog
        let clock = world.time
        let store = InMemoryStore(sharing: world.store, gate: lifeline)
        let logger = Logger(label: "daemon \(number)") { _ in TraceLog(time: clock, number) }
        let random = RandomSource(seed: world.dice.number())
        let leaseholder = Leaseholder(
            store: store, clock: clock, host: "d\(number)", random: random, logger: logger)
        let projector = Projector(
            store: store, bus: bus, clock: clock, streams: { catalog.streams },
            isSweeper: { leaseholder.sweepsViews }, limits: .simulated, logger: logger)
        let keeper = StreamKeeper(
            store: store, bus: bus, clock: clock, aggregates: { catalog.streams },
            limits: .simulated, random: random, logger: logger)
        self.projector = projector
        self.keeper = keeper
        coordinator = Coordinator(
            store: store, bus: bus, clock: clock, catalog: catalog,
            limits: CoordinatorLimits(world.dice), logger: logger, leaseholder: leaseholder,
            random: random,
            onPublished: {
                projector.note(published: $0)
                keeper.note(published: $0)
            },
            onDecision: { [decisions = world.decisions] in decisions.note($0, $1) })
    }

    /// Works until it is killed or told to stop.
    func run() async {
        try? await bus.prepare(streams: catalog.streams)
        await withTaskGroup { group in
            group.addTask { [self] in
                await keeper.run(resend: { await self.coordinator.sendOpenCommandsAgain() })
            }
            await withTaskGroup { views in
                views.addTask { [self] in await projector.run() }
                await coordinator.run(until: { [self] in await end.wait() })
                projector.close()
            }
            group.cancelAll()
        }
        lifeline.cut()
    }

    /// Stops it as an operator does.
    func stop() { end.raise() }

    /// Kills it: from now on nothing that it does has an effect.
    func kill() {
        lifeline.cut()
        end.raise()
        bus.wakeEverybody()
    }

    /// Has it stand still for a time, in which others take over, and then go on.
    func freeze(for duration: Duration) { lifeline.freeze(until: world.time.now() + duration) }

    var isDead: Bool { lifeline.isCut }
}

extension SimulatedBus {
    /// Lets those go on who wait for letters; whoever is dead goes, others wait again.
    func wakeEverybody() {
        let waiters = broker.state.withLock { state in
            var waiters = state.replies.takeWaiters()
            for stream in state.news.keys.sorted() {
                waiters += state.news[stream]?.takeWaiters() ?? []
            }
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension CoordinatorLimits {
    /// Bounds that make a simulation short, and some of them narrow.
    init(_ dice: Dice) {
        self.init()
        lanes = dice.among(1...2)
        dispatchers = dice.among(1...2)
        batchTransitions = dice.pick([1, 4, 256])
        cache = dice.pick([2, 1000])
        queue = dice.pick([4, 64])
        dispatchQueue = dice.pick([2, 64])
        resend = ResendPolicy(initial: .seconds(3), max: .seconds(12))
        timerTick = .milliseconds(250)
        outboxAge = .seconds(3)
        retryAfter = .milliseconds(500)
    }
}

extension ViewsLimits {
    static let simulated = {
        var limits = ViewsLimits()
        limits.sweepAge = .seconds(4)
        limits.gather = .milliseconds(500)
        return limits
    }()
}

extension StreamLimits {
    static let simulated = {
        var limits = StreamLimits()
        limits.check = .seconds(3)
        limits.markEvery = .seconds(5)
        limits.tries = 3
        limits.page = 4
        limits.repairRetryMax = .seconds(5)
        return limits
    }()
}

/// Writes what a daemon logs between what happened.
private struct TraceLog: LogHandler {
    private let time: VirtualTime
    private let number: Int
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    init(time: VirtualTime, _ number: Int) {
        self.time = time
        self.number = number
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let more = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { " \($0.key)=\($0.value)" }.joined()
        time.trace("daemon \(number): \(event.message)\(more)")
    }
}
