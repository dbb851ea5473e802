import SagaCore
import Testing

@testable import SagaLanguage

/// One rule of CEL: an expression, and what it gives.
///
/// The name is that of the published test which states the rule, `FILE/SECTION/TEST`, or where
/// there is none the section of the language's definition, as in `langdef/overflow`. The examples
/// are our own. In a table `# FILE/SECTION` stands above lines that read
/// `TEST: EXPRESSION => RESULT`, continued on lines with a deeper indent where they are long; in an
/// expression `⏎` stands for a line feed, `␍` for a carriage return and `␉` for a tab.
struct ConformanceRule: Sendable, CustomTestStringConvertible {
    let name: String
    let expression: String
    /// A value in the notation of ``Value/noted``, `error: MESSAGE`, or
    /// `refused: CODE` of the loader.
    let result: String

    var testDescription: String { "\(name): \(expression)" }

    /// The rules of a table.
    static func table(_ text: String) -> [ConformanceRule] {
        var section = ""
        var rules: [ConformanceRule] = []
        let lines = text.replacing("\n    ", with: " ").split(separator: "\n")
        for line in lines {
            if line.hasPrefix("# ") {
                section = String(line.dropFirst(2))
            } else {
                rules.append(rule(line, of: section))
            }
        }
        return rules
    }

    private static func rule(_ line: Substring, of section: String) -> ConformanceRule {
        guard let colon = line.firstRange(of: ": "), let arrow = line.ranges(of: " => ").last
        else { preconditionFailure("a rule reads TEST: EXPRESSION => RESULT, found \(line)") }
        let test = line[..<colon.lowerBound]
        return ConformanceRule(
            name: test.isEmpty ? section : "\(section)/\(test)",
            expression: written(line[colon.upperBound..<arrow.lowerBound]),
            result: String(line[arrow.upperBound...]))
    }

    private static func written(_ text: Substring) -> String {
        String(text).replacing("⏎", with: "\n").replacing("␍", with: "\r").replacing(
            "␉", with: "\t")
    }

    /// What the expression gives over the document of every kind.
    var found: String {
        switch ExpressionCompiler.compile(expression, in: sampleContext) {
        case .failure(let failure): return "refused: \(failure.issues[0].code)"
        case .success(let compiled):
            do throws(ExpressionError) {
                return try compiled.expression.evaluate(in: sampleNames).noted
            } catch {
                return "error: \(error.message)"
            }
        }
    }
}

extension Value {
    /// The value as the tables write it: JSON, in which `1` is an int and `1.0` a double.
    var noted: String {
        switch self {
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .list(let elements): "[\(elements.map(\.noted).joined(separator: ", "))]"
        case .map(let members): "{\(members.map(notedMember).joined(separator: ", "))}"
        case .timestamp(let instant): "timestamp \(instant)"
        case .duration(let duration): "duration \(duration.secondsText)"
        case .null, .bool, .string: jsonText
        }
    }

    private func notedMember(_ member: Members.Entry) -> String {
        "\(Value.string(member.name).jsonText): \(member.value.noted)"
    }
}

@Suite struct `CEL's published rules` {
    @Test(arguments: ConformanceRule.values)
    func `hold for values and lookups`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.comparisons)
    func `hold for comparisons`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.numbers)
    func `hold for numbers`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.conversions)
    func `hold for conversions`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.logic)
    func `hold for logic and macros`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.texts)
    func `hold for texts`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.times)
    func `hold for timestamps and durations`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.syntax)
    func `hold for the syntax`(rule: ConformanceRule) {
        #expect(rule.found == rule.result)
    }

    @Test(arguments: ConformanceRule.quoted, ["'", "\"", "'''", "\"\"\""])
    func `hold for every way to quote a string`(rule: ConformanceRule, quote: String) {
        let quoted = ConformanceRule(
            name: rule.name, expression: rule.expression.replacing("§", with: quote),
            result: rule.result)
        #expect(quoted.found == quoted.result)
    }
}
