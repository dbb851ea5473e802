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
            everything on this machine, the load included. Prints a table, and one line of JSON. \
            The parts, which --only chooses, are saturation, latency, rejections, intake, \
            daemons, waiting, appends and rebuild, and, only where they are named, limit, \
            growth and peers; docs/performance.md says what each does.
            """)

    @Option(help: "Only these parts, parted by commas.")
    var only: String?

    @Option(help: "How many orders are posted as fast as they are taken.")
    var orders = 20_000

    @Option(help: "How many connections post them.")
    var connections = 256

    @Option(help: "The most sagas that are on their way meanwhile.")
    var inFlight = 2048

    @Option(help: "Orders per second of the part at fixed rates, parted by commas.")
    var rates = "20,100,500,1000"

    @Option(help: "How long each rate up to 100 takes, in seconds, and higher ones half as long.")
    var seconds = 10

    @Option(help: "How many orders are posted while no participant answers.")
    var intakeOrders = 10_000

    @Option(help: "How many sagas wait for a day.")
    var waiting = 100_000

    @Option(help: "How often daemon and floor take turns in the part limit.")
    var rounds = 3

    @Option(help: "How many finished sagas are in the tables in the part growth, by commas.")
    var grown = "10000,1000000,5000000"

    @Option(help: "How many sagas each peer runs in the part peers.")
    var peerSagas = 600

    @Option(help: "The folder of the peers' programs.")
    var peers = "Sources/BenchPeers"

    @Option(help: "The Python that has the peers.")
    var python = "python3"

    @Option(help: "How many gRPC clients append events at once, after one alone.")
    var appendClients = 16

    @Option(help: "How long one and several append, in seconds each.")
    var appendSeconds = 8

    @Option(help: "Only postgresql, postgresql-serializable or sqlite.")
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
        let counts = [
            orders, connections, inFlight, seconds, intakeOrders, waiting, rounds, peerSagas,
        ]
        guard (counts + [appendClients, appendSeconds]).allSatisfy({ $0 > 0 }) else {
            throw ValidationError("expected numbers above zero")
        }
        _ = try parts()
        _ = try rateList()
        _ = try grownList()
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
        let bench = Bench(
            parts: try parts(), rates: try rateList(), seconds: seconds, orders: orders,
            connections: connections, inFlight: inFlight, intakeOrders: intakeOrders,
            waiting: waiting, rounds: rounds, grown: try grownList(),
            peers: Peers.Setup(folder: peers, python: python, sagas: peerSagas),
            appendClients: appendClients,
            appendSeconds: appendSeconds,
            settings: daemonSettings, programs: try Programs.find(folder: programs))
        let machine = try await Stage.run("bench") { try await Machine.describe($0) }
        var stores: [StoreFigures] = []
        for kind in store.map({ [$0] }) ?? StoreKind.allCases {
            Terminal.complain("measuring on \(kind.title)")
            stores.append(try await bench.run(kind))
        }
        return BenchFigures(machine: machine, stores: stores)
    }

    private func parts() throws -> Set<BenchPart> {
        try only.map(BenchPart.list) ?? BenchPart.usual
    }

    private func rateList() throws -> [Double] {
        let rates = rates.split(separator: ",").map { Double($0) ?? 0 }
        guard !rates.isEmpty, rates.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw ValidationError("expected --rates as numbers above zero, found '\(self.rates)'")
        }
        return rates.sorted()
    }

    private func grownList() throws -> [Int] {
        let levels = grown.split(separator: ",").map { Int($0) ?? 0 }
        guard !levels.isEmpty, levels.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("expected --grown as numbers above zero, found '\(grown)'")
        }
        return levels.sorted()
    }

    private var daemonSettings: [(name: String, value: String)] {
        settings.map { setting in
            let parts = setting.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
    }
}
