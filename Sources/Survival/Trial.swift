import FaultyWire
package import LoadClient

/// Where the sagas are kept.
package enum StoreKind: String, Sendable, CaseIterable {
    /// PostgreSQL, with fsync on.
    case postgresql
    /// One SQLite file.
    case sqlite

    /// As tables name it.
    package var title: String {
        switch self {
        case .postgresql: "PostgreSQL"
        case .sqlite: "SQLite"
        }
    }
}

/// One run of orders through a system that is struck meanwhile.
package struct Trial: Sendable {
    /// Where the sagas are kept.
    package var store: StoreKind
    /// What is struck.
    package var part: Part
    /// How many orders are posted.
    package var orders: Int
    /// How often something is struck: each server where there are two, every stream where streams are
    /// deleted.
    package var strikes: Int
    /// How long something stands still, is away or full.
    package var lasting: Duration
    /// What orders and moments are drawn from.
    package var seed: UInt64
    /// How many connections post orders, each one after the other.
    package var connections = Self.usualConnections
    /// Settings of the daemon: flags without their dashes.
    package var settings: [(name: String, value: String)] = []
    /// How long orders may take to their end after the last strike.
    package var patience: Duration = .seconds(180)
    /// How long an order may stand still that was under way when one of several daemons was killed
    /// and stayed away.
    package var stillLimit: Duration = .seconds(10)
    /// Whether replies and commands that somebody had taken when he was killed, or the broker was, are
    /// waited for: they come again after 30 s.
    package var awaitsLeftovers = true
    /// Whether a tmpfs may be mounted; otherwise a full disk is a file size limit in any case.
    package var mayMount = true
    /// Whether the folder with databases and logs stays where all is well, too.
    package var keepsFolder = false

    /// How many connections suit two cores.
    package static let usualConnections = 32
    /// The shares of declined and of rejected orders.
    private static let share = 0.1

    /// A trial that strikes as often, and for as long, as is usual for its part.
    package init(_ store: StoreKind, _ part: Part, orders: Int, seed: UInt64) {
        self.store = store
        self.part = part
        self.orders = orders
        self.seed = seed
        strikes = part.usualStrikes
        lasting = part.usualLasting
    }

    /// The trial in one line.
    package var title: String { "\(store.title), \(orders) orders, \(deed), seed \(seed)" }

    /// What is done how often, in words.
    package var deed: String {
        switch part {
        case .kills: "the daemon killed \(strikes) times"
        case .restarts:
            switch store {
            case .postgresql: "database and broker restarted \(strikes) times each"
            case .sqlite: "the broker restarted \(strikes) times"
            }
        case .gaps: "the daemon killed \(strikes) times right after answers"
        case .deletions: "the streams deleted \(strikes) times"
        case .disconnects: "the daemon's database connections terminated \(strikes) times"
        case .wipes: "the broker killed and its storage deleted \(strikes) times"
        case .stops:
            switch store {
            case .postgresql: "one of two daemons stopped for \(lasting) \(strikes) times"
            case .sqlite: "the daemon stopped for \(lasting) \(strikes) times"
            }
        case .pairs: "one of two daemons killed \(strikes) times, away for \(lasting) the last time"
        case .fills: "the broker's disk full for \(lasting) \(strikes) times"
        case .cuts: "\(strikes) commits cut, stalled or falsified on the wire"
        }
    }

    /// The options of `sagad-survival` that repeat it.
    package var options: String {
        "--part \(part) --store \(store.rawValue) --orders \(orders) --seed \(seed)"
            + " --strikes \(strikes)"
    }

    /// When what is struck.
    package var plan: [Strike] {
        switch (part, store) {
        case (.kills, _): Strike.kills(strikes, among: orders, seed: seed)
        case (.restarts, .postgresql):
            Strike.restarts(of: [.database, .broker], strikes, among: orders, seed: seed)
        case (.restarts, .sqlite):
            Strike.restarts(of: [.broker], strikes, among: orders, seed: seed)
        case (.wipes, _): Strike.restarts(of: [.storage], strikes, among: orders, seed: seed)
        case (.gaps, _): Strike.gaps(strikes, among: orders, seed: seed)
        case (.deletions, _): Strike.deletions(strikes, among: orders, seed: seed)
        case (.disconnects, _): Strike.disconnects(strikes, among: orders, seed: seed)
        case (.stops, _):
            Strike.stops(
                strikes, of: part.daemons(on: store), lasting: lasting, among: orders, seed: seed)
        case (.pairs, _): Strike.pairs(strikes, away: lasting, among: orders, seed: seed)
        case (.fills, _): Strike.fills(strikes, lasting: lasting, among: orders, seed: seed)
        case (.cuts, _): Strike.cuts(strikes, among: orders, seed: seed)
        }
    }

    /// Sets everything up, runs the orders, takes all down and says what was seen.
    ///
    /// The folder with databases and logs is kept where a check fails.
    ///
    /// - Throws: where a program does not start, ends by itself, or an order is never answered.
    package func run(programs: Programs) async throws -> SurvivalReport {
        try await Stage.run("survival-\(store.rawValue)", keep: keepsFolder) { stage in
            do {
                let scene = try await Scene.start(self, on: stage, programs: programs)
                defer { scene.proxy?.stop() }
                let report = try await run(on: scene)
                if !report.isSound { stage.keep() }
                return report
            } catch {
                if !(error is CancellationError) { stage.keep() }
                throw error
            }
        }
    }

    private func run(on scene: Scene) async throws -> SurvivalReport {
        let mix = OrderMix(declined: Self.share, rejected: Self.share, seed: seed)
        var evidence = Evidence(of: self)
        var times = Times()
        let loaded = try await scene.load(mix.orders(orders), of: self)
        (evidence.posted, evidence.struck) = (loaded.posted, loaded.struck)
        times.load = ContinuousClock.now - times.begin
        let drained = awaitsLeftovers ? ["SAGA_COMMANDS", "SAGA_REPLIES"] : drainedAnyway
        try await scene.settle(within: patience, drained: drained)
        times.settling = ContinuousClock.now - times.begin - times.load
        try await scene.collect(into: &evidence, emptied: drained + ["SAGA_DEAD"])
        return SurvivalReport(
            trial: self, evidence: evidence, times: times, folder: scene.stage.folder)
    }

    /// What is empty at once where nobody waits for what comes again: participants that live, with a
    /// broker that lives, acknowledge each command.
    private var drainedAnyway: [String] {
        switch part {
        case .kills, .gaps, .deletions, .disconnects, .stops, .pairs, .cuts: ["SAGA_COMMANDS"]
        case .restarts, .wipes, .fills: []
        }
    }
}

/// How long the phases of a trial took.
package struct Times: Sendable {
    let begin = ContinuousClock.now
    /// Until every order was answered and every strike made.
    package var load: Duration = .zero
    /// From then until every order had ended and everything was published.
    package var settling: Duration = .zero
}
