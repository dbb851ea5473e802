import SagaCore
import Testing

@testable import SagaLanguage

/// A repeatable source of choices.
private struct Choices: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    }
}

private let item = ExpressionType.map(
    fields: ["code": .init(.string), "price": .init(.double)], isOpen: false)

private let typed = ExpressionContext(
    input: .map(
        fields: [
            "amount": .init(.double), "name": .init(.string), "paid": .init(.bool),
            "items": .init(.list(item)), "extra": .init(.any),
        ], isOpen: true),
    hasKey: true, hasSaga: true,
    steps: ["pay": StepVisibility(resultType: .anyMap, isPossiblyMissing: true)], hasNow: true)

private let loose = ExpressionContext(
    input: .any, hasKey: true, hasSaga: true, steps: ["pay": StepVisibility()], hasNow: true)

private let names = SampleNames(values: [
    .input: [
        "amount": 28.5, "name": "Ann", "paid": true, "extra": ["x": 1, "y": [nil, "a"]],
        "items": [["code": "A", "price": 2], ["code": "B", "price": 0]], "more": 7,
    ],
    .key: "o-1", .sagaID: "id", .sagaName: "order", .sagaVersion: .int(2),
    .now: .timestamp(Instant(microseconds: 0)),
])

/// A random expression's text, mostly of sensible shape.
private func expression(_ depth: Int, using choices: inout Choices) -> String {
    let leaves = [
        "1", "0", "2.5", "-3", "'a'", "''", "true", "false", "null", "[]", "input.amount",
        "input.name", "input.paid", "input.items", "input.extra", "input.extra.y", "input.more",
        "key", "now", "saga.version", "x", "x.price", "duration('90s')", "{'a': 1}", "[1, 2.5]",
        "has(steps.pay.result)", "steps.pay.result", "9223372036854775807", "input.items[0]",
    ]
    if depth == 0 { return leaves.randomElement(using: &choices)! }
    let shapes = [
        "L + R", "L - R", "L * R", "L / R", "L % R", "L == R", "L != R", "L < R", "L >= R",
        "L in R", "L && R", "L || R", "!L", "-L", "(L)", "[L, R]", "{'a': L, 'b': R}", "L ? R : R",
        "L[R]", "L.a", "has(L.a)", "L.map(x, R)", "L.filter(x, R)", "L.all(x, R)", "L.exists(x, R)",
        "L.exists_one(x, R)", "L.map(x, R, L)", "L.sum()", "L.min()", "L.max()", "L.join(R)",
        "size(L)", "int(L)", "double(L)", "string(L)", "L.contains(R)", "L.startsWith(R)",
        "timestamp(L)", "duration(L)", "L.endsWith(R)",
    ]
    var text = ""
    for letter in shapes.randomElement(using: &choices)! {
        guard letter == "L" || letter == "R" else {
            text.append(letter)
            continue
        }
        let part = expression(Int.random(in: 0..<depth, using: &choices), using: &choices)
        text += letter == "L" && part.contains(" ") ? "(\(part))" : part
    }
    return text
}

@Suite struct `Any expression at all` {
    @Test(arguments: 0..<8)
    func `that compiles has a value of its type, or an error`(seed: Int) throws {
        var choices = Choices(state: UInt64(seed))
        var compiledCount = 0
        for _ in 0..<1_000 {
            let text = expression(3, using: &choices)
            for context in [typed, loose] {
                let result = ExpressionCompiler.compile(text, in: context)
                guard case .success(let compiled) = result else { continue }
                compiledCount += 1
                guard let value = try? compiled.expression.evaluate(in: names) else { continue }
                if !isOne(value, of: compiled.type) {
                    Issue.record("\(text) gives \(value), which is not \(compiled.type)")
                }
            }
        }
        #expect(compiledCount > 200)
    }

    @Test(arguments: 0..<4)
    func `is compiled or refused, whatever its text`(seed: Int) {
        var choices = Choices(state: UInt64(seed) &+ 1000)
        let pieces = [
            "input", ".", "amount", "[", "]", "(", ")", "{", "}", "'", "\"", "1", "0x", "1e", "+",
            "-", "*", "!", "&&", "||", "?", ":", ",", " ", "in", "map", "has", "x", "\\", "\n",
            "//", "é", "r'", "'''", "steps", "saga", "null", "$", "u",
        ]
        for _ in 0..<1_500 {
            let count = Int.random(in: 0..<12, using: &choices)
            let text = (0..<count).map { _ in pieces.randomElement(using: &choices)! }.joined()
            for issue in expressionIssues(of: text, in: typed) {
                #expect(issue.offset >= 0 && issue.length >= 0)
                #expect(issue.offset + issue.length <= text.unicodeScalars.count)
                #expect(!issue.message.isEmpty && !issue.code.isEmpty)
            }
            if let parts = try? TemplateText.parts(of: "${\(text)}"), parts.count == 1 {
                #expect(parts == [.expression(text, offset: 2)])
            }
        }
    }

    private func isOne(_ value: Value, of type: ExpressionType) -> Bool {
        switch (type, value) {
        case (.any, _), (.null, .null), (.bool, .bool), (.int, .int), (.double, .double),
            (.string, .string), (.timestamp, .timestamp), (.duration, .duration):
            true
        case (.list(let element), .list(let elements)):
            elements.allSatisfy { isOne($0, of: element) }
        case (.map(let fields, let isOpen), .map(let members)):
            (isOpen || members.count == fields.count)
                && fields.allSatisfy { name, field in
                    members[name].map { isOne($0, of: field.type) } ?? !field.isRequired
                }
        default: false
        }
    }
}
