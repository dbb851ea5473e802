import FaultyWire
import FoundationEssentials
import LoadClient
import SagaCore

/// A whole system of our own: broker, database, daemon and participants, each a process.
struct Scene: Sendable {
    let stage: Stage
    let broker: Broker
    let database: DatabaseServer?
    /// Stands between the daemons and the database, where commits are struck.
    let proxy: WireProxy?
    /// At least one; all on one database and one broker.
    let daemons: [Daemon]
    let workers: Workers
    let store: any StoreReader

    static let databaseName = "survival"
    /// How long a program may take to be ready, on a busy machine.
    private static let startLimit: Duration = .seconds(180)
    /// How long leftovers may take once no order is on its way; replies that a killed daemon had
    /// taken come again after 30 s.
    private static let leftoverLimit: Duration = .seconds(60)
    /// Between two looks at whether a process ended by itself or everything is quiet.
    static let pause: Duration = .milliseconds(100)

    /// Starts everything and waits until the daemon is ready.
    static func start(
        _ trial: Trial, on stage: Stage, programs: Programs
    ) async throws -> Scene {
        let disk =
            trial.part == .fills
            ? try await SmallDisk(on: stage, mounting: trial.mayMount) : nil
        let broker = try Broker(on: stage, disk: disk)
        try await broker.start()
        var database: DatabaseServer?
        var proxy: WireProxy?
        var url: String
        let store: any StoreReader
        switch trial.store {
        case .postgresql:
            let server = try await DatabaseServer(on: stage)
            try await server.start()
            try await server.createDatabase(databaseName)
            url = server.url(database: databaseName)
            store = PostgreSQLReader(url: url)
            database = server
            if trial.part == .cuts {
                // Starts and transitions write a journal, and nothing else does.
                let made = WireProxy(
                    to: UInt16(server.port), striking: "INSERT INTO saga_journal")
                url = "postgresql://sagad@127.0.0.1:\(made.port)/\(databaseName)?sslmode=disable"
                proxy = made
            }
        case .sqlite:
            let file = stage.path("sagad.db")
            url = "sqlite:\(file)"
            store = SQLiteReader(path: file)
        }
        let settings = [("database-url", url), ("nats-url", broker.url)] + trial.settings
        var daemons: [Daemon] = []
        for _ in 0..<trial.part.daemons(on: trial.store) {
            let daemon = try Daemon(.serve, settings: settings, on: stage, programs: programs)
            try await daemon.startReady(within: startLimit)
            daemons.append(daemon)
        }
        let workers = try Workers(natsURL: broker.url, on: stage, programs: programs)
        try await workers.start()
        return Scene(
            stage: stage, broker: broker, database: database, proxy: proxy, daemons: daemons,
            workers: workers, store: store)
    }

    // MARK: Afterwards

    /// Waits until every order has ended and every event and command is gone out.
    ///
    /// What takes longer than it may is left to the checks: the evidence shows it.
    ///
    /// - Parameter drained: the streams that are waited for until they are empty, too.
    func settle(within patience: Duration, drained: [String]) async throws {
        for daemon in daemons { try await daemon.waitUntilReady(within: Self.startLimit) }
        let reader = SagaReader(port: daemons[0].port)
        let quiet = try await wait(for: patience) {
            try await checkRunning()
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

    /// Fails where a process ended that nobody killed.
    func checkRunning() async throws {
        for daemon in daemons { try await daemon.checkRunning() }
        try await workers.checkRunning()
    }

    /// Stops the daemons and reads all that was stored, published and booked.
    ///
    /// - Parameter emptied: the streams that must be empty now.
    func collect(into evidence: inout Evidence, emptied: [String]) async throws {
        evidence.journals = try await journalsOfUnfinished()
        evidence.daemonEnd = await stopDaemons()
        evidence.disk = broker.disk?.kind
        evidence.cuts = proxy?.struck ?? []
        evidence.stored = try await store.records()
        evidence.outbox = try await store.outbox()
        evidence.ledger = try await LedgerLine.all(in: workers.ledgerFile)
        evidence.published = try await Streams.events(of: "ORDERS", at: broker.url)
        for stream in ["SAGA_COMMANDS", "SAGA_REPLIES", "SAGA_DEAD"] {
            let count = try await Streams.count(of: stream, at: broker.url)
            evidence.left.append(
                LeftMessages(stream: stream, count: count, isWrong: emptied.contains(stream)))
        }
        // All of them write into one file.
        evidence.errors = errors(in: daemons[0].logFile)
    }

    /// Stops all daemons; how they ended, in words, each way once.
    private func stopDaemons() async -> String {
        var ends: [String] = []
        for daemon in daemons {
            let end = await daemon.stop().map { "\($0)" } ?? "never ran"
            if !ends.contains(end) { ends.append(end) }
        }
        return ends.joined(separator: ", ")
    }

    /// The most journals that are read for a report.
    private static let journalLimit = 3

    private func journalsOfUnfinished() async throws -> [String] {
        let reader = SagaReader(port: daemons[0].port)
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

    /// The lines of the daemons' log that are errors or worse, or no lines of its own at all.
    private func errors(in file: String) -> [String] {
        guard let bytes = FileManager.default.contents(atPath: file) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { line in
            !line.hasPrefix("{") || line.contains("\"level\":\"error\"")
                || line.contains("\"level\":\"critical\"")
        }.map(String.init)
    }
}
