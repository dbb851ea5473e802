import Testing

@testable import SagaCore

@Suite struct `A value` {
    @Test func `in its JSON form has the JSON kinds only`() {
        let value: Value = [
            "n": .int(3), "t": .timestamp(Instant(microseconds: 1_500_000)),
            "l": [.duration(.seconds(5)), .int(1)],
        ]
        #expect(
            value.json == ["n": 3, "t": "1970-01-01T00:00:01.5Z", "l": ["5s", 1]])
    }

    @Test func `gives its content only under its own kind`() {
        #expect(Value.string("a").text == "a")
        #expect(Value.double(1).text == nil)
        #expect(Value.bool(true).truth == true)
        #expect(Value.double(3).whole == 3)
        #expect(Value.double(3.5).whole == nil)
        #expect(Value.double(1e300).whole == nil)
        #expect(Value.int(4).whole == 4)
        #expect((["a": 1] as Value)["a"] == 1)
        #expect(Value.list([1])["a"] == nil)
    }
}

@Suite struct `The members of a map` {
    @Test func `are equal in any order`() {
        let left = Members([("a", 1), ("b", 2)])
        let right = Members([("b", 2), ("a", 1)])
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left.names == ["a", "b"])
        #expect(left != Members([("a", 1), ("b", 3)]))
        #expect(left != Members([("a", 1)]))
    }

    @Test func `keep their place when they change, and lose it when they go`() {
        var members = Members((0..<20).map { ("m\($0)", .int($0)) })
        members["m3"] = "new"
        #expect(members[3].name == "m3")
        #expect(members["m3"] == "new")
        members["m0"] = Value?.none
        #expect(members.count == 19)
        #expect(members["m0"] == nil)
        #expect(members["m19"] == .int(19))
    }
}
