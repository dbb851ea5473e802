package import ArgumentParser
import Glibc
import LoadClient

/// Measures how many order sagas complete per second, how long one takes, what it costs, how fast
/// events are appended over gRPC, and how the read model keeps up.
package struct BenchCommand: AsyncParsableCommand {
    /// What the help says.
    package static let configuration = CommandConfiguration(
        commandName: "sagad-bench",
        abstract: "Measures how many order sagas complete per second and how long one takes.",
        discussion: """
            Starts a nats-server, a database, `sagad serve` and `order-workers` of its own, with \
            everything on this machine, the load included. First orders come at a fixed rate, \
            then as fast as they are taken while a bounded number of sagas is on its way. \
            Meanwhile it is looked how far the views lag behind. Then one gRPC client appends \
            events, then several; and at last all views are made anew. Prints a table, and one \
            line of JSON.
            """)

    @Option(help: "How many orders are posted as fast as they are taken; 0 leaves this out.")
    var orders = 20_000

    @Option(help: "How many connections post them.")
    var connections = 256

    @Option(help: "The most sagas that are on their way meanwhile.")
    var inFlight = 2048

    @Option(help: "Orders per second of the part at a fixed rate.")
    var rate = 100.0

    @Option(help: "How long that part takes, in seconds; 0 leaves it out.")
    var seconds = 20

    @Option(help: "How many gRPC clients append events at once, after one alone.")
    var appendClients = 16

    @Option(help: "How long one and several append, in seconds each; 0 leaves it out.")
    var appendSeconds = 8

    @Flag(inversion: .prefixedNo, help: "Whether all views are made anew in the end.")
    var rebuild = true

    @Option(help: "Only postgresql or sqlite; both where it is left out.")
    var store: StoreKind?

    @Option(
        name: .customLong("setting"),
        help: "A setting of the daemon as NAME=VALUE, such as coordinator-lanes=1; repeatable.")
    var settings: [String] = []

    @Option(help: "The folder of the programs, where it is not this program's own.")
    var programs: String?

    /// The arguments, all by default.
    package init() {}

    /// Runs as the process's arguments say, and ends the process with its exit status.
    package static func runAsProgram() async { await main() }

    /// Checks the arguments.
    package func validate() throws {
        guard orders >= 0, connections > 0, inFlight > 0, rate > 0, seconds >= 0,
            appendClients > 0, appendSeconds >= 0
        else {
            throw ValidationError("expected numbers above zero")
        }
        if let wrong = settings.first(where: { !$0.contains("=") }) {
            throw ValidationError("expected --setting NAME=VALUE, found '\(wrong)'")
        }
    }

    /// Measures, then prints.
    package func run() async throws {
        do {
            let figures = try await untilInterrupted { try await measure() }
            BenchReport(figures).print(on: .output)
        } catch let interrupted as Interrupted {
            throw ExitCode(interrupted.exitCode)
        } catch let failure as LaunchFailure {
            Terminal.complain("sagad-bench: \(failure)")
            throw ExitCode.failure
        } catch let failure as CallFailure {
            Terminal.complain("sagad-bench: \(failure)")
            throw ExitCode.failure
        }
    }

    private func measure() async throws -> BenchFigures {
        let programs = try Programs.find(folder: programs)
        let machine = try await Stage.run("bench") { try await Machine.describe($0) }
        var stores: [StoreFigures] = []
        for kind in store.map({ [$0] }) ?? StoreKind.allCases {
            Terminal.complain("measuring on \(kind.title)")
            let figures = try await Stage.run("bench-\(kind.rawValue)") { stage in
                let rig = try await Rig.start(
                    kind, settings: daemonSettings, on: stage, programs: programs)
                return try await measure(rig)
            }
            stores.append(figures)
        }
        return BenchFigures(machine: machine, stores: stores)
    }

    private func measure(_ rig: Rig) async throws -> StoreFigures {
        try await Saturation(
            rig: rig, orders: Saturation.warmUp, connections: connections, inFlight: inFlight
        ).run(seed: 1)
        var figures = StoreFigures(kind: rig.kind)
        if seconds > 0 {
            figures.fixedRate = try await FixedRate(rig: rig, rate: rate, seconds: seconds).run()
        }
        if orders > 0 {
            figures.saturation = try await Saturation(
                rig: rig, orders: orders, connections: connections, inFlight: inFlight
            ).run(seed: 3)
        }
        if appendSeconds > 0 { figures.appends = try await appends(rig) }
        if rebuild { figures.projection = try await Projection(rig: rig).run() }
        return figures
    }

    private func appends(_ rig: Rig) async throws -> [AppendFigures] {
        let (alone, together) = (1, appendClients)
        _ = try await Appending(rig: rig, clients: together, seconds: Appending.warmUp).run("warm")
        return [
            try await Appending(rig: rig, clients: alone, seconds: appendSeconds).run("alone"),
            try await Appending(rig: rig, clients: together, seconds: appendSeconds).run(
                "together"),
        ]
    }

    private var daemonSettings: [(name: String, value: String)] {
        settings.map { setting in
            let parts = setting.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
    }
}

/// Where the sagas are kept.
package enum StoreKind: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// PostgreSQL, with fsync on.
    case postgresql
    /// One SQLite file.
    case sqlite

    /// As tables name it.
    var title: String {
        switch self {
        case .postgresql: "PostgreSQL"
        case .sqlite: "SQLite"
        }
    }
}
