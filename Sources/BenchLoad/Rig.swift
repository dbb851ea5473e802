import Glibc
import LoadClient

/// All that is measured, as processes of their own on this machine.
struct Rig: Sendable {
    let kind: StoreKind
    let broker: Broker
    let database: DatabaseServer?
    /// The URL of the database.
    let url: String
    /// The daemons, the one that everything is asked of first.
    private(set) var daemons: [Daemon]
    /// A reader for each daemon, whose connection is kept.
    private var readers: [SagaReader] = []
    let workers: Workers
    private let plan: Plan
    private let rebuild: Launch
    private let stage: Stage

    /// What a rig is made of.
    struct Plan: Sendable {
        var kind: StoreKind
        /// Settings of the daemons.
        var settings: [(name: String, value: String)] = []
        /// The folder of the definitions, where it is not that of the shipped ones.
        var sagas: String?
        /// Whether the participants are started, too.
        var startsWorkers = true
        var programs: Programs
    }

    /// Nothing is waited for longer than this.
    static let patience: Duration = .seconds(300)

    /// The daemon that everything is asked of.
    var daemon: Daemon { daemons[0] }

    /// Starts everything and waits until the daemon has nothing to do.
    static func start(_ plan: Plan, on stage: Stage) async throws -> Rig {
        // As docs/deployment.md recommends where much is sent.
        let broker = try Broker(on: stage, environment: ["GOGC=400", "GOMAXPROCS=1"])
        try await broker.start()
        let (database, url) = try await database(plan.kind, on: stage)
        let workers = try Workers(natsURL: broker.url, on: stage, programs: plan.programs)
        let rebuild = Launch(
            "sagad rebuild-views",
            [try plan.programs.path("sagad"), "rebuild-views", "--database-url", url],
            logFile: stage.path("rebuild-views.log"))
        var rig = Rig(
            kind: plan.kind, broker: broker, database: database, url: url, daemons: [],
            workers: workers, plan: plan, rebuild: rebuild, stage: stage)
        try await rig.addDaemon()
        if plan.startsWorkers { try await workers.start() }
        return rig
    }

    /// A database of that kind, with its server where it has one.
    private static func database(
        _ kind: StoreKind, on stage: Stage
    ) async throws -> (DatabaseServer?, url: String) {
        guard kind.isShared else { return (nil, "sqlite:\(stage.path("sagad.db"))") }
        let server = try await DatabaseServer(on: stage)
        try await server.start()
        try await server.createDatabase("bench")
        let url = server.url(database: "bench")
        switch kind {
        case .postgresql, .sqlite: return (server, url)
        case .postgresqlSerializable:
            let option = "-c%20default_transaction_isolation%3Dserializable"
            return (server, "\(url)?options=\(option)")
        }
    }

    /// Starts one more daemon on the same database and broker, and waits until it has nothing to do.
    mutating func addDaemon() async throws {
        let daemon = try Daemon(
            .serve,
            settings: [
                ("database-url", url), ("nats-url", broker.url), ("log-level", "warning"),
            ] + plan.settings,
            on: stage, programs: definitions)
        try await daemon.startReady()
        daemons.append(daemon)
        readers.append(SagaReader(port: daemon.port))
        try await rest()
    }

    /// Waits until daemons that have started have compared the streams with the event store: what is
    /// measured is not how they start.
    func rest() async throws {
        try await eventually(
            within: Self.patience, pause: .milliseconds(100), "the streams are compared"
        ) { try await metric("sagad_streams_uncompared") == 0 }
    }

    private var definitions: Programs {
        var programs = plan.programs
        if let sagas = plan.sagas { programs.sagas = sagas }
        return programs
    }

    /// Fails where a process has ended by itself.
    func checkRunning() async throws {
        for daemon in daemons { try await daemon.checkRunning() }
        try await workers.checkRunning()
    }

    /// The sum of a metric over all daemons.
    func metric(_ name: String) async throws -> Double {
        var sum = 0.0
        for reader in readers { sum += try await reader.metric(name) }
        return sum
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
        var ours = 0.0
        for daemon in daemons {
            if let pid = await daemon.pid { ours += ProcessFigures.cpuSeconds(ofFamily: pid) }
        }
        times.append(("sagad", ours))
        add("order-workers", await workers.pid)
        if let database { add("postgres", await database.pid) }
        add("nats-server", await broker.pid)
        times.append(("the load itself", ProcessFigures.of(getpid())?.cpuSeconds ?? 0))
        return times
    }
}
