import ArgumentParser
import Foundation
import LoadClient
import SagaCheck
import SagaLanguage
import SagaTool

/// `sagactl sweep`: every step × every kind of failure, each with a real saga.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Has every kind of failure strike every step, each in a saga of its own.",
        discussion: """
            Without --server a `sagad dev` is started for it in a folder of its own, with the \
            definitions beside the file, and stopped after it. The order participants serve what \
            they can serve whole; the participants of any other saga are played, as by `sagactl \
            play`, with the first scenario beside the definition. With --server the daemon's \
            faults.enabled must be true; whoever serves its sagas is taken as it is, and its \
            process is not ended. Questions are answered, and awaited events reported, as the \
            scenario says.

            Each saga starts with the same input; where the definition computes its key, write {n} \
            into one of the input's texts, which stands for another text in each. A saga ended well \
            where it reached its end, the failure struck, nothing is open or left done, and the \
            participants' books add up, where they can be read; else the saga's own account is \
            shown. The exit status is 1 where any did not.
            """)

    @Argument(help: ArgumentHelp("The definition.", valueName: "file.yaml"))
    var file: String

    @Option(
        help: ArgumentHelp(
            "The input: JSON, a file with JSON, or -. Else that of the first scenario beside the "
                + "definition.", valueName: "json|file|-"))
    var input: String?

    @Option(help: "Only failures of this step.")
    var step: String?

    @Option(help: "Only failures whose name begins so, such as crash or lose_reply.")
    var fault: String?

    @Flag(help: "Only one of several alike failures.")
    var short = false

    @Option(help: "The most seconds for one saga.")
    var patience = 120

    @Option(
        help: ArgumentHelp(
            "The SQLite file of the order participants' ledger, with --server.",
            valueName: "file"))
    var ledger: String?

    @Option(help: ArgumentHelp("Write the results as JUnit's XML.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("Write the results as a Markdown table.", valueName: "file"))
    var markdown: String?

    @Option(
        help: ArgumentHelp(
            "The folder with sagad. Else that of sagactl itself.", valueName: "folder"))
    var programs: String?

    @Option(
        name: .customLong("server"),
        help: ArgumentHelp("A daemon that runs. Else SAGACTL_SERVER, else one of our own."))
    var address: String?

    func validate() throws {
        guard (1...3600).contains(patience) else {
            throw ValidationError("--patience must be 1 to 3600 seconds, is \(patience).")
        }
    }

    func perform(on console: Console) async throws -> ExitStatus {
        let given = try input.map { text throws(UsageProblem) in try JSONArgument.input(text) }
        let scripts: [Script]
        do {
            scripts = try SweepScripts.read(file, hasInput: given != nil)
        } catch let unusable as UnusableScript {
            console.complain(unusable.diagnostics.rendered + "\n")
            return .findings
        }
        let sweep = try Sweep(
            scripts: scripts, input: given ?? scripts[0].scenario.input, file: file,
            programs: programs, step: step, fault: fault, isShort: short,
            patience: .seconds(patience), junit: junit, markdown: markdown, console: console)
        let named = address ?? ProcessInfo.processInfo.environment["SAGACTL_SERVER"]
        if let named {
            if let ledger, !FileManager.default.fileExists(atPath: ledger) {
                throw UsageProblem("there is no ledger \(ledger)")
            }
            return try await sweep.perform(
                on: Server(named), nil, ledger.map { .orders(path: $0) } ?? .unread)
        }
        do {
            return try await sweep.performOnOwnDaemon()
        } catch let failure as LaunchFailure {
            console.complain("Error: \(failure)\n")
            return .findings
        }
    }
}
