import ArgumentParser
import Foundation
import SagaCheck
import SagaLanguage

/// `sagactl test`: runs the scenarios beside definitions in virtual time.
struct TestCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs the scenarios beside definitions, in virtual time.",
        discussion: """
            Runs each scenario of NAME.test.yaml on NAME.yaml with the decisions that the daemon \
            makes; a timeout of a day takes no time. Without files it takes every *.test.yaml in \
            sagas/, or else in this directory.
            """)

    @Argument(help: "Scenario files, definitions with scenarios beside them, or directories.")
    var paths: [String] = []

    @Option(help: "Only scenarios whose name, or FILE: NAME, contains this text.")
    var filter: String?

    @Option(help: "Also write the results to this file as JUnit XML.")
    var junit: String?

    @Flag(help: "Run again whenever a file beside the scenarios changes, until interrupted.")
    var watch = false

    @Flag(name: .shortAndLong, help: "Show the timeline of what passes, too.")
    var verbose = false

    func report() -> Report {
        switch scenarioFiles() {
        case .failure(let problem): return .wrongUsage(problem.message)
        case .success(let files):
            if watch { keepWatching(files) }
            return report(on: files)
        }
    }

    func report(on files: [String]) -> Report {
        let clock = ContinuousClock()
        let began = clock.now
        let results = files.map { FileResult.of($0, filter: filter) }
        var run = TestRun(files: results, verbose: verbose)
        run.took = clock.now - began
        if run.count == 0, run.diagnostics.isEmpty {
            return .wrongUsage(
                filter.map { "no scenario's name contains '\($0)'" } ?? "there is no scenario")
        }
        var report = run.report
        guard let junit else { return report }
        do {
            try Data(run.junit.utf8).write(to: URL(fileURLWithPath: junit))
        } catch {
            report.problems += "Error: \(junit) cannot be written: \(error.localizedDescription)\n"
            report.status = .wrongUsage
        }
        return report
    }

    /// The scenario files that the arguments mean.
    func scenarioFiles() -> Result<[String], UnreadableFile> {
        var given = paths
        if given.isEmpty { given = [isDirectory("sagas") ? "sagas" : "."] }
        var files: [String] = []
        for path in given {
            if isDirectory(path) {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                let found = names.filter { $0.hasSuffix(".test.yaml") && !$0.hasPrefix(".") }
                guard !found.isEmpty else {
                    return .failure(UnreadableFile("there is no *.test.yaml in \(path)"))
                }
                let folder = path == "." ? "" : path.hasSuffix("/") ? path : path + "/"
                files += found.sorted().map { folder + $0 }
            } else {
                let file =
                    path.hasSuffix(".test.yaml") ? path : ScenarioFile.scenarios(beside: path)
                guard FileManager.default.fileExists(atPath: file) else {
                    return .failure(UnreadableFile("there is no file \(file)"))
                }
                files.append(file)
            }
        }
        return .success(files)
    }
}

// Watching.
extension TestCommand {
    /// How often changes are looked for.
    static let pollInterval: TimeInterval = 0.5

    /// Runs at once and after every change, until the process is interrupted.
    private func keepWatching(_ files: [String]) -> Never {
        var seen: [String: Date]?
        while true {
            let now = Self.changes(beside: files)
            if now != seen {
                seen = now
                Sagactl.print(report(on: files))
                let line = "Waiting for changes; interrupt to end.\n\n"
                Sagactl.print(Report(output: line))
            }
            Thread.sleep(forTimeInterval: Self.pollInterval)
        }
    }

    /// When each file in the folders of the scenarios changed last.
    static func changes(beside files: [String]) -> [String: Date] {
        var changes: [String: Date] = [:]
        let folders = Set(files.map { ($0 as NSString).deletingLastPathComponent })
        for folder in folders {
            let path = folder.isEmpty ? "." : folder
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".json") {
                let file = "\(path)/\(name)"
                let attributes = try? FileManager.default.attributesOfItem(atPath: file)
                changes[file] = attributes?[.modificationDate] as? Date
            }
        }
        return changes
    }
}
