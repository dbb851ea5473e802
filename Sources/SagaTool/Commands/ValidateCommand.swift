import ArgumentParser
import Foundation
import SagaCheck
import SagaCore
import SagaLanguage

/// `sagactl validate`: loads definitions as the daemon does.
struct ValidateCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Loads definitions as the daemon does, and says what is wrong with them.",
        discussion: """
            A directory stands for its *.yaml without *.test.yaml. A NAME.test.yaml that is named \
            is read with the definition beside it. What the codes mean: sagactl explain CODE.
            """)

    @Argument(help: "Definitions, or directories of them.")
    var paths: [String]

    @Option(help: "text, or json for programs.")
    var format = OutputFormat.text

    func report() -> Report {
        var found: [Diagnostic] = []
        var loaded = 0
        let files = paths.filter { !isDirectory($0) }
        let definitions = files.filter { !$0.hasSuffix(".test.yaml") }
        var results = definitions.isEmpty ? [] : [DefinitionDirectory.load(files: definitions)]
        for path in paths where isDirectory(path) {
            switch DefinitionDirectory.load(path) {
            case .success(let result):
                guard !result.definitions.isEmpty || !result.diagnostics.isEmpty else {
                    return .wrongUsage("there is no *.yaml in \(path)")
                }
                results.append(result)
            case .failure(let reason): return .wrongUsage(reason.message)
            }
        }
        for result in results {
            found += result.diagnostics
            loaded += result.definitions.count
        }
        for path in files where path.hasSuffix(".test.yaml") {
            let read = ScenarioFile.read(path)
            found += read.diagnostics
            loaded += read.diagnostics.hasErrors ? 0 : 1
        }
        return report(found.sortedByPlace, loaded)
    }

    private func report(_ found: [Diagnostic], _ loaded: Int) -> Report {
        let status: ExitStatus = found.hasErrors ? .findings : .fine
        switch format {
        case .json: return Report(output: found.json.jsonTextIndented + "\n", status: status)
        case .text:
            let output = found.hasErrors ? "" : "\(counted(loaded, "file")) fine\n"
            return Report(output: output, problems: found.rendered + more(found), status: status)
        }
    }

    /// Where the rules are explained that were broken.
    private func more(_ found: [Diagnostic]) -> String {
        let codes = Set(found.map(\.code.rawValue)).sorted()
        return codes.isEmpty
            ? "" : "\n" + codes.map { "why: sagactl explain \($0)\n" }.joined()
    }
}

/// How findings are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people.
    case text
    /// For programs.
    case json
}

/// Whether a path is that of a directory.
func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        && isDirectory.boolValue
}

/// A number with its noun, such as `2 files`.
func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
