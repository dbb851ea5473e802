import Glibc

/// A `sagad` process that can be killed and started again over the same state.
package actor Daemon {
    /// What it runs as.
    package enum Command: String, Sendable {
        /// `sagad serve`.
        case serve
        /// `sagad dev`.
        case dev
    }

    /// Its HTTP port, the same through all restarts.
    package nonisolated let port: Int
    /// Its gRPC port, the same through all restarts.
    package nonisolated let grpcPort: Int
    /// Where its output goes.
    package nonisolated let logFile: String
    private let launch: Launch
    private let stage: Stage
    private var child: ChildProcess?

    /// A daemon that is not started yet.
    ///
    /// - Parameter settings: flags without their dashes, such as `("nats-url", "nats://…")`.
    package init(
        _ command: Command, settings: [(name: String, value: String)], on stage: Stage,
        programs: Programs
    ) throws(LaunchFailure) {
        port = try Ports.free()
        grpcPort = try Ports.free()
        logFile = stage.path("sagad.log")
        let all =
            [
                ("http-listen", "127.0.0.1:\(port)"), ("grpc-listen", "127.0.0.1:\(grpcPort)"),
                ("sagas-directory", programs.sagas),
            ] + settings
        launch = Launch(
            "sagad \(command.rawValue)",
            [try programs.path("sagad"), command.rawValue] + all.flatMap { ["--\($0.0)", $0.1] },
            logFile: logFile)
        self.stage = stage
    }

    /// The process that runs now.
    package var pid: Int32? { child?.end == nil ? child?.pid : nil }

    /// Starts it, and does not wait until it is ready.
    package func start() async throws { child = try await stage.start(launch) }

    /// Starts it and waits until `/readyz` says so.
    package func startReady(within limit: Duration = .seconds(30)) async throws {
        try await start()
        try await waitUntilReady(within: limit)
    }

    /// Waits until `/readyz` answers 200.
    ///
    /// - Throws: where it ends by itself or takes too long, with the end of its log.
    package func waitUntilReady(
        within limit: Duration = .seconds(30), pause: Duration = Caller.pause
    ) async throws {
        let caller = Caller(port: port)
        var answer = "nothing"
        let deadline = ContinuousClock.now + limit
        while true {
            do throws(CallFailure) {
                let response = try await caller.call(.get("/readyz"), limit: .seconds(5))
                if response.status == 200 { return }
                answer = "\(response.status) \(response.text)"
            } catch { answer = "\(error)" }
            if let end = child?.end { throw failure("\(end) before it was ready") }
            guard ContinuousClock.now < deadline else {
                throw failure("was not ready in \(limit); /readyz: \(answer)")
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Kills it (SIGKILL).
    ///
    /// - Throws: where it had ended by itself, which it must not.
    package func kill() async throws {
        guard let child else { return }
        if let end = child.end { throw failure("\(end) by itself") }
        // Others may ask meanwhile whether it runs: it need not, from now on.
        self.child = nil
        await child.kill()
    }

    /// Stops it in an orderly way.
    @discardableResult
    package func stop() async -> ChildProcess.End? { await child?.stop() }

    /// Has it stand still (SIGSTOP), as a machine does that is suspended.
    package func hold() { child?.send(SIGSTOP) }

    /// Has it go on (SIGCONT).
    package func letGo() { child?.send(SIGCONT) }

    /// Waits for its end.
    package func wait() async -> ChildProcess.End? { await child?.wait() }

    /// Fails where it has ended by itself.
    package func checkRunning() throws {
        if let end = child?.end { throw failure("\(end) by itself") }
    }

    private func failure(_ what: String) -> LaunchFailure {
        LaunchFailure(
            description: "\(launch.name) \(what); its log ends:\n\(tail(of: logFile))")
    }
}
