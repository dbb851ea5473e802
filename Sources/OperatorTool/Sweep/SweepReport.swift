import SagaCore

/// What a sweep found, for people and for other programs.
struct SweepReport {
    /// The definition's name.
    let saga: String
    /// Every case, those that were not run included.
    let results: [SweepResult]

    /// How many ended well, how many did not, how many were not run.
    private var counts: (well: Int, badly: Int, skipped: Int) {
        (
            results.count { $0.endedWell == true }, results.count { $0.endedWell == false },
            results.count { $0.endedWell == nil }
        )
    }

    /// Whether all that were run ended well.
    var isFine: Bool { counts.badly == 0 && counts.well > 0 }

    /// The last line.
    var summary: String {
        let counts = counts
        let skipped = counts.skipped == 0 ? "" : ", \(counts.skipped) not run"
        if counts.well + counts.badly == 0 { return "✗ nothing was run\(skipped)" }
        return counts.badly == 0
            ? "✓ \(counts.well) of \(counts.well) ended well\(skipped)"
            : "✗ \(counts.badly) of \(counts.well + counts.badly) did not end well\(skipped)"
    }

    private static let head = ["command", "fault", "end", "taken back in", "books", ""]

    private static func cells(_ result: SweepResult) -> [String] {
        let time = result.compensationMilliseconds.map { "\($0) ms" } ?? "–"
        let verdict = result.swept.skipped ?? result.problems.joined(separator: "; ")
        let mark = result.endedWell.map { $0 ? "✓" : "✗" } ?? "–"
        return [
            result.swept.target, result.swept.fault, result.end, time, result.books,
            verdict.isEmpty ? mark : "\(mark) \(verdict)",
        ]
    }

    /// A table for a terminal.
    var text: String { Columns.text([Self.head] + results.map(Self.cells)) + summary + "\n" }

    /// A table for a page.
    var markdown: String {
        func row(_ cells: [String]) -> String {
            "| "
                + cells.map { $0.split(separator: "|").joined(separator: "\\|") }
                .joined(separator: " | ") + " |\n"
        }
        let line = "|" + String(repeating: "---|", count: Self.head.count) + "\n"
        return "# Sweep of `\(saga)`\n\n" + row(Self.head) + line
            + results.map { row(Self.cells($0)) }.joined() + "\n\(summary)\n"
    }

    /// JUnit's XML: a test case for each.
    var junit: String {
        let counts = counts
        var xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites><testsuite name="\(Self.escaped(saga))" tests="\(results.count)" \
            failures="\(counts.badly)" skipped="\(counts.skipped)">

            """
        for result in results {
            let seconds = Double(result.milliseconds) / 1000
            xml += """
                  <testcase classname="\(Self.escaped("\(saga).\(result.swept.target)"))" \
                name="\(Self.escaped(result.swept.fault))" time="\(seconds)">
                """
            if let skipped = result.swept.skipped {
                xml += #"<skipped message="\#(Self.escaped(skipped))"/>"#
            } else if !result.problems.isEmpty {
                let problems = result.problems.joined(separator: "; ")
                xml += #"<failure message="\#(Self.escaped(problems))"/>"#
            }
            xml += "</testcase>\n"
        }
        return xml + "</testsuite></testsuites>\n"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
