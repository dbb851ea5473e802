import FaultyWire
import Glibc
import LoadClient
import PostgreSQL
import Synchronization

/// Orders under strikes.
extension Scene {
    /// How long an order may go without an answer.
    private static let answerLimit: Duration = .seconds(300)

    /// What a load under strikes left.
    struct Loaded: Sendable {
        var posted: [PostedOrder] = []
        var struck: [Struck] = []
    }

    /// Posts the orders until each is answered, and strikes meanwhile.
    ///
    /// Where streams are deleted, participants stand still until something is struck when all orders
    /// are answered, so that all of them are on their way at once.
    func load(_ orders: [Order], of trial: Trial) async throws -> Loaded {
        let isHolding = trial.part == .deletions
        if isHolding { await workers.hold() }
        let (counts, tell) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let loop = LoadLoop(
            ports: daemons.map(\.port), connections: trial.connections,
            deadline: .now + Self.answerLimit)
        let pace = Pace(of: trial)
        return try await withThrowingTaskGroup(of: Loaded?.self) { group in
            group.addTask {
                defer { tell.finish() }
                return Loaded(
                    posted: try await loop.closed(
                        orders, gate: pace.admit, answered: { tell.yield($0) }))
            }
            group.addTask {
                let struck = try await strike(trial, counting: counts, pace) {
                    if isHolding, $0 >= orders.count { await workers.letGo() }
                }
                if isHolding { await workers.letGo() }
                return Loaded(struck: struck)
            }
            group.addTask { try await watch() }
            defer { group.cancelAll() }
            var loaded = Loaded()
            for _ in 0..<2 {
                guard let part = try await group.next() ?? nil else { continue }
                loaded.posted += part.posted
                loaded.struck += part.struck
            }
            return loaded
        }
    }

    private func strike(
        _ trial: Trial, counting counts: AsyncStream<Int>, _ pace: Pace,
        after: (_ answers: Int) async -> Void
    ) async throws -> [Struck] {
        var iterator = counts.makeAsyncIterator()
        var answered = 0
        var struck: [Struck] = []
        for strike in trial.plan {
            while answered < strike.afterAnswers, let count = await iterator.next() {
                answered = max(answered, count)
            }
            try await Task.sleep(for: strike.delay)
            var made = Struck(strike: strike, at: Self.now, answers: answered)
            try await make(&made, countingUnpublished: trial.part == .gaps)
            struck.append(made)
            pace.goOn()
            await after(answered)
        }
        return struck
    }

    private func make(_ struck: inout Struck, countingUnpublished: Bool) async throws {
        let strike = struck.strike
        let daemon = daemons[strike.daemon]
        switch strike.target {
        case .daemon:
            try await daemon.kill()
            if countingUnpublished { struck.unpublished = try await unpublished() }
            try await Task.sleep(for: strike.lasting)
            try await daemon.start()
        case .standstill:
            await daemon.hold()
            try await Task.sleep(for: strike.lasting)
            await daemon.letGo()
        case .database: try await database?.crash()
        case .sessions: struck.sessions = try await terminateSessions()
        case .wire: if let fault = strike.fault { proxy?.strike(fault) }
        case .broker: try await broker.crash()
        case .storage: try await broker.crash(losingStorage: true)
        case .disk: try await fill(&struck)
        case .orders, .commands, .replies, .deadLetters:
            try await Streams.delete(strike.target.rawValue, at: broker.url)
        }
    }

    /// Leaves the broker no room for some time, and counts what could not be published meanwhile.
    ///
    /// Once there is room again it is started anew: nats-server 2.9 does not go on by itself. Where
    /// the disk is full it gives JetStream up, and where only a file cannot grow a stream may hang.
    private func fill(_ struck: inout Struck) async throws {
        guard let disk = broker.disk, let pid = await broker.pid else { return }
        try await disk.fill(for: pid)
        try await Task.sleep(for: struck.strike.lasting)
        try await disk.makeRoom(for: pid)
        try await broker.crash()
        struck.unpublished = try await unpublished()
    }

    /// Has PostgreSQL end all connections to the daemon's database; how many there were.
    private func terminateSessions() async throws -> Int {
        guard let database else { return 0 }
        let connection = try Connection(
            settings: ConnectionSettings(url: database.url(database: "postgres")))
        try await connection.open()
        let rows = try await connection.execute(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = '\(Self.databaseName)'
            """)
        await connection.close()
        return Int(try rows.first?.int(0) ?? 0)
    }

    /// How many events are stored and not on the stream, once the broker has taken what the daemon
    /// had sent before it was killed.
    private func unpublished() async throws -> Int {
        try await Task.sleep(for: Self.pause)
        let count = try await Streams.count(of: "ORDERS", at: broker.url)
        return try await store.eventCount() - count
    }

    /// Ends only by throwing: where a process ended that nobody killed.
    private func watch() async throws -> Loaded? {
        while true {
            try await checkRunning()
            try await Task.sleep(for: Self.pause)
        }
    }

    /// The time in microseconds since 1970.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

/// Holds orders back, where a daemon stands still and another one would else take them all: each
/// standstill has a part of the load of its own.
private final class Pace: Sendable {
    /// Between two looks whether an order may go.
    private static let look: Duration = .milliseconds(20)

    private let admitted = Atomic(0)
    private let parts: Atomic<Int>
    private let part: Int

    init(of trial: Trial) {
        let isHeld = trial.part == .stops && trial.strikes > 0
        part = isHeld ? trial.orders / trial.strikes : trial.orders
        // What a division leaves over goes with the last part.
        parts = Atomic(isHeld ? 1 : 2)
    }

    @Sendable func admit() async throws {
        let place = admitted.add(1, ordering: .relaxed).newValue
        while place > part * parts.load(ordering: .relaxed) {
            try await Task.sleep(for: Self.look)
        }
    }

    /// Lets the next part go; after the last strike nothing is held.
    func goOn() { parts.add(1, ordering: .relaxed) }
}
