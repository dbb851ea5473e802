import SagaCore
import SagaRuntime
import SagaTestKit

/// Daemons, participants and clients on one thread, with a scheduler, a clock and random choices that
/// follow from a seed; the same seed does the same each time.
///
/// What runs is the real code above the ports: coordinators with their lanes, timers and leases,
/// projectors, keepers of streams, and the participants' kit. What lies below fails: see ``Mishap``.
package enum Simulation {
    /// The most jobs that one simulation runs.
    static let stepsMax = 3_000_000
    /// The most time that everything has to come to an end once nothing goes wrong any more.
    static let endsWithin: Duration = .seconds(900)

    /// Runs the simulation of that seed on the calling thread.
    ///
    /// - Parameter keepsLines: whether the report tells what happened in words.
    package static func run(seed: UInt64, keepsLines: Bool = false) -> SimulationReport {
        let world = World(seed: seed, keepsLines: keepsLines)
        let broker = Broker(world)
        let problem = world.time.run(stepsMax: stepsMax) { await play(world, broker) }
        if let problem { world.violate(problem) }
        return SimulationReport(seed: seed, world)
    }

    private static func play(_ world: World, _ broker: Broker) async {
        try? await world.store.migrate()
        let site = Site(world, broker)
        let clients = Clients(world, site)
        await withTaskGroup { group in
            group.addTask { await site.run() }
            group.addTask {
                await world.time.wait(world.weather.storm)
                world.calmDown()
            }
            group.addTask { await clients.watchOver() }
            await clients.run()
            await end(world, broker, clients)
            site.close()
        }
        Checks(world: world, broker: broker).run()
    }

    /// Waits until everything has come to its end.
    private static func end(_ world: World, _ broker: Broker, _ clients: Clients) async {
        let checks = Checks(world: world, broker: broker)
        while !world.isCalm { await world.time.wait(.seconds(1)) }
        let until = world.time.now() + endsWithin
        var quiet = 0
        while world.time.now() < until {
            await clients.retryWhatIsStuck()
            await world.time.wait(.seconds(2))
            quiet = checks.unfinished == nil ? quiet + 1 : 0
            // Twice: what comes between two looks may begin something.
            if quiet == 2 { return }
        }
        world.violate(
            "\(checks.unfinished ?? "something is under way"), \(endsWithin.secondsText) after the "
                + "last mishap")
    }
}

/// What came of the simulation of a seed.
package struct SimulationReport: Sendable {
    /// The seed.
    package let seed: UInt64
    /// The promises that were broken, in words; empty where all were kept.
    package let violations: [String]
    /// What tells this run from another; the same for the same seed.
    package let hash: UInt64
    /// What happened, in words, where that was asked for.
    package let lines: [String]
    /// How often each mishap happened, by its name.
    package let mishaps: [String: Int]
    /// How many sagas reached each status.
    package let ends: [String: Int]
    /// How much time passed in the simulation.
    package let time: Duration
    /// How many jobs ran.
    package let steps: Int

    init(seed: UInt64, _ world: World) {
        self.seed = seed
        violations = world.violations
        hash = world.time.hash
        lines = world.time.lines
        mishaps = Dictionary(
            uniqueKeysWithValues: world.strikes.map { ($0.key.rawValue, $0.value) })
        ends = Dictionary(grouping: world.store.rows) { $0.status.rawValue }.mapValues(\.count)
        time = world.time.uptime()
        steps = world.time.steps
    }
}
