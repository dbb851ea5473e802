import ArgumentParser
import Foundation
import SagaCheck
import SagaCore
import SagaLanguage

/// `sagactl check`: verifies definitions by exploring every state.
struct CheckCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verifies definitions by exploring every state that they can reach.",
        discussion: """
            Explores what the daemon's own decisions make of every order, loss and repetition of \
            replies, timeouts, cancels and deadlines, and shows a shortest counterexample of \
            what does not hold. The invariants of NAME.test.yaml are checked too.
            """)

    @Argument(help: "Definitions, or directories of them; *.test.yaml are passed over.")
    var paths: [String]

    @Flag(help: "Participants break their contract: they contradict themselves.")
    var hostile = false

    @Flag(help: "Print every sequence of domain events that a saga can tell.")
    var sequences = false

    @Option(help: "How many states are explored at most.")
    var limit = ModelCheck.Options().limit

    func validate() throws {
        guard limit > 0 else { throw ValidationError("expected a limit above 0, found \(limit)") }
    }

    func report() -> Report {
        var files: [String] = []
        for path in paths where !path.hasSuffix(".test.yaml") {
            guard isDirectory(path) else {
                files.append(path)
                continue
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let folder = path.hasSuffix("/") ? path : path + "/"
            files += names.filter(DefinitionDirectory.isDefinition).sorted().map { folder + $0 }
        }
        guard !files.isEmpty else { return .wrongUsage("there is no definition to check") }
        var report = Report()
        for file in files {
            let one = self.report(on: file)
            report.output += one.output
            report.problems += one.problems
            if one.status != .fine { report.status = one.status }
        }
        return report
    }

    private func report(on file: String) -> Report {
        let loaded = DefinitionDirectory.load(files: [file])
        guard let definition = loaded.definitions.first?.definition else {
            return Report(problems: loaded.diagnostics.rendered, status: .findings)
        }
        var invariants: [Invariant] = []
        let scenarios = ScenarioFile.scenarios(beside: file)
        if FileManager.default.fileExists(atPath: scenarios) {
            let read = ScenarioFile.read(scenarios)
            guard let read = read.file else {
                return Report(problems: read.diagnostics.rendered, status: .findings)
            }
            invariants = read.invariants
        }
        var options = ModelCheck.Options()
        options.limit = limit
        options.isHostile = hostile
        options.collectsStories = sequences
        let clock = ContinuousClock()
        let began = clock.now
        var progress = CheckProgress.ofProgram(file)
        let result = ModelCheck.run(definition, invariants: invariants, options: options) {
            states in
            progress.note(states, after: clock.now - began)
        }
        progress.finish()
        let text = result.report(options: options, took: clock.now - began)
        let head = "\(file): \(definition.name), version \(definition.version)\n"
        return Report(output: head + text, status: result.hasPassed ? .fine : .findings)
    }
}
