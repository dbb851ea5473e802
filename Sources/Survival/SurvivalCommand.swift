package import ArgumentParser
import LoadClient

/// Runs orders while the daemon, its database and its broker are struck in every way of ``Part``, and
/// holds what is left against what must be.
package struct SurvivalCommand: AsyncParsableCommand {
    /// What the help says.
    package static let configuration = CommandConfiguration(
        commandName: "sagad-survival",
        abstract: "Runs orders while the daemon, its database and its broker are struck.",
        discussion: """
            Starts a nats-server, a database, `sagad serve` and `order-workers` of its own, posts \
            orders, and strikes meanwhile. Then every order, every debit and every event is counted.

              kills        the daemon is killed (SIGKILL) and started again at once
              restarts     the database and the broker crash; the daemon is left alone
              gaps         the daemon is killed right after answers, between storing and publishing
              deletions    the broker's streams are deleted while all orders are on their way
              disconnects  PostgreSQL terminates all of the daemon's connections
              wipes        the broker is killed, and its storage deleted while it is down
              stops        the daemon is stopped (SIGSTOP) for 40 s; on PostgreSQL one of two
              pairs        of two daemons either is killed, and in the end one stays away
              fills        the broker's disk is full: a tmpfs, or else a file size limit
              cuts         a proxy cuts, stalls and falsifies commits on their way to PostgreSQL

            Exit status: 0 all is as it must be, 1 something is not, or a program failed.
            """)

    @Option(help: "How many orders are posted in each part.")
    var orders = 4000

    @Option(help: "How often each part strikes; each has a number of its own where it is left out.")
    var strikes: Int?

    @Option(help: "What orders and moments are drawn from; drawn itself where it is left out.")
    var seed: UInt64?

    @Option(help: "Where the sagas are kept: postgresql, sqlite or both.")
    var store = StoreChoice.both

    @Option(help: "What is done: one of the parts above, or all.")
    var part = PartChoice.all

    @Option(help: "How many connections post orders.")
    var connections = Trial.usualConnections

    @Option(
        name: .customLong("setting"),
        help: "A setting of the daemon as NAME=VALUE, such as coordinator-lanes=1; repeatable.")
    var settings: [String] = []

    @Option(help: "The folder of the programs, where it is not this program's own.")
    var programs: String?

    @Flag(
        help:
            "Fills no tmpfs: the full disk is a file size limit, also where mounting is permitted.")
    var noMount = false

    @Flag(help: "Keeps the folder with databases and logs; it is kept anyway where a check fails.")
    var keep = false

    /// The arguments, all by default.
    package init() {}

    /// Reads the process's arguments, runs, and ends the process where something is not as it must.
    package static func runAsProgram() async { await main() }

    /// Checks the arguments.
    package func validate() throws {
        guard orders > 0, connections > 0, strikes ?? 0 >= 0 else {
            throw ValidationError("expected numbers above zero")
        }
        if trials.isEmpty {
            throw ValidationError("this part is not tried on SQLite: choose --store postgresql")
        }
        if let wrong = settings.first(where: { !$0.contains("=") }) {
            throw ValidationError("expected --setting NAME=VALUE, found '\(wrong)'")
        }
    }

    /// Runs the parts one after the other, and prints what was seen of each.
    package func run() async throws {
        do {
            let isSound = try await untilInterrupted { try await runAll() }
            if !isSound { throw ExitCode.failure }
        } catch let interrupted as Interrupted {
            throw ExitCode(interrupted.exitCode)
        } catch let failure as LaunchFailure {
            Terminal.complain("sagad-survival: \(failure)")
            throw ExitCode.failure
        } catch let failure as CallFailure {
            Terminal.complain("sagad-survival: \(failure)")
            throw ExitCode.failure
        }
    }

    private func runAll() async throws -> Bool {
        let programs = try Programs.find(folder: programs)
        let seed = seed ?? UInt64.random(in: 1...999_999)
        var reports: [SurvivalReport] = []
        for (part, store) in trials {
            let trial = trial(part, on: store, seed: seed)
            Terminal.complain("running: \(trial.title)")
            let report = try await trial.run(programs: programs)
            report.print(on: .output)
            reports.append(report)
        }
        Terminal.output.line()
        for report in reports { Terminal.output.line(report.row) }
        return reports.allSatisfy(\.isSound)
    }

    /// Each part with each store where it can be tried.
    private var trials: [(Part, StoreKind)] {
        store.kinds.flatMap { store in
            part.parts.filter { $0.stores.contains(store) }.map { ($0, store) }
        }
    }

    private func trial(_ part: Part, on store: StoreKind, seed: UInt64) -> Trial {
        var trial = Trial(store, part, orders: orders, seed: seed)
        if let strikes { trial.strikes = strikes }
        trial.connections = connections
        trial.keepsFolder = keep
        trial.mayMount = !noMount
        trial.settings = settings.map { setting in
            let parts = setting.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        return trial
    }
}

/// Which stores are tried.
package enum StoreChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// PostgreSQL only.
    case postgresql
    /// SQLite only.
    case sqlite
    /// One after the other.
    case both

    var kinds: [StoreKind] {
        switch self {
        case .postgresql: [.postgresql]
        case .sqlite: [.sqlite]
        case .both: StoreKind.allCases
        }
    }
}

/// Which parts are run.
package enum PartChoice: Sendable, Equatable, ExpressibleByArgument {
    /// One after the other.
    case all
    /// That one.
    case one(Part)

    /// The part of that name, or `all`.
    package init?(argument: String) {
        if argument == "all" {
            self = .all
        } else {
            guard let part = Part(rawValue: argument) else { return nil }
            self = .one(part)
        }
    }

    /// All names.
    package static var allValueStrings: [String] { Part.allCases.map(\.rawValue) + ["all"] }

    /// The name of `all`, as the help says it.
    package var defaultValueDescription: String {
        switch self {
        case .all: "all"
        case .one(let part): part.rawValue
        }
    }

    var parts: [Part] {
        switch self {
        case .all: Part.allCases
        case .one(let part): [part]
        }
    }
}
