import SagaCore
import Testing

@testable import SagaLanguage

@Suite struct `A diagnostic` {
    private let diagnostic = Diagnostic(
        file: "sagas/order.yaml", line: 14, column: 14, code: .badDuration,
        message: "`10 s` is no duration", fix: "write `10s`", sourceLine: "    timeout: 10 s",
        length: 4)

    @Test func `shows the place, the line, a caret and the fix`() {
        #expect(
            diagnostic.rendered == """
                sagas/order.yaml:14:14: error: `10 s` is no duration
                        timeout: 10 s
                                 ^~~~
                    fix: write `10s`

                """)
    }

    @Test func `is an object in JSON`() {
        #expect(
            diagnostic.json == [
                "file": "sagas/order.yaml", "line": 14, "column": 14, "severity": "error",
                "code": "bad-duration", "message": "`10 s` is no duration", "fix": "write `10s`",
            ])
        var other = diagnostic
        other.fix = nil
        other.severity = .warning
        #expect(other.json["fix"] == .null)
        #expect(other.json["severity"] == "warning")
    }

    @Test func `keeps tabs in the caret line and shows no control characters`() {
        var other = diagnostic
        other.sourceLine = "\tx\u{1B}[31m: y"
        other.column = 3
        other.length = 1
        other.message = "a\u{1B}b"
        let lines = other.rendered.split(separator: "\n")
        #expect(lines[0].hasSuffix("a\u{FFFD}b"))
        #expect(lines[1] == "    \tx\u{FFFD}[31m: y")
        #expect(lines[2] == "    \t ^")
    }

    @Test func `shows a window of a long line`() throws {
        var other = diagnostic
        other.sourceLine =
            String(repeating: "a", count: 5000) + "X" + String(repeating: "b", count: 5000)
        other.column = 5001
        other.length = 1
        let lines = other.rendered.split(separator: "\n").map(Array.init)
        #expect(lines[1].count < 200)
        let caret = try #require(lines[2].firstIndex(of: "^"))
        #expect(lines[1][caret] == "X")
    }

    @Test func `about nothing in the file has no caret`() {
        var other = diagnostic
        other.sourceLine = ""
        other.fix = nil
        #expect(other.rendered == "sagas/order.yaml:14:14: error: `10 s` is no duration\n")
    }

    @Test func `comes in the order of file, line and column, each once`() {
        var earlier = diagnostic
        earlier.line = 3
        var other = diagnostic
        other.file = "a.yaml"
        #expect(
            [diagnostic, earlier, diagnostic, other].sortedByPlace == [other, earlier, diagnostic])
    }
}

@Suite struct `A file with very many mistakes` {
    @Test func `has a hundred of them shown, in time that grows with its size`() {
        let keys = (0..<2000).map { "zz\($0): 1" }.joined(separator: ", ")
        let result = DefinitionLoader.load(canonical: "{\(keys)}", file: "a.yaml")
        #expect(result.diagnostics.count == 101)
        #expect(result.diagnostics.contains { $0.code == .tooMany })
    }

    @Test func `has at most 500 steps and 50 outcomes`() {
        let head = "saga: a\nversion: 1\nsteps:\n"
        let steps = (0...500).map { "- {step: s\($0), command: a.b, compensate: none}\n" }
        let result = DefinitionLoader.load(canonical: head + steps.joined(), file: "a.yaml")
        #expect(result.diagnostics.map(\.code) == [.outOfRange])
        let most = DefinitionLoader.load(
            canonical: head + steps.dropLast().joined(), file: "a.yaml")
        #expect(most.definition?.nodes.count == 500)
        let outcomes = (0...50).map { "o\($0): {}" }.joined(separator: ", ")
        let step = "- {step: s, command: a.b, compensate: none, outcomes: {\(outcomes)}}\n"
        let many = DefinitionLoader.load(canonical: head + step, file: "a.yaml")
        #expect(many.diagnostics.map(\.code) == [.outOfRange])
    }
}
