import FoundationEssentials
import Glibc

/// A nats-server with JetStream of our own; can be killed and started again on its port.
package actor Broker {
    /// Where it listens, the same through all restarts.
    package nonisolated let url: String
    /// The disk of its own that its streams are on; nil where they are in the stage's folder.
    package nonisolated let disk: SmallDisk?
    private let port: Int
    private let storage: String
    private let launch: Launch
    private let stage: Stage
    private var child: ChildProcess?

    /// A broker that is not started yet, with its streams in the stage's folder, or on a disk that
    /// can be filled.
    package init(
        on stage: Stage, program: String = "nats-server", environment: [String] = [],
        disk: SmallDisk? = nil
    ) throws(LaunchFailure) {
        port = try Ports.free()
        url = "nats://127.0.0.1:\(port)"
        storage = disk?.folder ?? stage.path("jetstream")
        var launch = Launch(
            "nats-server",
            (disk?.entry ?? [])
                + [program, "-a", "127.0.0.1", "-p", "\(port)", "-js", "-sd", storage],
            logFile: stage.path("nats-server.log"))
        launch.environment = environment
        self.disk = disk
        self.launch = launch
        self.stage = stage
    }

    /// The process that runs now.
    package var pid: Int32? { child?.end == nil ? child?.pid : nil }

    /// Starts it and waits until it accepts connections.
    package func start() async throws {
        let child = try await stage.start(launch)
        self.child = child
        try await eventually(within: .seconds(20), "nats-server accepts connections") {
            if let end = child.end {
                throw LaunchFailure(
                    description: "nats-server \(end); its log ends:\n\(tail(of: launch.logFile))")
            }
            return Ports.accepts(port)
        }
    }

    /// Kills it (SIGKILL) and starts it again.
    ///
    /// - Parameter losingStorage: whether the folder of its streams is deleted in between.
    package func crash(losingStorage: Bool = false) async throws {
        await child?.kill()
        if losingStorage { try FileManager.default.removeItem(atPath: storage) }
        try await start()
    }
}

/// The order participants as a process of their own.
package actor Workers {
    /// The SQLite file of their ledger.
    package nonisolated let ledgerFile: String
    private let launch: Launch
    private let stage: Stage
    private var child: ChildProcess?

    /// Participants that are not started yet: all, or one of `payment` and `review`.
    package init(
        natsURL: String, only role: String? = nil, on stage: Stage, programs: Programs
    ) throws(LaunchFailure) {
        ledgerFile = stage.path("workers.db")
        launch = Launch(
            "order-workers",
            [
                try programs.path("order-workers"), "--nats-url", natsURL, "--database",
                ledgerFile,
            ] + (role.map { ["--only", $0] } ?? []),
            logFile: stage.path("order-workers.log"))
        self.stage = stage
    }

    /// The process that runs now.
    package var pid: Int32? { child?.end == nil ? child?.pid : nil }

    /// Starts them.
    package func start() async throws { child = try await stage.start(launch) }

    /// Stops them in an orderly way.
    @discardableResult
    package func stop() async -> ChildProcess.End? { await child?.stop() }

    /// Has them stand still, as a machine does that is too busy.
    package func hold() { child?.send(SIGSTOP) }

    /// Has them go on.
    package func letGo() { child?.send(SIGCONT) }

    /// Fails where they have ended by themselves.
    package func checkRunning() throws {
        guard let end = child?.end else { return }
        throw LaunchFailure(
            description: "order-workers \(end) by itself; its log ends:\n"
                + tail(of: launch.logFile))
    }
}
