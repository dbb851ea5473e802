import SagaCheck
import SagaDrawing
import SagaLanguage

/// What came of one scenario file.
struct FileResult {
    /// The file.
    var file: String
    /// Everything that is wrong with it.
    var diagnostics: [Diagnostic]
    /// What came of its scenarios.
    var results: [ScenarioResult]

    /// Reads a file and runs the scenarios whose name contains the filter.
    static func of(_ file: String, filter: String?) -> FileResult {
        let read = ScenarioFile.read(file)
        guard let scenarios = read.file else {
            return FileResult(file: file, diagnostics: read.diagnostics, results: [])
        }
        let chosen = scenarios.scenarios.filter { scenario in
            filter.map { "\(file): \(scenario.name)".contains($0) } ?? true
        }
        return FileResult(
            file: file, diagnostics: read.diagnostics,
            results: chosen.map { ScenarioResult.of($0, scenarios.definition) })
    }
}

/// What came of a run of scenario files.
struct TestRun {
    /// The files, in order.
    var files: [FileResult]
    /// Whether timelines of what passes are shown.
    var verbose: Bool
    /// How long the run took.
    var took: Duration = .zero

    /// How many scenarios were run.
    var count: Int { files.reduce(0) { $0 + $1.results.count } }
    /// What is wrong with the files.
    var diagnostics: [Diagnostic] { files.flatMap(\.diagnostics) }
    private var failures: Int {
        files.reduce(0) { $0 + $1.results.filter { !$0.hasPassed }.count }
    }

    /// The run for people.
    var report: Report {
        var output = ""
        for file in files where !file.results.isEmpty {
            output += "\(file.file)\n"
            for result in file.results { output += text(of: result) }
        }
        if count > 0 {
            let milliseconds = max(1, took.components.attoseconds / 1_000_000_000_000_000)
            output += "\n\(counted(count, "scenario")): \(count - failures) passed,"
            output += " \(failures) failed (\(milliseconds) ms)\n"
        }
        let isFine = failures == 0 && !diagnostics.hasErrors
        return Report(
            output: output, problems: diagnostics.rendered, status: isFine ? .fine : .findings)
    }

    private func text(of result: ScenarioResult) -> String {
        let line = "  \(result.hasPassed ? "✓" : "✗") \(result.scenario.name)\n"
        if !result.hasPassed { return line + result.report + "\n" }
        return verbose ? line + result.report + "\n" : line
    }

    /// The run as JUnit XML, which CI systems read.
    var junit: String {
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for file in files {
            let failed = file.results.filter { !$0.hasPassed }.count
            let errors = file.diagnostics.hasErrors ? 1 : 0
            xml += "  <testsuite name=\"\(escaped(file.file))\""
            xml += " tests=\"\(file.results.count + errors)\" failures=\"\(failed)\""
            xml += " errors=\"\(errors)\">\n"
            for result in file.results { xml += testCase(result, file.file) }
            if errors > 0 {
                xml += "    <testcase classname=\"\(escaped(file.file))\" name=\"loads\">\n"
                xml += "      <error>\(escaped(file.diagnostics.rendered))</error>\n"
                xml += "    </testcase>\n"
            }
            xml += "  </testsuite>\n"
        }
        return xml + "</testsuites>\n"
    }

    private func testCase(_ result: ScenarioResult, _ file: String) -> String {
        let open =
            "    <testcase classname=\"\(escaped(file))\" name=\"\(escaped(result.scenario.name))\""
            + " file=\"\(escaped(file))\" line=\"\(result.scenario.line)\""
        if result.hasPassed { return open + "/>\n" }
        let subjects = result.differences.map(\.subject).joined(separator: ", ")
        return open + ">\n      <failure message=\"differs in \(escaped(subjects))\">"
            + escaped(result.report) + "</failure>\n    </testcase>\n"
    }
}
