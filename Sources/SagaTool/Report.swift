/// What a command has to say, and how it ends.
package struct Report: Equatable, Sendable {
    /// What goes to standard output.
    package var output: String
    /// What goes to standard error.
    package var problems: String
    /// How the command ends.
    package var status: ExitStatus

    /// A report with these parts.
    package init(output: String = "", problems: String = "", status: ExitStatus = .fine) {
        self.output = output
        self.problems = problems
        self.status = status
    }

    /// The command was asked for something that it cannot do.
    package static func wrongUsage(_ message: String) -> Report {
        Report(problems: "Error: \(message)\n", status: .wrongUsage)
    }
}

/// How a command ends.
package enum ExitStatus: Int32, Sendable {
    /// As asked, and nothing is wrong.
    case fine = 0
    /// Something was found, or the server refused.
    case findings = 1
    /// The command line is wrong, or names what is not there.
    case wrongUsage = 2
    /// The server that was to be asked does not answer.
    case unreachable = 3
}
