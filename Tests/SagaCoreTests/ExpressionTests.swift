import Testing

@testable import SagaCore

/// A scope over a dictionary.
private struct Names: Scope {
    var values: [Variable: Value] = [:]

    func value(of variable: Variable) -> Value? { values[variable] }
}

private func error(of expression: Expression, _ values: [Variable: Value] = [:]) -> String? {
    do throws(ExpressionError) {
        _ = try expression.evaluate(in: Names(values: values))
        return nil
    } catch {
        return error.message
    }
}

private let one = Expression.literal(.int(1))
private let failing = Expression.binary(.divide, one, .literal(.int(0)))
private let yes = Expression.literal(true)
private let no = Expression.literal(false)

@Suite struct `An evaluation` {
    @Test(arguments: [
        Expression.Comprehension.all, .exists, .existsOne, .filter, .map,
    ])
    func `stops at its cost limit, whatever absorbs errors`(
        macro: Expression.Comprehension
    ) {
        let elements = Value.list(Array(repeating: false, count: 400))
        let inner = Expression.comprehension(
            .exists, .variable(.input), "b", .binary(.or, .local("a"), .local("b")))
        let body = macro == .all ? .unary(.not, inner) : inner
        let outer = Expression.comprehension(macro, .variable(.input), "a", body)
        let message = "the expression takes more than 100000 steps"
        #expect(error(of: outer, [.input: elements]) == message)
        #expect(error(of: .binary(.or, outer, yes), [.input: elements]) == message)
        #expect(error(of: .binary(.and, outer, no), [.input: elements]) == message)
    }

    @Test func `counts what a concatenation copies`() {
        let long = Value.string(String(repeating: "x", count: 60_000))
        let twice = Expression.binary(.add, .variable(.input), .variable(.input))
        #expect(error(of: twice, [.input: long]) != nil)
        #expect(error(of: .variable(.input), [.input: long]) == nil)
        let list = Value.list(Array(repeating: .null, count: 60_000))
        #expect(error(of: twice, [.input: list]) != nil)
        let joined = Expression.call(.join, [.list([.variable(.input), .variable(.input)])])
        #expect(error(of: joined, [.input: long]) != nil)
    }

    @Test func `lets a decided operand stand beside a failing one`() throws {
        #expect(try Expression.binary(.or, failing, yes).evaluate(in: Names()) == true)
        #expect(try Expression.binary(.or, yes, failing).evaluate(in: Names()) == true)
        #expect(try Expression.binary(.and, failing, no).evaluate(in: Names()) == false)
        #expect(try Expression.binary(.and, no, failing).evaluate(in: Names()) == false)
        #expect(error(of: .binary(.or, failing, no)) == "an int is divided by zero")
        #expect(error(of: .binary(.and, yes, failing)) == "an int is divided by zero")
        #expect(error(of: .binary(.and, one, no)) == nil)
        #expect(
            error(of: .binary(.and, one, yes)) == "each side of '&&' must be a bool, found an int")
    }

    @Test func `fails where a variable has no value, which has() asks`() throws {
        let result = Variable.stepResult("pay")
        #expect(error(of: .variable(result)) == "steps.pay.result has no value here")
        #expect(
            error(of: .variable(.stepOutcome("a-b"))) == "steps['a-b'].outcome has no value here")
        #expect(try Expression.hasVariable(result).evaluate(in: Names()) == false)
        let present = Names(values: [result: .null])
        #expect(try Expression.hasVariable(result).evaluate(in: present) == true)
    }

    @Test func `names the place and what is there when a member is missing`() {
        let note = Expression.field(.index(.field(.variable(.input), "items"), one), "note")
        let input: Value = ["items": [["code": "A"], ["code": "B", "price": 1]]]
        #expect(
            error(of: note, [.input: input])
                == "input.items[1] has no member 'note'; it has 'code', 'price'")
        #expect(
            error(of: note, [.input: ["items": [1]]])
                == "input.items has no element 1: it has 1")
        #expect(
            error(of: note, [.input: ["items": [1, 2]]])
                == "input.items[1] has no member 'note': it is a double, not a map")
        #expect(error(of: note, [.input: [:]]) == "input has no member 'items': it is empty")
    }
}

