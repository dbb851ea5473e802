import SagaCore
import Testing

@testable import SagaLanguage

@Suite struct `An expression without a value` {
    @Test(
        arguments: [
            ("1 / 0", "an int is divided by zero"),
            ("input.one / input.zero", "an int is divided by zero"),
            ("1 % 0", "an int is divided by zero"),
            ("9223372036854775807 + input.two", "the int does not fit 64 bits"),
            ("9223372036854775807 + 1", "the int does not fit 64 bits"),
            ("-9223372036854775808 - 1", "the int does not fit 64 bits"),
            ("9223372036854775807 * 2", "the int does not fit 64 bits"),
            ("-input.least", "the int does not fit 64 bits"),
            ("-9223372036854775808 / -1", "the int does not fit 64 bits"),
            ("int(1e300)", "int() of 1e+300: the int does not fit 64 bits"),
            ("int(0.0 / 0.0)", "int() of NaN: the int does not fit 64 bits"),
            ("int('1.5')", "int() needs the digits of a whole number, found '1.5'"),
            ("int('')", "int() needs the digits of a whole number, found ''"),
            ("double('a')", "double() needs the digits of a number, found 'a'"),
            ("double('inf')", "double() needs the digits of a number, found 'inf'"),
            (
                "timestamp('yesterday')",
                "timestamp() needs a text such as '2026-01-31T12:00:00Z', found 'yesterday'"
            ),
            (
                "timestamp('2026-02-30T00:00:00Z')",
                "timestamp() needs a text such as '2026-01-31T12:00:00Z', "
                    + "found '2026-02-30T00:00:00Z'"
            ),
            (
                "timestamp('0000-12-31T00:00:00Z')",
                "the timestamp is outside the years 0001 to 9999"
            ),
            (
                "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
                "the timestamp is outside the years 0001 to 9999"
            ),
            (
                "timestamp('0001-01-01T00:00:00Z') - duration('1s')",
                "the timestamp is outside the years 0001 to 9999"
            ),
            ("timestamp(9223372036854775807)", "the timestamp is outside the years 0001 to 9999"),
            ("duration('1d')", "duration() needs a text such as '1h30m' or '1.5s', found '1d'"),
            ("duration('1')", "duration() needs a text such as '1h30m' or '1.5s', found '1'"),
            ("duration('')", "duration() needs a text such as '1h30m' or '1.5s', found ''"),
            ("duration('-')", "duration() needs a text such as '1h30m' or '1.5s', found '-'"),
            (
                "duration('1h 30m')",
                "duration() needs a text such as '1h30m' or '1.5s', found '1h 30m'"
            ),
            ("duration('.s')", "duration() needs a text such as '1h30m' or '1.5s', found '.s'"),
            ("duration('99999999h')", "the duration is longer than 292 years"),
            ("[].min()", "min() of an empty list has no value"),
            ("input.none.max()", "max() of an empty list has no value"),
            ("input.mixed.max()", "max() cannot compare a double and a string"),
            ("input.mixed.sum()", "sum() takes a list of numbers, found a string in it"),
            (
                "[1.0, input.one].sum()",
                "'+' does not take a double and an int: convert one with double() or int()"
            ),
            ("input.list.join()", "join() takes a list of strings, found a double in it"),
            ("input.list[3]", "input.list has no element 3: it has 3"),
            ("input.list[-1]", "input.list has no element -1: it has 3"),
            ("input.list[0.5]", "a list's index must be whole, found 0.5"),
            ("input.list['a']", "a list's index must be an int, found a string"),
            ("input.map[0]", "a map's keys are strings, found an int"),
            ("input.text[0]", "input.text cannot be indexed: it is a string"),
            ("input.map.c", "input.map has no member 'c'; it has 'a', 'b'"),
            ("input.map['c']", "input.map has no member 'c'; it has 'a', 'b'"),
            ("input.text.c", "input.text has no member 'c': it is a string, not a map"),
            (
                "has(input.missing.c)",
                "input has no member 'missing'; it has 'one', 'two', 'zero', 'big', 'least', 'half', "
                    + "'three', 'nothing', …"
            ),
            ("has(input.text.c)", "input.text has no member 'c': it is a string, not a map"),
            (
                "input.one + input.half",
                "'+' does not take an int and a double: convert one with double() or int()"
            ),
            (
                "input.one * 2.0",
                "'*' does not take an int and a double: convert one with double() or int()"
            ),
            ("input.half % input.three", "'%' does not take a double and a double"),
            ("input.text + input.half", "'+' does not take a string and a double"),
            ("input.text - input.text", "'-' does not take a string and a string"),
            ("-input.text", "there is no '-' of a string"),
            ("!input.text", "there is no '!' of a string"),
            ("input.text < input.one", "'<' cannot compare a string and an int"),
            ("input.list < input.list", "'<' cannot compare a list and a list"),
            ("input.nil >= 1", "'>=' cannot compare null and an int"),
            ("1 in input.text", "'in' asks a list or a map, found a string"),
            ("input.text ? 1 : 2", "the condition of '?:' must be a bool, found a string"),
            ("(1 / 0 == 1) ? 1 : 2", "an int is divided by zero"),
            ("true && input.text", "each side of '&&' must be a bool, found a string"),
            ("input.text || false", "each side of '||' must be a bool, found a string"),
            ("false || 1 / 0 == 1", "an int is divided by zero"),
            ("1 / 0 == 1 || input.list[9] == 1", "an int is divided by zero"),
            ("[0, 2].all(x, 4 / x == 2)", "an int is divided by zero"),
            ("[0, 2].exists(x, 4 / x == 1)", "an int is divided by zero"),
            ("[0, 2].exists_one(x, 4 / x == 2)", "an int is divided by zero"),
            ("[0, 2].map(x, 4 / x)", "an int is divided by zero"),
            ("[0, 2].filter(x, 4 / x == 2)", "an int is divided by zero"),
            ("input.list.all(x, x)", "what all() asks must be a bool, found a double"),
            ("input.text.all(x, true)", "all() goes over a list or a map's keys, found a string"),
            ("size(input.one)", "size() does not take an int"),
            ("string(input.list)", "string() does not take a list"),
            ("input.one.contains('a')", "contains() does not take an int and a string"),
            ("{input.one: 1}", "a map's keys are strings, found an int"),
            ("{input.text: 1, 'abc': 2}", "the key 'abc' is given twice"),
        ] as [(String, String)])
    func `says why when it is evaluated`(text: String, message: String) throws {
        let compiled = try compileExpression(text, in: sampleContext)
        #expect(throws: ExpressionError(message)) {
            try compiled.expression.evaluate(in: sampleNames)
        }
    }
}
