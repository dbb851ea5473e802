import SagaCore
import Testing

@testable import SagaLanguage

@Suite struct `An expression's value` {
    @Test(
        arguments: [
            ("1 + 2 * 3", Value.int(7)), ("(1 + 2) * 3", .int(9)), ("7 / 2", .int(3)),
            ("-7 / 2", .int(-3)), ("7 % 3", .int(1)), ("-7 % 3", .int(-1)), ("2 - 3 - 4", .int(-5)),
            ("7.0 / 2.0", 3.5), ("1.0 / 0.0", .double(.infinity)),
            ("-1.0 / 0.0", .double(-.infinity)),
            ("0x1F", .int(31)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775807", .int(.max)),
            ("1e3", 1000), (".5", 0.5), ("1.5e-1", 0.15), ("--1", .int(1)), ("- 1", .int(-1)),
            ("-input.one", .int(-1)), ("-input.half", -0.5), ("-(1 + 2)", .int(-3)),
            ("input.half + 1", 1.5), ("1 + input.half", 1.5), ("input.half * (1 + 1)", 1),
            ("input.half * -2", -1), ("(true ? 1 : 2) * input.half", 0.5),
            ("input.items.map(i, i.price * i.count).sum()", 24),
            ("input.one + size(input.list)", .int(4)), ("input.big - 1 < 0 || true", true),
        ] as [(String, Value)])
    func `follows arithmetic`(text: String, expected: Value) throws {
        #expect(try sampleValue(text) == expected)
    }

    @Test(
        arguments: [
            ("1 == 1.0", true), ("1.0 == 1", true), ("input.one == 1.0", true), ("1 != 1.5", true),
            ("1 < 1.5", true), ("2 > 1.5", true), ("input.three >= 3", true), ("1.5 <= 1", false),
            ("9223372036854775807 < 9223372036854775808.0", false),
            ("9223372036854775807 == 9223372036854775808.0", true),
            ("9007199254740993 == 9007199254740992.0", true),
            ("9007199254740994 > 9007199254740992.0", true),
            ("-9223372036854775808 < -1e19", false),
            ("input.text == 1", false), ("input.yes == 1", false), ("input.nil == false", false),
            ("input.list == 'abc'", false), ("input.nil == null", true),
            ("input.text != null", true),
            ("[1, 2.0] == [1.0, 2]", true), ("[1] == [1, 2]", false), ("[[1]] == [[1.0]]", true),
            ("{'a': 1} == {'a': 1.0}", true), ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", true),
            ("{'a': 1} == {'a': 2}", false), ("{'a': 1} == {'b': 1}", false),
            ("input.map == {'a': 1, 'b': null}", true), ("[1, 'a', null] == [1, 'a', null]", true),
            ("[1, 'a'] == ['a', 1]", false), ("0.0 == -0.0", true),
            ("0.0 / 0.0 == 0.0 / 0.0", false), ("0.0 / 0.0 != 0.0 / 0.0", true),
            ("0.0 / 0.0 < 1.0", false), ("0.0 / 0.0 >= 1.0", false),
            ("'a' < 'b'", true), ("'B' < 'a'", true), ("'a' < 'aa'", true), ("'' < 'a'", true),
            ("'\\uffff' < '\\U0001F600'", true), ("'e\\u0301' == '\\u00e9'", false),
            ("false < true", true), ("true <= true", true), ("true > false", true),
            ("timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T01:00:00+00:30')", true),
            ("timestamp('2026-01-01T00:00:00Z') == timestamp('2026-01-01T01:00:00+01:00')", true),
            ("duration('60s') == duration('1m')", true), ("duration('90m') > duration('1h')", true),
        ] as [(String, Bool)])
    func `compares as CEL does`(text: String, expected: Bool) throws {
        #expect(try sampleValue(text) == .bool(expected))
    }

    @Test(
        arguments: [
            ("true || 1 / 0 == 1", true), ("1 / 0 == 1 || true", true),
            ("false && 1 / 0 == 1", false),
            ("1 / 0 == 1 && false", false), ("input.missing || true", true),
            ("input.missing && false", false), ("true || input.text", true),
            ("input.text || true", true), ("input.one && false", false),
            ("!true || !false", true), ("!!true", true), ("true && true && !false", true),
            ("false || false", false), ("false ? true : false", false),
            ("true ? true : 1 / 0 == 1", true), ("false ? 1 / 0 == 1 : true", true),
            ("true ? (false ? false : true) : false", true), ("true || false && false", true),
            ("1 in [1.0, 2.0]", true), ("4 in input.list", false), ("2 in input.list", true),
            ("null in input.mixed", true), ("'a' in input.map", true), ("'c' in input.map", false),
            ("input.one in input.map", false), ("!('x' in {'x': 1})", false), ("1 in []", false),
            ("'b' in ['a', 'b']", true), ("1 in [] || 2 in [2]", true),
        ] as [(String, Bool)])
    func `of a condition absorbs what does not matter`(text: String, expected: Bool) throws {
        #expect(try sampleValue(text) == .bool(expected))
    }

    @Test(
        arguments: [
            ("[1, 2, 3].all(x, x > 0)", Value.bool(true)), ("[1, 2, 3].all(x, x > 1)", false),
            ("[].all(x, x > 1)", true), ("[].exists(x, x > 1)", false),
            ("[1, 2, 3].exists(x, x == 2)", true), ("[1, 2].exists(x, x == 4)", false),
            ("[0, 2].all(x, 4 / x == 1)", false), ("[0, 2].exists(x, 4 / x == 2)", true),
            ("[2, 0].exists(x, 4 / x == 2)", true), ("['a', 1].exists(x, x == 1)", true),
            ("input.mixed.exists(x, x > 0)", true),
            ("[1, 2, 2].exists_one(x, x == 1)", true), ("[1, 2, 2].exists_one(x, x == 2)", false),
            ("[].exists_one(x, true)", false),
            ("[1, 2, 3].map(x, x * x)", .list([.int(1), .int(4), .int(9)])),
            ("[1, 2, 3].map(x, x > 1, x * 10)", .list([.int(20), .int(30)])),
            ("[1, 2, 3].filter(x, x > 1)", .list([.int(2), .int(3)])),
            ("input.map.map(k, k)", ["a", "b"]), ("input.map.all(k, k != 'c')", true),
            ("input.map.filter(k, input.map[k] == null)", ["b"]),
            ("{'x': 1}.exists(k, k == 'x')", true),
            ("input.map.exists_one(k, k == 'a')", true),
            (
                "[[1, 2], [3]].map(x, x.map(y, y + 1))",
                .list([
                    .list([.int(2), .int(3)]), .list([.int(4)]),
                ])
            ),
            (
                "[1, 2].map(x, [3, 4].map(x, x))",
                .list([
                    .list([.int(3), .int(4)]), .list([.int(3), .int(4)]),
                ])
            ),
            ("[1, 2].map(input, input + 1)", .list([.int(2), .int(3)])),
            ("input.items.filter(i, i.price > 5).map(i, i.count)", [2]),
            ("[1, 2, 3].filter(x, x > 1).map(x, x + 1).size()", .int(2)),
        ] as [(String, Value)])
    func `of a macro goes over each element or key`(text: String, expected: Value) throws {
        #expect(try sampleValue(text) == expected)
    }

    @Test(
        arguments: [
            ("size('a😀é')", Value.int(3)), ("'e\\u0301'.size()", .int(2)),
            ("size([1, 2])", .int(2)),
            ("{'a': 1}.size()", .int(1)), ("size('')", .int(0)),
            ("int(3.9)", .int(3)), ("int(-3.9)", .int(-3)), ("int('42')", .int(42)),
            ("int('-7')", .int(-7)), ("int(5)", .int(5)),
            ("int(timestamp('1970-01-01T00:01:40.9Z'))", .int(100)),
            ("int(timestamp('1969-12-31T23:59:59.5Z'))", .int(-1)),
            ("double(3)", 3), ("double('2.50')", 2.5), ("double('1e3')", 1000),
            ("double(1.5)", 1.5),
            ("string(3)", "3"), ("string(3.0)", "3"), ("string(0.25)", "0.25"),
            ("string(true)", "true"),
            ("string('a')", "a"),
            ("string(timestamp('2026-01-01T01:00:00+01:00'))", "2026-01-01T00:00:00Z"),
            ("string(duration('90m'))", "5400s"), ("string(1e300)", "1e+300"),
            ("string(-input.three)", "-3"), ("string(1.0 / 0.0)", "Infinity"),
            ("'abc'.contains('bc')", true), ("'abc'.contains('')", true),
            ("'abc'.contains('abcd')", false),
            ("'aab'.contains('ab')", true), ("'abc'.startsWith('ab')", true),
            ("'abc'.startsWith('b')", false),
            ("'abc'.endsWith('bc')", true), ("'abc'.endsWith('abcd')", false),
            ("''.endsWith('')", true),
            ("['a', 'b'].join()", "ab"), ("['a', 'b'].join(', ')", "a, b"), ("[].join('x')", ""),
            ("['a'].join('x')", "a"), ("input.list.map(x, string(x)).join('-')", "1-2-3"),
            ("[1, 2].sum()", .int(3)), ("[1.5, 2].sum()", 3.5), ("input.list.sum()", 6),
            ("input.none.sum()", 0), ("[].sum()", 0), ("input.ints.sum()", .int(3)),
            ("input.items.map(i, size(i)).filter(s, s > 9).sum()", .int(0)),
            ("[duration('1m'), duration('30s')].sum()", .duration(.seconds(90))),
            ("[duration('1m')].filter(d, false).sum()", .duration(.zero)),
            ("[3, 1, 2].min()", .int(1)), ("[3, 1, 2].max()", .int(3)), ("['b', 'a'].min()", "a"),
            ("[1, 2.5].max()", 2.5), ("[false, true].max()", true), ("input.list.max()", 3),
            (
                "[timestamp(5), timestamp(2)].min() == timestamp('1970-01-01T00:00:02Z')",
                true
            ),
            ("'a' + 'b' + input.text", "ababc"),
            ("[1] + [2, 3]", .list([.int(1), .int(2), .int(3)])),
            ("[] + []", []), ("input.list + ['x']", [1, 2, 3, "x"]),
        ] as [(String, Value)])
    func `of a function is CEL's`(text: String, expected: Value) throws {
        #expect(try sampleValue(text) == expected)
    }

    @Test(
        arguments: [
            ("timestamp('2024-02-28T12:00:00Z') + duration('24h')", "2024-02-29T12:00:00Z"),
            ("duration('1s') + timestamp('1969-12-31T23:59:59Z')", "1970-01-01T00:00:00Z"),
            ("timestamp('2026-01-01T00:00:00Z') - duration('1.5s')", "2025-12-31T23:59:58.5Z"),
            ("timestamp('2026-01-01T00:00:00Z') - timestamp('2025-12-31T00:00:00Z')", "86400s"),
            ("timestamp('2025-12-31T00:00:00Z') - timestamp('2026-01-01T00:00:00Z')", "-86400s"),
            ("duration('1h') + duration('30m')", "5400s"),
            ("duration('1h') - duration('90m')", "-1800s"),
            ("duration('1h30m')", "5400s"), ("duration('1.5s')", "1.5s"),
            ("duration('250ms')", "0.25s"),
            ("duration('10us')", "0.00001s"), ("duration('1500ns')", "0.000001s"),
            ("duration('-1h')", "-3600s"), ("duration('+5s')", "5s"), ("duration('0')", "0s"),
            ("duration('1.5h')", "5400s"), ("duration('.5m')", "30s"),
            ("duration('30m1h')", "5400s"),
            ("duration(duration('1s'))", "1s"),
            ("timestamp(timestamp('2026-01-01T00:00:00Z'))", "2026-01-01T00:00:00Z"),
            ("timestamp(100)", "1970-01-01T00:01:40Z"),
            ("timestamp(int(input.three))", "1970-01-01T00:00:03Z"),
            ("now", "1970-01-12T13:46:40Z"), ("now - duration('40s')", "1970-01-12T13:46:00Z"),
        ] as [(String, String)])
    func `of times follows the calendar`(text: String, expected: String) throws {
        #expect(try sampleValue(text).json == .string(expected))
    }

    @Test(
        arguments: [
            ("[1, 2, 3][1]", Value.int(2)), ("input.list[2.0]", 3), ("[1, 2][input.one]", .int(2)),
            ("input['list'][0]", 1), ("input.nested.deep.x[0].y", 7),
            ("{'a b': 1}['a b']", .int(1)),
            ("{'a': {'b': [5]}}.a.b[0]", .int(5)), ("input.map.b", nil),
            ("has(input.map.a)", true), ("has(input.map.b)", true), ("has(input.map.c)", false),
            ("has(input.nested.deep.x)", true), ("has({'a': 1}.a)", true),
            ("has(input.map.c) ? input.map.c : 'none'", "none"),
            ("{'if': 1}.if", .int(1)), ("{input.text: 1}.abc", .int(1)),
            ("[1, 2,]", .list([.int(1), .int(2)])), ("{'a': 1,}", .map(Members([("a", .int(1))]))),
            ("// a comment\n1 // another", .int(1)),
        ] as [(String, Value)])
    func `of a place is what stands there`(text: String, expected: Value) throws {
        #expect(try sampleValue(text) == expected)
    }

    @Test(
        arguments: [
            (#"'a\tb\n'"#, "a\tb\n"), (#""it's""#, "it's"), (#"'say "hi"'"#, #"say "hi""#),
            (#"r'a\d'"#, #"a\d"#), (#"R"\""#, "\\"), (#"'\x41\u00e9\U0001F600\101'"#, "Aé😀A"),
            ("'''it's\n\"long\"'''", "it's\n\"long\""), (#""""a"b""""#, #"a"b"#),
            (#"'\\\'\"\`\?'"#, "\\'\"`?"),
            (#"'\a\b\f\r\v'"#, "\u{07}\u{08}\u{0C}\r\u{0B}"), ("''", ""), ("''''''", ""),
        ] as [(String, String)])
    func `of a string resolves its escapes`(text: String, expected: String) throws {
        #expect(try sampleValue(text) == .string(expected))
    }
}
