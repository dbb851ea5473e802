package import ArgumentParser
import Foundation

/// The author's half of `sagactl`, which works on files alone.
package struct Sagactl: ParsableCommand {
    /// What the help says.
    package static let configuration = CommandConfiguration(
        commandName: "sagactl",
        abstract: "Checks, explains, draws, tests and verifies saga definitions.",
        discussion: """
            Works on files alone: no server is asked, and nothing is sent.

            Exit status: 0 nothing is wrong, 1 something was found, 2 wrong usage.
            """,
        subcommands: [
            ValidateCommand.self, ExplainCommand.self, GraphCommand.self, TestCommand.self,
            CheckCommand.self,
        ])

    /// The arguments, all by default.
    package init() {}

    /// What comes of these arguments.
    package static func report(for arguments: [String]) -> Report {
        do {
            let command = try parseAsRoot(arguments)
            guard let reporting = command as? any ReportingCommand else {
                return Report(output: helpMessage() + "\n")
            }
            return reporting.report()
        } catch {
            let message = fullMessage(for: error) + "\n"
            return exitCode(for: error) == .success
                ? Report(output: message) : Report(problems: message, status: .wrongUsage)
        }
    }

    /// Prints what a command has to say.
    package static func print(_ report: Report) {
        FileHandle.standardOutput.write(Data(report.output.utf8))
        FileHandle.standardError.write(Data(report.problems.utf8))
    }
}

/// A command whose whole work is a report.
package protocol ReportingCommand: ParsableCommand {
    /// What the command has to say.
    func report() -> Report
}

extension ReportingCommand {
    func run() throws {
        let report = report()
        Sagactl.print(report)
        if report.status != .fine { throw ExitCode(report.status.rawValue) }
    }
}
