import Glibc
import LoadClient

/// All that is measured, as processes of their own on this machine.
struct Rig: Sendable {
    let kind: StoreKind
    let broker: Broker
    let database: DatabaseServer?
    let daemon: Daemon
    let workers: Workers
    private let rebuild: Launch
    private let stage: Stage

    /// Nothing is waited for longer than this.
    static let patience: Duration = .seconds(300)

    /// Starts everything and waits until the daemon is ready.
    static func start(
        _ kind: StoreKind, settings: [(name: String, value: String)], on stage: Stage,
        programs: Programs
    ) async throws -> Rig {
        // As docs/deployment.md recommends where much is sent.
        let broker = try Broker(on: stage, environment: ["GOGC=400"])
        try await broker.start()
        var database: DatabaseServer?
        let url: String
        switch kind {
        case .postgresql:
            let server = try await DatabaseServer(on: stage)
            try await server.start()
            try await server.createDatabase("bench")
            database = server
            url = server.url(database: "bench")
        case .sqlite: url = "sqlite:\(stage.path("sagad.db"))"
        }
        let daemon = try Daemon(
            .serve,
            settings: [
                ("database-url", url), ("nats-url", broker.url), ("log-level", "warning"),
            ] + settings,
            on: stage, programs: programs)
        try await daemon.startReady()
        let workers = try Workers(natsURL: broker.url, on: stage, programs: programs)
        try await workers.start()
        let rebuild = Launch(
            "sagad rebuild-views",
            [try programs.path("sagad"), "rebuild-views", "--database-url", url],
            logFile: stage.path("rebuild-views.log"))
        return Rig(
            kind: kind, broker: broker, database: database, daemon: daemon, workers: workers,
            rebuild: rebuild, stage: stage)
    }

    /// Fails where a process has ended by itself.
    func checkRunning() async throws {
        try await daemon.checkRunning()
        try await workers.checkRunning()
    }

    /// Makes all views anew, with the program that does it.
    func rebuildViews() async throws {
        let end = await (try await stage.start(rebuild)).wait()
        guard end == .status(0) else {
            throw LaunchFailure(
                description: "\(rebuild.name) \(end); its log ends:\n\(tail(of: rebuild.logFile))")
        }
    }

    /// What the daemon's memory is now.
    func daemonMemory() async throws -> ProcessFigures {
        guard let pid = await daemon.pid, let figures = ProcessFigures.of(pid) else {
            throw LaunchFailure(description: "expected sagad to run, found no process of it")
        }
        return figures
    }

    /// The processor time that each process has used so far, in seconds.
    func processorTimes() async -> [(process: String, seconds: Double)] {
        var times: [(process: String, seconds: Double)] = []
        func add(_ process: String, _ pid: Int32?) {
            if let pid { times.append((process, ProcessFigures.cpuSeconds(ofFamily: pid))) }
        }
        add("sagad", await daemon.pid)
        add("order-workers", await workers.pid)
        if let database { add("postgres", await database.pid) }
        add("nats-server", await broker.pid)
        times.append(("the load itself", ProcessFigures.of(getpid())?.cpuSeconds ?? 0))
        return times
    }
}
