import ArgumentParser
import Foundation
import LoadClient
import SagaCheck
import SagaCore
import SagaLanguage
import SagaTool

/// `sagactl sweep`: every step × every kind of failure, each with a real saga.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Has every kind of failure strike every step, each in a saga of its own.",
        discussion: """
            Without --server a `sagad dev` is started for it in a folder of its own, with the \
            definitions beside the file and the order participants, and stopped after it. With \
            --server the daemon's faults.enabled must be true; whoever serves its sagas is taken as \
            it is, and its process is not ended.

            Each saga starts with the same input; where the definition computes its key, write {n} \
            into one of the input's texts, which stands for another text in each. A saga ended well \
            where it reached its end, the failure struck, nothing is open or left done, and the \
            order participants' ledger adds up; of other participants the saga's own account is \
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
            "The SQLite file of the order participants' ledger; that of an own sagad dev is known.",
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
        let script: Script
        do {
            let scenarios = ScenarioFile.scenarios(beside: file)
            guard FileManager.default.fileExists(atPath: scenarios) else {
                throw UsageProblem(
                    "there is no \(scenarios), from which the definition is read with its input")
            }
            script = try Script.read([file], scenarios: [])[0]
        } catch let unusable as UnusableScript {
            console.complain(unusable.diagnostics.rendered + "\n")
            return .findings
        }
        let given = try input.map { text throws(UsageProblem) in try JSONArgument.input(text) }
        let sweep = Sweep(
            definition: script.definition, input: given ?? script.scenario.input, file: file,
            programs: programs, step: step, fault: fault, isShort: short,
            patience: .seconds(patience), junit: junit, markdown: markdown, console: console)
        let named = address ?? ProcessInfo.processInfo.environment["SAGACTL_SERVER"]
        if let named { return try await sweep.perform(on: Server(named), nil, ledger) }
        do {
            return try await sweep.performOnOwnDaemon()
        } catch let failure as LaunchFailure {
            console.complain("Error: \(failure)\n")
            return .findings
        }
    }
}

/// A sweep as its arguments say.
private struct Sweep: Sendable {
    let definition: SagaDefinition
    let input: Value
    let file: String
    let programs: String?
    let step: String?
    let fault: String?
    let isShort: Bool
    let patience: Duration
    let junit: String?
    let markdown: String?
    let console: Console

    /// The time after which our own daemon sends again what nobody answered.
    private static let resend = "1s"

    func performOnOwnDaemon() async throws -> ExitStatus {
        let folder = (file as NSString).deletingLastPathComponent
        let programs = try Programs.find(
            folder: programs, sagas: folder.isEmpty ? "." : folder)
        return try await untilInterrupted {
            try await Stage.run("sweep") { stage in
                let state = stage.path("state")
                let daemon = try LoadClient.Daemon(
                    .dev,
                    settings: [
                        ("state-directory", state), ("coordinator-resend", Self.resend),
                    ], on: stage, programs: programs)
                try await daemon.startReady()
                let status = try await perform(
                    on: Server("http://127.0.0.1:\(daemon.port)"), daemon, "\(state)/workers.db")
                await daemon.stop()
                return status
            }
        }
    }

    func perform(
        on server: Server, _ daemon: LoadClient.Daemon?, _ ledger: String?
    ) async throws -> ExitStatus {
        let plan = SweepPlan(
            definition: definition, isShort: isShort, mayEndDaemon: daemon != nil)
        let cases = plan.cases.filter { one in
            (step ?? one.step) == one.step
                && (fault.map { one.fault.hasPrefix($0) } ?? true)
        }
        guard !cases.isEmpty else {
            throw UsageProblem("no step with a command, or no failure of that name, is left")
        }
        let run = SweepRun(
            saga: definition.name, input: input, server: server, daemon: daemon,
            books: SweepBooks(path: ledger), atMost: patience)
        let trial = try await run.trial(before: cases.count)
        guard trial.problems.isEmpty else {
            console.complain(
                "Error: without any failure the saga ends '\(trial.end)': "
                    + trial.problems.joined(separator: "; ")
                    + "\n  have its participants run, and give an --input that goes through\n")
            return .findings
        }
        console.complain("Without any failure: \(trial.end). \(cases.count) cases follow.\n")
        let results = try await run.perform(cases)
        return try show(SweepReport(saga: definition.name, results: results))
    }

    private func show(_ report: SweepReport) throws -> ExitStatus {
        console.write(report.text)
        for (path, text) in [(junit, report.junit), (markdown, report.markdown)] {
            guard let path else { continue }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            } catch {
                throw UsageProblem("\(path) cannot be written: \(error.localizedDescription)")
            }
        }
        return report.isFine ? .fine : .findings
    }
}
