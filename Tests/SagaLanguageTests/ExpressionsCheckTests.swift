import SagaCore
import Testing

@testable import SagaLanguage

@Suite struct `An expression that is checked` {
    @Test func `is told everything that is wrong, in order`() {
        let text = "inptu.a + [foo, key.bar(), steps.ship.result] + steps.review.result"
        #expect(
            expressionIssues(of: text, in: orderContext).map(\.code) == [
                "unknown-variable", "unknown-variable", "unknown-function", "unusable-step",
                "unguarded-step",
            ])
        #expect(expressionIssues(of: text, in: orderContext).map(\.offset) == [0, 11, 20, 33, 54])
    }

    @Test(arguments: [
        "has(steps.review.result) ? steps.review.result.x : null",
        "has(steps.review.result) ? steps.review.outcome : null",
        "!has(steps.review.result) ? null : steps.review.result",
        "has(steps.review.result) && steps.review.result.ok",
        "!has(steps.review.result) || steps.review.result.ok",
        "!(has(steps.review.result) && true) || steps.review.result.ok",
        "has(steps.review.result) && true && steps.review.result.ok",
        "(has(steps.review.result) && key == 'a') ? steps.review.result : 1",
        "has(steps.review.result) ? [1].map(x, steps.review.result.x + x) : []",
        "has(steps.review.result) || has(steps.review.outcome)",
        "has(steps['review'].result) ? steps.review.result : null",
        "!(!has(steps.review.result) || key == 'a') ? steps.review.result : null",
        "(has(steps.review.result) ? steps.review.outcome == 'a' : false)",
    ])
    func `may use a step that has() guards`(text: String) throws {
        _ = try compileExpression(text, in: orderContext)
    }

    @Test(arguments: [
        "has(steps.review.result) || steps.review.result.ok",
        "has(steps.review.result) ? null : steps.review.result",
        "has(steps.review.outcome) ? steps.review.result : null",
        "(has(steps.review.result) || true) ? steps.review.result : null",
        "steps.review.result.ok && has(steps.review.result)",
        "(has(steps.review.result) ? 1 : 2) == 1 ? steps.review.result : null",
        "[has(steps.review.result), steps.review.result]",
        "has(steps.review.result.x)",
        "(has(steps.review.result) && true) || steps.review.result.ok",
    ])
    func `may not use a step that has() does not guard`(text: String) {
        #expect(expressionIssues(of: text, in: orderContext).map(\.code) == ["unguarded-step"])
    }

    @Test func `says which variables it proves present`() throws {
        let proof = try compileExpression("has(steps.review.result) && key != ''", in: orderContext)
            .provesPresent
        #expect(proof == [.stepResult("review"), .stepOutcome("review")])
        let none = try compileExpression("has(steps.review.result) || key != ''", in: orderContext)
            .provesPresent
        #expect(none.isEmpty)
    }

    @Test(
        arguments: [
            ("1", ExpressionType.int), ("1 + 2", .int), ("input.amount + 1", .double),
            ("null", .null),
            ("input.amount > 1", .bool), ("key + 'a'", .string), ("input.open.x", .any),
            ("input.open.x + 1", .double), ("input.open.x + 'a'", .string), ("[1, 2]", .list(.int)),
            ("[1, 2.5]", .list(.double)), ("[1, 'a']", .list(.any)), ("[]", .list(.any)),
            ("[[1], [2]]", .list(.list(.int))), ("true ? 1 : 2.5", .double),
            ("true ? 1 : 'a'", .any),
            ("input.order_items.map(i, i.quantity)", .list(.double)),
            ("input.order_items.map(i, i.quantity * 2).sum()", .double),
            ("input.order_items.filter(i, i.quantity > 1)[0].code", .string),
            ("input.map(k, k)", .list(.string)), ("now + duration('1h')", .timestamp),
            ("now - now", .duration), ("now - timestamp(input.due) > duration('1h')", .bool),
            ("steps.pack.results", .list(.double)), ("steps.pack.results.sum()", .double),
            ("steps['my-step'].result", .any), ("steps['my-step'].outcome", .string),
            ("steps.payment.result.payment_id", .string), ("saga.version", .int),
            ("saga['id']", .string), ("item.code", .string), ("index + 1", .int),
            ("{'a': 1}", .map(fields: ["a": .init(.int)], isOpen: false)),
            ("{'a': 'x'}.a", .string),
            ("{key: 1}", .map(fields: [:], isOpen: true)), ("has(saga.id)", .bool),
            ("['a'].join()", .string), ("[1, 2].max()", .int), ("-input.amount", .double),
            ("input.amount == null", .bool), ("[1].map(item, item)", .list(.int)),
            ("[1].map(steps, steps)[0]", .int), ("size(input.order_items) % 2", .int),
            ("input['customer_id']", .string), ("input[key]", .any),
            ("[now, now].min()", .timestamp),
        ] as [(String, ExpressionType)])
    func `has a type`(text: String, type: ExpressionType) throws {
        #expect(try compileExpression(text, in: orderContext).type == type)
    }

    @Test func `must have the type that its place needs`() throws {
        #expect(throws: Never.self) {
            try compileExpression("input.open.x", in: orderContext, expected: .bool)
        }
        #expect(throws: Never.self) {
            try compileExpression("[1]", in: orderContext, expected: .list(.any))
        }
        let found = expressionIssues(of: " key + 'a' ", in: orderContext, expected: .bool)
        #expect(
            found == [
                ExpressionIssue(
                    offset: 1, length: 9,
                    message: "the expression must give a bool, but it gives a string",
                    code: "wrong-type")
            ])
    }

    @Test func `takes whole numbers beside doubles as doubles`() throws {
        let compiled = try compileExpression("input.amount * 2", in: orderContext).expression
        #expect(
            compiled
                == .binary(.multiply, .field(.variable(.input), "amount"), .literal(.double(2))))
        #expect(
            try compileExpression("size(key) * 2", in: orderContext).expression
                == .binary(.multiply, .call(.size, [.variable(.key)]), .literal(.int(2))))
    }

    @Test func `may be 64 nodes deep and no more`() throws {
        let deep = { (depth: Int) in String(repeating: "!", count: depth - 1) + "true" }
        #expect(throws: Never.self) { try compileExpression(deep(64), in: orderContext) }
        #expect(expressionIssues(of: deep(65), in: orderContext).map(\.code) == ["too-deep"])
        let sum = { (count: Int) in Array(repeating: "1", count: count).joined(separator: "+") }
        #expect(throws: Never.self) { try compileExpression(sum(64), in: orderContext) }
        #expect(expressionIssues(of: sum(65), in: orderContext).map(\.code) == ["too-deep"])
        for hostile in ["(", "[", "{'a':", "a?b:", "f(", "a[", "-", "!"] {
            let text = String(repeating: hostile, count: 15_000 / hostile.count)
            #expect(!expressionIssues(of: text, in: orderContext).isEmpty)
        }
    }

    @Test func `may be 16 KiB long and no more`() {
        let text = { (bytes: Int) in "'" + String(repeating: "x", count: bytes - 2) + "'" }
        #expect(expressionIssues(of: text(16 * 1024), in: orderContext).isEmpty)
        #expect(
            expressionIssues(of: text(16 * 1024 + 1), in: orderContext).map(\.code) == ["too-long"])
    }

    @Test func `in an empty context may use no variable`() {
        let found = expressionIssues(of: "input", in: ExpressionContext())
        #expect(found.map(\.message) == ["'input' is not available here"])
        #expect(
            expressionIssues(of: "x", in: ExpressionContext()).first?.fix
                == "no variable is available here")
    }

    @Test func `knows which names an 'as' may bind`() {
        #expect(ExpressionCompiler.problem(withName: "item_2") == nil)
        for name in ["", "2a", "a-b", "é", "for", "true", "in", "input", "index", "steps"] {
            #expect(ExpressionCompiler.problem(withName: name) != nil)
        }
    }
}

@Suite struct `The nearest name` {
    @Test(arguments: [
        ("inptu", "input"), ("Input", "input"), ("custmer_id", "customer_id"), ("reslt", "result"),
        ("nwo", "now"),
    ])
    func `is the one most likely meant`(name: String, meant: String) {
        let known = ["input", "now", "result", "customer_id", "key"]
        #expect(nearest(to: name, among: known) == meant)
    }

    @Test(arguments: ["x", "completely", "", "kzz", "input"])
    func `is none where nothing is close`(name: String) {
        #expect(nearest(to: name, among: ["input", "now", "result"]) == nil)
    }
}
