import BenchLimit
import FoundationEssentials
import LoadClient
import SagaCore

/// The daemon and the floor under it in turns, on one database and one broker.
struct Limit: Sendable {
    let plan: Rig.Plan
    let orders: Int
    let rounds: Int
    let connections: Int
    let inFlight: Int

    /// As many as the daemon has by itself.
    private static let lanes = 2

    func run(_ recording: Recording, on stage: Stage) async throws -> LimitFigures {
        let file = stage.path("recording.json")
        try Data(recording.json.jsonBytes).write(to: URL(filePath: file))
        let rig = try await Rig.start(plan, on: stage)
        try await load(rig).run(seed: 1)
        var figures = LimitFigures()
        for round in 0..<rounds {
            figures.daemon.append(try await load(rig).run(seed: 70 + UInt64(round)))
            await rig.daemon.stop()
            await rig.workers.stop()
            figures.floor.append(try await floor(rig, file, round, on: stage))
            guard round < rounds - 1 else { break }
            try await rig.daemon.startReady()
            try await rig.rest()
            try await rig.workers.start()
        }
        return figures
    }

    private func load(_ rig: Rig) -> Saturation {
        Saturation(rig: rig, orders: orders, connections: connections, inFlight: inFlight)
    }

    private func floor(
        _ rig: Rig, _ recording: String, _ round: Int, on stage: Stage
    ) async throws -> FloorRun {
        let program = try plan.programs.path("sagad-bench-limit")
        let participants = try await stage.start(
            Launch(
                "sagad-bench-limit participants",
                [
                    program, "participants", "--nats-url", rig.broker.url, "--ledger",
                    rig.workers.ledgerFile, "--recording", recording,
                ], logFile: stage.path("limit-participants.log")))
        let log = stage.path("limit-\(round).log")
        let launch = Launch(
            "sagad-bench-limit store",
            [
                program, "store", "--database-url", rig.url, "--nats-url", rig.broker.url,
                "--recording", recording, "--sagas", "\(orders)", "--first", "\(round * orders)",
                "--in-flight", "\(inFlight)", "--lanes", "\(Self.lanes)",
            ], logFile: log)
        let before = await times(rig, participants)
        let child = try await stage.start(launch)
        try await eventually(within: Rig.patience, "the floor's sagas have ended") {
            child.end != nil || Self.figures(in: log) != nil
        }
        // As with the daemon: what follows the last end, such as views, is not counted.
        let after = await times(rig, participants)
        let end = await child.wait()
        let state = participants.end
        await participants.stop()
        guard end == .status(0), state == nil else {
            throw LaunchFailure(
                description: "\(launch.name) \(end); its log ends:\n\(tail(of: log))\n"
                    + tail(of: participants.launch.logFile))
        }
        return try FloorRun(
            Self.figures(in: log) ?? .null,
            others: ProcessCost.costs(from: before, to: after, for: orders))
    }

    /// The line of figures, once it is there whole.
    private static func figures(in log: String) -> Value? {
        try? Value(json: Array(tail(of: log, lines: 1).utf8))
    }

    private func times(
        _ rig: Rig, _ participants: ChildProcess
    ) async -> [(process: String, seconds: Double)] {
        var times = [
            ("participants", ProcessFigures.cpuSeconds(ofFamily: participants.pid))
        ]
        if let pid = await rig.database?.pid {
            times.append(("postgres", ProcessFigures.cpuSeconds(ofFamily: pid)))
        }
        if let pid = await rig.broker.pid {
            times.append(("nats-server", ProcessFigures.cpuSeconds(ofFamily: pid)))
        }
        return times
    }
}

/// The daemon beside its floor.
struct LimitFigures: Sendable {
    var daemon: [SaturationFigures] = []
    var floor: [FloorRun] = []

    /// Sagas per second of the daemon for each of the floor's, by the medians of all rounds.
    var ratio: Double {
        Self.median(daemon.map(\.perSecond)) / max(Self.median(floor.map(\.perSecond)), 1)
    }

    /// The middle one; of an even number the lower of the two.
    static func median(_ numbers: [Double]) -> Double {
        numbers.isEmpty ? 0 : numbers.sorted()[(numbers.count - 1) / 2]
    }
}

/// One run of the floor.
struct FloorRun: Sendable, Throughput {
    var count: Int
    var elapsed: Duration
    var costs: [ProcessCost]
    /// How many transactions stored starts or transitions.
    var commits: Int

    /// What the floor says of itself, beside what the others took.
    init(_ json: Value, others: [ProcessCost]) throws {
        guard let count = json["sagas"]?.whole, let seconds = json["seconds"]?.number,
            let processor = json["processor_seconds"]?.number,
            let commits = json["commits"]?.whole
        else { throw LaunchFailure(description: "the floor's figures cannot be read: \(json)") }
        self.init(
            count: Int(count), elapsed: .seconds(seconds),
            costs: [
                ProcessCost(
                    process: "the store half", microseconds: processor * 1e6 / Double(count))
            ] + others, commits: Int(commits))
    }

    init(count: Int, elapsed: Duration, costs: [ProcessCost], commits: Int) {
        self.count = count
        self.elapsed = elapsed
        self.costs = costs
        self.commits = commits
    }
}

extension Value {
    /// The number, whole or not.
    var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        case .null, .bool, .string, .list, .map, .timestamp, .duration: nil
        }
    }
}
