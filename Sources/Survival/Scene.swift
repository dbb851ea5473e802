import FoundationEssentials
import Glibc
import LoadClient
import SagaCore

/// A whole system of our own: broker, database, daemon and participants, each a process.
struct Scene: Sendable {
    let stage: Stage
    let broker: Broker
    let database: DatabaseServer?
    let daemon: Daemon
    let workers: Workers
    let store: any StoreReader

    private static let databaseName = "survival"
    /// How long a program may take to be ready, on a busy machine.
    private static let startLimit: Duration = .seconds(60)
    /// How long an order may go without an answer.
    private static let answerLimit: Duration = .seconds(300)
    /// How long leftovers may take once no order is on its way; replies that a killed daemon had
    /// taken come again after 30 s.
    private static let leftoverLimit: Duration = .seconds(60)
    /// Between two looks at whether a process ended by itself or everything is quiet.
    private static let pause: Duration = .milliseconds(100)

    /// Starts everything and waits until the daemon is ready.
    static func start(
        _ trial: Trial, on stage: Stage, programs: Programs
    ) async throws -> Scene {
        let broker = try Broker(on: stage)
        try await broker.start()
        var database: DatabaseServer?
        let url: String
        let store: any StoreReader
        switch trial.store {
        case .postgresql:
            let server = try await DatabaseServer(on: stage)
            try await server.start()
            try await server.createDatabase(databaseName)
            url = server.url(database: databaseName)
            store = PostgreSQLReader(url: url)
            database = server
        case .sqlite:
            let file = stage.path("sagad.db")
            url = "sqlite:\(file)"
            store = SQLiteReader(path: file)
        }
        let daemon = try Daemon(
            .serve, settings: [("database-url", url), ("nats-url", broker.url)] + trial.settings,
            on: stage, programs: programs)
        try await daemon.startReady(within: startLimit)
        let workers = try Workers(natsURL: broker.url, on: stage, programs: programs)
        try await workers.start()
        return Scene(
            stage: stage, broker: broker, database: database, daemon: daemon, workers: workers,
            store: store)
    }

    // MARK: Load and strikes

    /// What a load under strikes left.
    struct Loaded: Sendable {
        var posted: [PostedOrder] = []
        var struck: [Struck] = []
    }