@Suite struct `A template` {
    private let names = Names(values: [
        .key: "o-1", .input: ["amount": 28, "share": 0.5, "none": nil, "list": [1, "a"]],
        .now: .timestamp(Instant(microseconds: 1_500_000)), .sagaVersion: .int(3),
    ])

    private func input(_ name: String) -> Expression { .field(.variable(.input), name) }

    @Test func `keeps the type of a whole scalar`() throws {
        #expect(try Template.expression(.variable(.sagaVersion)).evaluate(in: names) == .int(3))
        #expect(try Template.literal("x").evaluate(in: names) == "x")
        let nested = Template.map([
            .init(name: "b", value: .list([.expression(.variable(.key)), .literal(nil)])),
            .init(name: "a", value: .expression(.variable(.now))),
        ])
        let value = try nested.evaluate(in: names)
        #expect(value.jsonText == #"{"b":["o-1",null],"a":"1970-01-01T00:00:01.5Z"}"#)
    }

    @Test func `puts values into text as people write them`() throws {
        let parts: [Template.Part] = [
            .expression(.variable(.key)), .text(": "), .expression(input("amount")), .text(" "),
            .expression(input("share")), .text(" "), .expression(input("none")), .text(" "),
            .expression(input("list")), .text(" "), .expression(.variable(.now)), .text(" "),
            .expression(.literal(true)), .text(" "), .expression(.variable(.sagaVersion)),
            .text(" "), .expression(.literal(.duration(.seconds(90)))),
        ]
        #expect(
            try Template.text(parts).evaluate(in: names)
                == #"o-1: 28 0.5 null [1,"a"] 1970-01-01T00:00:01.5Z true 3 90s"#)
    }

    @Test func `fails where JSON could not hold a number`() {
        let infinite = Expression.binary(.divide, .literal(1), .literal(0))
        #expect(try! infinite.evaluate(in: names) == .double(.infinity))
        for template in [
            Template.expression(infinite), .text([.expression(infinite)]),
            .list([.expression(.list([.map([.init(key: .literal("a"), value: infinite)])]))]),
        ] {
            #expect(
                throws: ExpressionError(
                    "the result holds Infinity, which is no number that JSON can hold")
            ) { try template.evaluate(in: names) }
        }
        let compared = Template.expression(.binary(.greater, infinite, .literal(5)))
        #expect(try! compared.evaluate(in: names) == true)
    }

    @Test func `evaluated by members puts null for the failing ones and names them`() {
        let template = Template.map([
            .init(name: "id", value: .expression(.variable(.key))),
            .init(name: "note", value: .expression(input("note"))),
            .init(name: "all", value: .map([.init(name: "x", value: .expression(input("x")))])),
            .init(name: "fixed", value: .literal(1)),
        ])
        let (value, failures) = template.evaluateMembers(in: names)
        #expect(value.jsonText == #"{"id":"o-1","note":null,"all":null,"fixed":1}"#)
        #expect(failures.map(\.name) == ["note", "all"])
        #expect(
            failures.map(\.message) == [
                "input has no member 'note'; it has 'amount', 'share', 'none', 'list'",
                "input has no member 'x'; it has 'amount', 'share', 'none', 'list'",
            ])
    }

    @Test func `that is no map fails as a whole when evaluated by members`() {
        let whole = Template.expression(.variable(.input)).evaluateMembers(in: names)
        #expect(whole.value == names.values[.input])
        #expect(whole.failures.isEmpty)
        let failed = Template.expression(input("note")).evaluateMembers(in: names)
        #expect(failed.value == [:])
        #expect(failed.failures.map(\.name) == [""])
    }
}
