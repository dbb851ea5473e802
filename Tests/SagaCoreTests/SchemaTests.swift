import SagaCore
import Testing

private func said(_ value: Value, _ assertions: Schema.Assertion...) -> [String] {
    Schema(assertions).violations(of: value).map(\.description)
}

@Suite struct `A schema` {
    @Test func `without assertions accepts everything, and one that accepts nothing says so`() {
        #expect(Schema.anything.violations(of: ["a": [1, nil]]) == [])
        #expect(Schema.nothing.violations(of: 1).map(\.description) == ["/: must not be present"])
    }

    @Test(arguments: [
        (Schema.InstanceType.null, Value.null), (.boolean, true), (.integer, 3), (.integer, -0.0),
        (.number, 3.5), (.number, 3), (.string, ""), (.array, .list([])),
        (.object, .map(Members())),
        (.integer, .int(3)), (.number, .int(3)),
    ])
    func `knows values by their type`(type: Schema.InstanceType, value: Value) {
        #expect(said(value, .type([type])) == [])
    }

    @Test func `says the type that it expects and what it found`() {
        #expect(
            said("5", .type([.integer])) == ["/: must be an integer, is the string \"5\""])
        #expect(said(3.5, .type([.integer])) == ["/: must be an integer, is the number 3.5"])
        #expect(
            said(.null, .type([.string, .boolean])) == ["/: must be a string or a boolean, is null"]
        )
        #expect(said([1, 2], .type([.object])) == ["/: must be an object, is an array of 2"])
    }

    @Test func `bounds numbers`() {
        #expect(said(0, .minimum(1)) == ["/: must be at least 1, is 0"])
        #expect(said(1, .minimum(1), .maximum(1)) == [])
        #expect(said(2, .maximum(1.5)) == ["/: must be at most 1.5, is 2"])
        #expect(said(1, .exclusiveMinimum(1)) == ["/: must be above 1, is 1"])
        #expect(said(1, .exclusiveMaximum(1)) == ["/: must be below 1, is 1"])
        #expect(said("a", .minimum(1)) == [])
    }

    @Test(arguments: [
        (19.99, 0.01, true), (19.995, 0.01, false), (1e300, 0.1, true), (0.1, 1e300, false),
        (0, 7, true), (-6, 3, true), (7, 3, false), (1e22, 7, false), (4.35, 0.05, true),
        (1e-7, 1e-8, true), (0.3, 0.1, true), (100, 1e2, true), (5, 10, false),
    ])
    func `finds multiples in decimal digits`(number: Double, unit: Double, isMultiple: Bool) {
        #expect(said(.double(number), .multipleOf(unit)).isEmpty == isMultiple)
    }

    @Test func `counts code points of text`() {
        #expect(said("e\u{301}", .minLength(2), .maxLength(2)) == [])
        #expect(said("😀", .maxLength(1)) == [])
        #expect(said("", .minLength(1)) == ["/: must have at least 1 character, has 0"])
        #expect(said("abc", .maxLength(2)) == ["/: must have at most 2 characters, has 3"])
    }

    @Test(arguments: [
        (Schema.Format.dateTime, "2026-03-01T12:00:00Z", true),
        (.dateTime, "2026-02-29T12:00:00Z", false), (.dateTime, "2026-03-01", false),
        (.date, "2024-02-29", true), (.date, "2026-02-29", false), (.date, "2026-3-1", false),
        (.uuid, "6BA7B810-9dad-11d1-80b4-00c04fd430c8", true), (.uuid, "6ba7b810", false),
    ])
    func `asserts the forms of text`(format: Schema.Format, text: String, fits: Bool) {
        #expect(said(.string(text), .format(format)).isEmpty == fits)
    }

    @Test func `looks into objects`() {
        let rules = Schema.MemberRules(
            known: [.init(name: "a/b~c", schema: Schema([.type([.string])]))], others: nil)
        #expect(
            said(["a/b~c": 1, "x": 2], .members(rules), .required(["a/b~c", "y"])) == [
                "/a~1b~0c: must be a string, is the number 1",
                "/x: must not be present: no member of that name is known here",
                "/y: must be present, is missing",
            ])
        let open = Schema.MemberRules(known: [], others: Schema([.type([.number])]))
        #expect(said(["x": 1, "y": "z"], .members(open)).count == 1)
        #expect(said([1], .members(rules), .required(["a"])) == [])
        #expect(said(["a": .null], .required(["a"])) == [])
    }

    @Test func `looks into arrays`() {
        let item = Schema([
            .members(.init(known: [.init(name: "n", schema: Schema([.minimum(1)]))]))
        ])
        #expect(
            said([["n": 1], ["n": 0]], .items(item)) == ["/1/n: must be at least 1, is 0"])
        #expect(said([], .minItems(1)) == ["/: must have at least 1 element, has 0"])
        #expect(said([1, 2], .maxItems(1)) == ["/: must have at most 1 element, has 2"])
        #expect(
            said([1, 2, 1], .uniqueItems)
                == ["/2: must differ from every other element, is the same as element 0"])
        #expect(said([["a": 1, "b": 2], ["b": 2, "a": 1]], .uniqueItems).count == 1)
    }

    @Test func `lists values`() {
        #expect(
            said("c", .oneOfValues(["a", "b"])) == ["/: must be one of \"a\", \"b\", is \"c\""])
        #expect(said(2, .oneOfValues([1])) == ["/: must be 1, is 2"])
        #expect(said(1, .oneOfValues([1, .null])) == [])
    }

    @Test func `combines schemas`() {
        let text = Schema([.type([.string])])
        let long = Schema([.minLength(3)])
        #expect(said("ab", .allOf([text, long])) == ["/: must have at least 3 characters, has 2"])
        #expect(said(1, .anyOf([text, long])) == [])
        #expect(
            said("ab", .anyOf([Schema([.type([.number])]), long])) == [
                "/: must fit one of 2 alternatives, fits none; number 1 says"
                    + " /: must be a number, is the string \"ab\""
            ])
        #expect(
            said("abc", .oneOf([text, long]))
                == ["/: must fit exactly one of 2 alternatives, fits number 1, 2"])
        #expect(said("ab", .oneOf([text, long])) == [])
        #expect(said("ab", .not(text)) == ["/: must not fit the schema of `not`, but does"])
        #expect(said(1, .not(text)) == [])
    }

    @Test func `stops at the limit`() {
        let many = Value.list((0..<500).map { Value.double(Double($0)) })
        let schema = Schema([.items(Schema([.type([.string])]))])
        #expect(schema.violations(of: many).count == 100)
        #expect(schema.violations(of: many, limit: 3).map(\.pointer) == ["/0", "/1", "/2"])
    }

    @Test func `cuts long values in its messages`() {
        let text = String(repeating: "x", count: 10_000)
        #expect(said(.string(text), .type([.number]))[0].count < 120)
    }
}