    /// Posts the orders until each is answered, and strikes meanwhile.
    ///
    /// - Parameters:
    ///   - holdingWorkers: whether participants stand still until something is struck when all
    ///     orders are answered, so that all of them are on their way at once.
    ///   - countingUnpublished: whether it is counted after each kill what was stored and not
    ///     published.
    func load(
        _ orders: [Order], _ connections: Int, striking plan: [Strike], holdingWorkers: Bool,
        countingUnpublished: Bool
    ) async throws -> Loaded {
        if holdingWorkers { await workers.hold() }
        let (counts, tell) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let loop = LoadLoop(
            port: daemon.port, connections: connections, deadline: .now + Self.answerLimit)
        return try await withThrowingTaskGroup(of: Loaded?.self) { group in
            group.addTask {
                defer { tell.finish() }
                return Loaded(posted: try await loop.closed(orders, answered: { tell.yield($0) }))
            }
            group.addTask {
                let isHolding = holdingWorkers
                let struck = try await strike(plan, counting: counts, countingUnpublished) {
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
        _ plan: [Strike], counting counts: AsyncStream<Int>, _ countingUnpublished: Bool,
        after: (_ answers: Int) async -> Void
    ) async throws -> [Struck] {
        var iterator = counts.makeAsyncIterator()
        var answered = 0
        var struck: [Struck] = []
        for strike in plan {
            while answered < strike.afterAnswers, let count = await iterator.next() {
                answered = max(answered, count)
            }
            try await Task.sleep(for: strike.delay)
            var made = Struck(strike: strike, at: Self.now, answers: answered)
            switch strike.target {
            case .daemon:
                try await daemon.kill()
                if countingUnpublished { made.unpublished = try await unpublished() }
                try await daemon.start()
            case .database: try await database?.crash()
            case .broker: try await broker.crash()
            case .orders, .commands, .replies, .deadLetters:
                try await Streams.delete(strike.target.rawValue, at: broker.url)
            }
            struck.append(made)
            await after(answered)
        }
        return struck
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
            try await daemon.checkRunning()
            try await workers.checkRunning()
            try await Task.sleep(for: Self.pause)
        }
    }

    /// The time in microseconds since 1970.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    // MARK: Afterwards

    /// Waits until every order has ended and every event and command is gone out.
    ///
    /// What takes longer than it may is left to the checks: the evidence shows it.
    ///
    /// - Parameter drained: the streams that are waited for until they are empty, too.
    func settle(within patience: Duration, drained: [String]) async throws {
        try await daemon.waitUntilReady(within: Self.startLimit)
        let reader = SagaReader(port: daemon.port)
        let quiet = try await wait(for: patience) {
            try await daemon.checkRunning()
            try await workers.checkRunning()
            return try await reader.isQuiet()
        }
        guard quiet else { return }
        _ = try await wait(for: Self.leftoverLimit) { try await store.outbox().isEmpty }
        _ = try await wait(for: Self.leftoverLimit) {
            let count = try await Streams.count(of: "ORDERS", at: broker.url)
            return try await store.eventCount() <= count
        }
        for stream in drained {
            _ = try await wait(for: Self.leftoverLimit) {
                try await Streams.count(of: stream, at: broker.url) == 0
            }
        }
    }

    /// Asks until something holds; answers whether it came to hold in time.
    private func wait(
        for limit: Duration, until holds: () async throws -> Bool
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while try await !holds() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: Self.pause)
        }
        return true
    }

    /// Stops the daemon and reads all that was stored, published and booked.
    ///
    /// - Parameter emptied: the streams that must be empty now.
    func collect(into evidence: inout Evidence, emptied: [String]) async throws {
        evidence.journals = try await journalsOfUnfinished()
        evidence.daemonEnd = await daemon.stop().map { "\($0)" } ?? "never ran"
        evidence.stored = try await store.records()
        evidence.outbox = try await store.outbox()
        evidence.ledger = try await LedgerLine.all(in: workers.ledgerFile)
        evidence.published = try await Streams.events(of: "ORDERS", at: broker.url)
        for stream in ["SAGA_COMMANDS", "SAGA_REPLIES", "SAGA_DEAD"] {
            let count = try await Streams.count(of: stream, at: broker.url)
            evidence.left.append(
                LeftMessages(stream: stream, count: count, isWrong: emptied.contains(stream)))
        }
        evidence.errors = errors(in: daemon.logFile)
    }

    /// The most journals that are read for a report.
    private static let journalLimit = 3

    private func journalsOfUnfinished() async throws -> [String] {
        let reader = SagaReader(port: daemon.port)
        let open = try await reader.sagas(of: "order", status: "running,compensating,stuck")
        var journals: [String] = []
        for saga in open.prefix(Self.journalLimit) {
            guard let id = saga["id"]?.text else { continue }
            let whole = String(decoding: try await reader.saga(id).jsonBytes, as: UTF8.self)
            let rows = try await reader.journal(of: id).map {
                String(decoding: $0.jsonBytes, as: UTF8.self)
            }
            journals.append(([whole] + rows).joined(separator: "\n    "))
        }
        return journals
    }

    /// The lines of the daemon's log that are errors or worse, or no lines of its own at all.
    private func errors(in file: String) -> [String] {
        guard let bytes = FileManager.default.contents(atPath: file) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { line in
            !line.hasPrefix("{") || line.contains("\"level\":\"error\"")
                || line.contains("\"level\":\"critical\"")
        }.map(String.init)
    }
}
