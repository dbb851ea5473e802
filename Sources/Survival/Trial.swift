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

/// What is done to the system under load.
package enum Part: String, Sendable, CaseIterable {
    /// The daemon is killed, and started again at once.
    case kills
    /// The database server, where there is one, and the broker crash and are started again.
    case restarts
    /// The daemon is killed between storing and publishing, again and again.
    case gaps
    /// The broker's streams are deleted while all orders are on their way.
    case deletions
}

/// One run of orders through a system that is struck meanwhile.
package struct Trial: Sendable {
    /// Where the sagas are kept.
    package var store: StoreKind
    /// What is struck.
    package var part: Part
    /// How many orders are posted.
    package var orders: Int
    /// How often the daemon is killed, each server restarted, or every stream deleted.
    package var strikes = 1
    /// What orders and moments are drawn from.
    package var seed: UInt64
    /// How many connections post orders, each one after the other.
    package var connections = Self.usualConnections
    /// Settings of the daemon: flags without their dashes.
    package var settings: [(name: String, value: String)] = []
    /// How long orders may take to their end after the last strike.
    package var patience: Duration = .seconds(180)
    /// Whether replies that a killed daemon had taken are waited for: they come again after 30 s.
    package var awaitsReplies = true
    /// Whether the folder with databases and logs stays where all is well, too.
    package var keepsFolder = false

    /// How many connections suit two cores.
    package static let usualConnections = 32
    /// The shares of declined and of rejected orders.
    private static let share = 0.1

    /// A trial with one strike.
    package init(_ store: StoreKind, _ part: Part, orders: Int, seed: UInt64) {
        self.store = store
        self.part = part
        self.orders = orders
        self.seed = seed
    }

    /// The trial in one line.
    package var title: String {
        let struck =
            switch part {
            case .kills: "the daemon killed \(strikes) times"
            case .restarts:
                switch store {
                case .postgresql: "database and broker restarted \(strikes) times each"
                case .sqlite: "the broker restarted \(strikes) times"
                }
            case .gaps: "the daemon killed \(strikes) times right after answers"
            case .deletions: "the streams deleted \(strikes) times"
            }
        return "\(store.title), \(orders) orders, \(struck), seed \(seed)"
    }

    /// When what is struck.
    package var plan: [Strike] {
        switch (part, store) {
        case (.kills, _): Strike.kills(strikes, among: orders, seed: seed)
        case (.restarts, .postgresql):
            Strike.restarts(of: [.database, .broker], strikes, among: orders, seed: seed)
        case (.restarts, .sqlite):
            Strike.restarts(of: [.broker], strikes, among: orders, seed: seed)
        case (.gaps, _): Strike.gaps(strikes, among: orders, seed: seed)
        case (.deletions, _): Strike.deletions(strikes, among: orders, seed: seed)
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
                let report = try await run(on: Scene.start(self, on: stage, programs: programs))
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
        var evidence = Evidence()
        var times = Times()
        let loaded = try await scene.load(
            mix.orders(orders), connections, striking: plan, holdingWorkers: part == .deletions,
            countingUnpublished: part == .gaps)
        (evidence.posted, evidence.struck) = (loaded.posted, loaded.struck)
        times.load = ContinuousClock.now - times.begin
        let drained = ["SAGA_COMMANDS"] + (awaitsReplies ? ["SAGA_REPLIES"] : [])
        try await scene.settle(within: patience, drained: drained)
        times.settling = ContinuousClock.now - times.begin - times.load
        try await scene.collect(into: &evidence, emptied: drained + ["SAGA_DEAD"])
        return SurvivalReport(
            trial: self, evidence: evidence, times: times, folder: scene.stage.folder)
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
