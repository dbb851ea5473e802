package import ArgumentParser
import Foundation
package import SagaTool

/// `sagactl`: the tool of authors and operators.
package struct SagactlProgram: ParsableCommand {
    /// What the help says.
    package static let configuration = CommandConfiguration(
        commandName: "sagactl",
        abstract: "Writes, tests, runs and operates sagas.",
        discussion: """
            Exit status: 0 as asked and nothing is wrong, 1 something was found or the server \
            refused, 2 wrong usage, 3 the server does not answer.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Author",
                subcommands: Sagactl.configuration.subcommands),
            CommandGroup(
                name: "Operator",
                subcommands: [
                    StartCommand.self, ListCommand.self, ShowCommand.self, WatchCommand.self,
                    TasksCommand.self, OutcomeCommand.self, PlanCommand.self, RecordCommand.self,
                    CancelCommand.self, RetryCommand.self, SettleCommand.self, DebtCommand.self,
                    DeadCommand.self, ClusterCommand.self, FaultCommand.self, SweepCommand.self,
                    DefinitionsCommand.self,
                ]),
            CommandGroup(
                name: "Participant", subcommands: [PlayCommand.self, ConformCommand.self]),
        ])

    /// The arguments, all by default.
    package init() {}

    /// Runs as the process's arguments say, and ends the process with its exit status.
    package static func runAsProgram() async -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let status = await status(for: arguments, on: .standard)
        Foundation.exit(status.rawValue)
    }

    /// Runs as the arguments say, and tells how it ended.
    package static func status(for arguments: [String], on console: Console) async -> ExitStatus {
        do {
            switch try parseAsRoot(arguments) {
            case let command as any ReportingCommand: return console.show(command.report())
            case let command as any OperatorCommand: return try await command.perform(on: console)
            case let command as PlayCommand: return try await command.perform(on: console)
            case let command as SweepCommand: return try await command.perform(on: console)
            case let command as ConformCommand: return try await command.perform(on: console)
            default:
                console.write(helpMessage() + "\n")
                return .fine
            }
        } catch let problem as ServerProblem {
            console.complain(problem.message + "\n")
            return problem.status
        } catch let problem as UsageProblem {
            return console.show(.wrongUsage(problem.message))
        } catch {
            let message = fullMessage(for: error) + "\n"
            let isAsked = exitCode(for: error) == .success
            isAsked ? console.write(message) : console.complain(message)
            return isAsked ? .fine : .wrongUsage
        }
    }
}

/// Where a command's words go.
package struct Console: Sendable {
    /// Takes what was asked for.
    package var write: @Sendable (String) -> Void
    /// Takes what went wrong, and remarks.
    package var complain: @Sendable (String) -> Void

    /// A console that gives its words to those.
    package init(
        write: @escaping @Sendable (String) -> Void, complain: @escaping @Sendable (String) -> Void
    ) {
        self.write = write
        self.complain = complain
    }

    /// Standard output and standard error.
    package static let standard = Console(
        write: { FileHandle.standardOutput.write(Data($0.utf8)) },
        complain: { FileHandle.standardError.write(Data($0.utf8)) })

    /// Shows a report, and answers how it ended.
    func show(_ report: Report) -> ExitStatus {
        if !report.output.isEmpty { write(report.output) }
        if !report.problems.isEmpty { complain(report.problems) }
        return report.status
    }
}

/// An argument that cannot be used.
struct UsageProblem: Error {
    /// What was expected, what was found, and what to do.
    var message: String

    init(_ message: String) { self.message = message }
}

/// A command that asks a server.
protocol OperatorCommand: ParsableCommand {
    /// Which server.
    var server: ServerOptions { get }

    /// Does what it is for, and tells how it ended.
    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus
}

extension OperatorCommand {
    func perform(on console: Console) async throws -> ExitStatus {
        try await perform(try server.server(), console)
    }
}
