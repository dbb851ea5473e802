import LoadClient
import SagaCore

/// The same order saga on the peers that PyPI has, on the same PostgreSQL and the same nats-server
/// as the daemon just before.
struct Peers: Sendable {
    /// Where the peers are, and how much they do.
    struct Setup: Sendable {
        /// The folder of their programs.
        var folder: String
        /// The Python that has them.
        var python: String
        /// How many sagas each runs.
        var sagas: Int
    }

    let plan: Rig.Plan
    let setup: Setup
    let orders: Int
    let connections: Int
    let inFlight: Int

    private static let names = ["dbos", "natsaga"]

    func run(on stage: Stage) async throws -> PeersFigures {
        let rig = try await Rig.start(plan, on: stage)
        func load(_ orders: Int) -> Saturation {
            Saturation(rig: rig, orders: orders, connections: connections, inFlight: inFlight)
        }
        try await load(Saturation.warmUp).run(seed: 1)
        let daemon = try await load(orders).run(seed: 90)
        await rig.daemon.stop()
        await rig.workers.stop()
        var runs: [PeerRun] = []
        for name in Self.names { runs.append(try await run(name, rig, on: stage)) }
        return PeersFigures(daemon: daemon, runs: runs)
    }

    private func run(_ name: String, _ rig: Rig, on stage: Stage) async throws -> PeerRun {
        let log = stage.path("peer-\(name).log")
        let launch = Launch(
            name,
            [
                setup.python, "\(setup.folder)/\(name)_peer.py", "--postgres-url",
                String(rig.url.prefix { $0 != "?" }), "--nats-url", rig.broker.url, "--sagas",
                "\(setup.sagas)",
            ], logFile: log)
        let before = await times(rig)
        let end = await (try await stage.start(launch)).wait()
        let after = await times(rig)
        guard end == .status(0) else {
            throw LaunchFailure(description: "\(name) \(end); its log ends:\n\(tail(of: log))")
        }
        return try PeerRun(
            Value(json: Array(tail(of: log, lines: 1).utf8)),
            others: ProcessCost.costs(from: before, to: after, for: setup.sagas))
    }

    private func times(_ rig: Rig) async -> [(process: String, seconds: Double)] {
        await rig.processorTimes().filter { ["postgres", "nats-server"].contains($0.process) }
    }
}

/// The daemon beside its peers.
struct PeersFigures: Sendable {
    var daemon: SaturationFigures
    var runs: [PeerRun]
}

/// One peer's run.
struct PeerRun: Sendable, Throughput {
    var name: String
    var count: Int
    var elapsed: Duration
    var costs: [ProcessCost]

    /// What the peer says of itself, beside what the servers took for it.
    ///
    /// - Throws: where it did not complete all of its sagas.
    init(_ json: Value, others: [ProcessCost]) throws {
        guard let name = json["peer"]?.text, let count = json["sagas"]?.whole,
            let seconds = json["seconds"]?.number, let cost = json["cpu_us_per_saga"]?.number
        else { throw LaunchFailure(description: "a peer's figures cannot be read: \(json)") }
        guard json["completed"]?.whole == count else {
            throw LaunchFailure(description: "\(name) did not complete its sagas: \(json)")
        }
        self.name = name
        self.count = Int(count)
        elapsed = .seconds(seconds)
        costs = [ProcessCost(process: name, microseconds: cost)] + others
    }
}
