import Foundation
import SagaCore
import Testing

@testable import SagaLanguage

/// The page `docs/expressions.md`: its example document and the rows of its tables.
private struct Page {
    let document: Value
    private let text: String

    /// The first two cells of a row.
    struct Row: Sendable, CustomTestStringConvertible {
        let first: String
        let second: String

        var testDescription: String { first }
    }

    init() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let page = tests.appending(path: "../../docs/expressions.md").standardizedFileURL
        text = try String(contentsOf: page, encoding: .utf8)
        let code = text.components(separatedBy: "```json\n")[1].components(separatedBy: "```")[0]
        document = try Value(json: code)
    }

    /// The rows of every table whose head is these two words.
    func rows(under head: String) -> [Row] {
        var rows: [Row] = []
        var isInside = false
        for line in text.components(separatedBy: "\n") {
            if line == head {
                isInside = true
            } else if !line.hasPrefix("|") {
                isInside = false
            } else if isInside, !line.hasPrefix("|---") {
                let cells = line.replacingOccurrences(of: "\\|", with: "\u{1}")
                    .components(separatedBy: "|")
                    .map { $0.replacingOccurrences(of: "\u{1}", with: "|") }
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                rows.append(Row(first: unquoted(cells[1]), second: unquoted(cells[2])))
            }
        }
        return rows
    }

    private func unquoted(_ cell: String) -> String {
        cell.hasPrefix("`") && cell.hasSuffix("`") ? String(cell.dropFirst().dropLast()) : cell
    }

    var names: SampleNames {
        var names = SampleNames()
        names.values[.input] = document["input"]
        names.values[.key] = document["key"]
        names.values[.sagaID] = document["saga"]?["id"]
        names.values[.sagaName] = document["saga"]?["name"]
        names.values[.sagaVersion] = .int(document["saga"]?["version"]?.whole ?? 0)
        names.values[.stepOutcome("payment")] = document["steps"]?["payment"]?["outcome"]
        names.values[.stepResult("payment")] = document["steps"]?["payment"]?["result"]
        names.values[.now] = Instant(document["now"]?.text ?? "").map { .timestamp($0) }
        return names
    }

    var context: ExpressionContext {
        ExpressionContext(
            input: type(of: document["input"]), hasKey: true, hasSaga: true,
            steps: [
                "payment": StepVisibility(
                    resultType: type(of: document["steps"]?["payment"]?["result"])),
                "review": StepVisibility(
                    isPossiblyMissing: true, missingBecause: "it may be skipped by its 'when'"),
                "shipping": StepVisibility(unusable: "it runs later"),
            ],
            hasNow: true,
            reasons: ["failure": "'failure' exists only once compensation began"])
    }

    private func type(of value: Value?) -> ExpressionType {
        switch value {
        case nil: .any
        case .null?: .any
        case .bool?: .bool
        case .int?: .int
        case .double?: .double
        case .string?: .string
        case .timestamp?: .timestamp
        case .duration?: .duration
        case .list(let elements)?: .list(type(of: elements.first))
        case .map(let members)?:
            .map(
                fields: Dictionary(
                    uniqueKeysWithValues: members.map {
                        ($0.name, ExpressionType.Field(type(of: $0.value)))
                    }), isOpen: false)
        }
    }

    /// The template of one scalar.
    func template(_ scalar: String) throws -> Template {
        let parts = try TemplateText.parts(of: scalar)
        if parts.count == 1, case .expression(let text, _) = parts[0] {
            return .expression(try compileExpression(text, in: context).expression)
        }
        return .text(
            try parts.map { part in
                switch part {
                case .text(let text): .text(text)
                case .expression(let text, _):
                    .expression(try compileExpression(text, in: context).expression)
                }
            })
    }
}

@Suite struct `The page on expressions` {
    private let page: Page

    init() throws { page = try Page() }

    @Test func `gives the values that the scalars have`() throws {
        let rows = page.rows(under: "| Scalar | Value |")
        #expect(rows.count >= 8)
        for row in rows {
            let value = try page.template(row.first).evaluate(in: page.names)
            #expect(value.json.jsonText == row.second, "\(row.first)")
        }
    }

    @Test func `gives the values that the expressions have`() throws {
        let rows = page.rows(under: "| Expression | Value |")
        #expect(rows.count >= 60)
        for row in rows {
            let value = try page.template("${\(row.first)\n}").evaluate(in: page.names)
            #expect(value.json.jsonText == row.second, "\(row.first)")
        }
    }

    @Test func `gives the errors that the expressions have`() throws {
        let rows = page.rows(under: "| Expression | Error |")
        #expect(rows.count >= 8)
        for row in rows {
            let template = try page.template("${\(row.first)}")
            #expect(throws: ExpressionError(row.second), "\(row.first)") {
                try template.evaluate(in: page.names)
            }
        }
    }

    @Test func `gives the issues that the checker finds`() throws {
        let rows = page.rows(under: "| Expression | Refused with |")
        #expect(rows.count >= 12)
        for row in rows {
            let found = expressionIssues(of: row.first, in: page.context)
            #expect(found.count == 1, "\(row.first)")
            let shown = found.first.map { $0.message + ($0.fix.map { " (\($0))" } ?? "") }
            #expect(shown == row.second, "\(row.first)")
        }
    }

    @Test func `names every function and macro`() {
        let text = (page.rows(under: "| Expression | Value |").map(\.first)).joined(separator: " ")
        for name in Checker.functionNames {
            #expect(text.contains("\(name)("), "the page has no example of \(name)()")
        }
    }
}
