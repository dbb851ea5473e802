import SagaCore
import Testing

@testable import SagaLanguage

private func read(_ text: String) -> (YAMLNode?, [Diagnostic]) {
    YAMLReader.read(SourceText(file: "a.yaml", text: text))
}

@Suite struct `A YAML document` {
    @Test(arguments: [
        ("null", Value.null), ("~", .null), ("", .null), ("Null", .null), ("nUll", "nUll"),
        ("true", true), ("FALSE", false), ("tRue", "tRue"), ("yes", "yes"), ("no", "no"),
        ("on", "on"), ("off", "off"), ("y", "y"), ("12", 12), ("-12", -12), ("+12", 12),
        ("007", 7), ("0o17", 15), ("0x1F", 31), ("0x", "0x"), ("0o8", "0o8"), ("-0x1F", "-0x1F"),
        ("0x-1", "0x-1"), ("1.5", 1.5), (".5", 0.5), ("1.", 1), ("1e3", 1000), ("1.5E-1", 0.15),
        ("1e", "1e"), (".", "."), ("+", "+"), ("--1", "--1"), ("1_000", "1_000"), ("1:30", "1:30"),
        ("inf", "inf"), ("nan", "nan"), ("infinity", "infinity"), ("0b1", "0b1"), ("1d", "1d"),
        ("\"12\"", "12"), ("'true'", "true"), ("\"\"", ""), ("2026-01-01", "2026-01-01"),
    ])
    func `resolves plain scalars by the core schema`(text: String, value: Value) {
        let (node, diagnostics) = read("a: \(text)\n")
        #expect(diagnostics == [])
        #expect(node?["a"]?.plainValue == value)
    }

    @Test func `marks every node from line and column one, columns in code points`() throws {
        let (node, _) = read("ä: 'é😀'\nlist:\n  - {key: value}\n  - \"x\"\n")
        let members = try #require(node?.members)
        #expect(members[0].nameSpan == YAMLSpan(YAMLMark(line: 1, column: 1), length: 1))
        #expect(members[0].value.span == YAMLSpan(YAMLMark(line: 1, column: 4), length: 4))
        let list = try #require(members[1].value.elements)
        #expect(
            list[0].members?[0].value.span == YAMLSpan(YAMLMark(line: 3, column: 11), length: 5))
        #expect(list[1].span == YAMLSpan(YAMLMark(line: 4, column: 5), length: 3))
    }

    @Test func `keeps styles apart`() throws {
        let (node, _) = read("[a, 'b', \"c\"]\n")
        let styles = node?.elements?.compactMap { $0.scalar?.style }
        #expect(styles == [.plain, .singleQuoted, .doubleQuoted])
        #expect(read("a: |\n  b\n").0?["a"]?.scalar == YAMLScalar("b\n", style: .block))
    }

    @Test func `takes aliases for what they stand for`() {
        let (node, diagnostics) = read("a: &x {n: 1}\nb: *x\nc: [*x, *x]\n")
        #expect(diagnostics == [])
        #expect(
            node?.plainValue == ["a": ["n": 1], "b": ["n": 1], "c": [["n": 1], ["n": 1]]])
    }

    @Test func `may have a byte order mark and lines that end in CRLF`() throws {
        let (node, diagnostics) = read("\u{FEFF}a: 1\r\nb: [\r\n  2]\r\n")
        #expect(diagnostics == [])
        #expect(node?.plainValue == ["a": 1, "b": [2]])
        let (_, broken) = read("a: 1\r\nb: [\r\n")
        #expect(broken.first?.line == 3)
        let twice = read("a: 1\r\na: 2\r\n").1
        #expect(twice.first?.sourceLine == "a: 2")
    }

    @Test func `of more than a mebibyte is not read`() {
        let (node, diagnostics) = read("a: " + String(repeating: "x", count: 1_048_576))
        #expect(node == nil)
        #expect(diagnostics.map(\.code) == [.tooLarge])
        #expect(read("a: " + String(repeating: "x", count: 1_048_573)).0 != nil)
    }

    @Test func `may be 64 deep, aliases counted`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(read(nested(64)).0 != nil)
        #expect(read(nested(65)).1.map(\.code) == [.tooDeep])
        #expect(read("a: &x \(nested(40))\nb: [[*x]]\n").1 == [])
        let deep = "a: &x \(nested(40))\nb: \(String(repeating: "[", count: 30))*x"
        #expect(read(deep + String(repeating: "]", count: 30)).1.map(\.code) == [.alias])
    }

    @Test func `may not repeat long text by aliases`() {
        let text = String(repeating: "x", count: 600_000)
        let (node, diagnostics) = read("a: &x \(text)\nb: *x\nc: *x\n")
        #expect(node == nil)
        #expect(diagnostics.map(\.code) == [.alias])
        #expect(diagnostics.first?.line == 3)
    }

    @Test func `with a control character is refused at its place`() {
        let (_, diagnostics) = read("a: 1\nb: x\u{7}\n")
        #expect(diagnostics.map(\.code) == [.yamlSyntax])
        #expect(diagnostics.first.map { [$0.line, $0.column] } == [2, 5])
    }

    @Test func `keeps the first of two members of one name`() {
        let (node, diagnostics) = read("a: 1\na: 2\nb: 3\n")
        #expect(node?.plainValue == ["a": 1, "b": 3])
        #expect(diagnostics.map(\.code) == [.duplicateKey])
        #expect(diagnostics.first?.message.contains("1:1") == true)
    }

    @Test func `has names of 128 characters at most`() {
        let name = String(repeating: "n", count: 128)
        #expect(read("\(name): 1\n").1 == [])
        #expect(read("\(name)n: 1\n").1.map(\.code) == [.keyNotText])
    }
}

@Suite struct `A syntax error` {
    @Test(arguments: [
        ("a: {b: ${input.x}}", 1, 8, "'${input.x}'"),
        ("a: [${input.x}]", 1, 5, "'${input.x}'"),
        ("a: ${x ? 'y: z' : 'w'}", 1, 4, "\"${x ? 'y: z' : 'w'}\""),
        ("a: \"${x[\"y\"]}\"", 1, 5, "'"),
        ("- ${x ? y : z}\n- b: ${x ? y : z}", 2, 6, "'${x ? y : z}'"),
    ])
    func `inside an expression says how to quote it`(
        text: String, line: Int, column: Int, fix: String
    ) throws {
        let diagnostics = read(text + "\n").1
        #expect(diagnostics.map(\.code) == [.unquotedExpression])
        let only = try #require(diagnostics.first)
        #expect([only.line, only.column] == [line, column])
        #expect(only.fix?.contains(fix) == true, "\(only.fix ?? "")")
    }

    @Test(arguments: [
        "a: ${x}\nb: [1\nc: 2", "a: '${x}', b: 1", "a: {b: '${x}', c: [}", "a: \"${x}\" b",
    ])
    func `beside an expression is not blamed on it`(text: String) {
        #expect(read(text + "\n").1.map(\.code) == [.yamlSyntax])
    }
}
