package import ArgumentParser
import LoadClient

/// Runs orders while the daemon, its database and its broker are killed and streams deleted, and
/// holds what is left against what must be.
package struct SurvivalCommand: AsyncParsableCommand {
    /// What the help says.
    package static let configuration = CommandConfiguration(
        commandName: "sagad-survival",
        abstract: "Runs orders while the daemon, its database and its broker are killed.",
        discussion: """
            Starts a nats-server, a database, `sagad serve` and `order-workers` of its own. One \
            part kills the daemon (SIGKILL) at random moments and starts it again at once; \
            another crashes the database and the broker and leaves the daemon alone; a third kills \
            the daemon right after answers, between storing and publishing; the last deletes the \
            broker's streams while all orders are on their way. Then every order, every debit and \
            every event is counted.

            Exit status: 0 all is as it must be, 1 something is not, or a program failed.
            """)

    @Option(help: "How many orders are posted in each part.")
    var orders = 4000

    @Option(help: "How often the daemon is killed.")
    var kills = 10

    @Option(help: "How often each server is restarted.")
    var restarts = 2

    @Option(help: "How often the daemon is killed between storing and publishing.")
    var gaps = 100

    @Option(help: "How often every stream is deleted.")
    var deletions = 1

    @Option(help: "What orders and moments are drawn from; drawn itself where it is left out.")
    var seed: UInt64?

    @Option(help: "Where the sagas are kept: postgresql, sqlite or both.")
    var store = StoreChoice.both

    @Option(
        help: """
            What is struck: kills (the daemon), restarts (database and broker), gaps (the daemon, \
            between storing and publishing), deletions (streams) or all.
            """)
    var part = PartChoice.all

    @Option(help: "How many connections post orders.")
    var connections = Trial.usualConnections

    @Option(
        name: .customLong("setting"),
        help: "A setting of the daemon as NAME=VALUE, such as coordinator-lanes=1; repeatable.")
    var settings: [String] = []

    @Option(help: "The folder of the programs, where it is not this program's own.")
    var programs: String?

    @Flag(help: "Keeps the folder with databases and logs; it is kept anyway where a check fails.")
    var keep = false

    /// The arguments, all by default.
    package init() {}

    /// Reads the process's arguments, runs, and ends the process where something is not as it must.
    package static func runAsProgram() async { await main() }

    /// Checks the arguments.
    package func validate() throws {
        guard orders > 0, connections > 0,
            [kills, restarts, gaps, deletions].allSatisfy({ $0 >= 0 })
        else {
            throw ValidationError("expected numbers above zero")
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
        var isSound = true
        for store in store.kinds {
            for part in part.parts {
                let trial = trial(part, on: store, seed: seed)
                Terminal.complain("running: \(trial.title)")
                let report = try await trial.run(programs: programs)
                report.print(on: .output)
                isSound = isSound && report.isSound
            }
        }
        return isSound
    }

    private func trial(_ part: Part, on store: StoreKind, seed: UInt64) -> Trial {
        var trial = Trial(store, part, orders: orders, seed: seed)
        switch part {
        case .kills: trial.strikes = kills
        case .restarts: trial.strikes = restarts
        case .gaps: trial.strikes = gaps
        case .deletions: trial.strikes = deletions
        }
        trial.connections = connections
        trial.keepsFolder = keep
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
package enum PartChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// The daemon is killed.
    case kills
    /// Database and broker are restarted.
    case restarts
    /// The daemon is killed between storing and publishing.
    case gaps
    /// Streams are deleted.
    case deletions
    /// One after the other.
    case all

    var parts: [Part] {
        switch self {
        case .kills: [.kills]
        case .restarts: [.restarts]
        case .gaps: [.gaps]
        case .deletions: [.deletions]
        case .all: Part.allCases
        }
    }
}
