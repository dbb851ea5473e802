import SagaCore
import Testing

@testable import SagaLanguage

@Suite struct `An expression that is refused` {
    @Test(
        arguments: [
            (
                "inptu", "unknown-variable", 0, 5, "there is no variable 'inptu'",
                "did you mean input?"
            ),
            (
                "1 + foo", "unknown-variable", 4, 3, "there is no variable 'foo'",
                "what is: index, input, item, key, now, saga, steps"
            ),
            (
                "failure.reason", "not-in-scope", 0, 7,
                "'failure' exists only once compensation began", nil
            ),
            (
                "result.x", "not-in-scope", 0, 6, "'result' is not available here",
                "what is: index, input, item, key, now, saga, steps"
            ),
            (
                "input.custmer_id", "unknown-field", 6, 10, "there is no member 'custmer_id' here",
                "did you mean customer_id?"
            ),
            (
                "input['custmer_id']", "unknown-field", 6, 12,
                "there is no member 'custmer_id' here",
                "did you mean customer_id?"
            ),
            (
                "input.order_items[0].x", "unknown-field", 21, 1, "there is no member 'x' here",
                "it has code, quantity, unit_price"
            ),
            (
                "has(input.nte)", "unknown-field", 10, 3, "there is no member 'nte' here",
                "did you mean note?"
            ),
            (
                "input.order_items.code", "wrong-type", 18, 4, "a list has no member 'code'",
                "take an element, as in [0], or go over all with .map(x, x.code)"
            ),
            (
                "input.amount.x", "wrong-type", 13, 1, "a double has no member 'x': it is no map",
                nil
            ),
            (
                "input.amount[0]", "wrong-type", 13, 1, "a double cannot be indexed",
                "only lists and maps can"
            ),
            (
                "input.order_items['a']", "wrong-type", 18, 3,
                "a list's index must be an int, but this is a string", nil
            ),
            (
                "input[0]", "wrong-type", 6, 1, "a map's keys are strings, but this is an int",
                "write the key in quotes"
            ),
            (
                "item.cod", "unknown-field", 5, 3, "there is no member 'cod' here",
                "did you mean code?"
            ),
            (
                "saga", "incomplete-name", 0, 4, "'saga' is no value by itself",
                "write saga.id, saga.name or saga.version"
            ),
            ("saga.ID", "unknown-field", 5, 2, "saga has no member 'ID'", "did you mean saga.id?"),
            (
                "has(saga.nam)", "unknown-field", 9, 3, "saga has no member 'nam'",
                "did you mean saga.name?"
            ),
            (
                "steps", "incomplete-name", 0, 5, "'steps' is no value by itself",
                "write steps.NAME.outcome or steps.NAME.result"
            ),
            (
                "steps.payment", "incomplete-name", 6, 7, "steps.payment is no value by itself",
                "write steps.payment.outcome or steps.payment.result"
            ),
            (
                "has(steps.payment)", "incomplete-name", 10, 7,
                "steps.payment is no value by itself",
                "write steps.payment.outcome or steps.payment.result"
            ),
            (
                "steps.paymnt.result", "unknown-step", 6, 6, "there is no step 'paymnt'",
                "did you mean payment?"
            ),
            (
                "steps.xyz.result", "unknown-step", 6, 3, "there is no step 'xyz'",
                "the steps are my-step, pack, payment, review, ship"
            ),
            (
                "steps.payment.reslt", "unknown-field", 14, 5, "a step has no member 'reslt'",
                "did you mean result?"
            ),
            (
                "steps.pack.outcome", "unknown-field", 11, 7,
                "steps.pack.outcome is not available here",
                "what is: results"
            ),
            (
                "steps.payment.result.id", "unknown-field", 21, 2, "there is no member 'id' here",
                "it has payment_id"
            ),
            (
                "steps.ship.result", "unusable-step", 6, 4,
                "step 'ship' cannot be used here: it runs later", nil
            ),
            (
                "has(steps.ship.result)", "unusable-step", 10, 4,
                "step 'ship' cannot be used here: it runs later", nil
            ),
            (
                "steps.review.result", "unguarded-step", 6, 6,
                "steps.review.result may be missing here: it may be skipped by its 'when'",
                "guard it: has(steps.review.result) ? steps.review.result : null"
            ),
            (
                "input.amount + 'x'", "wrong-type", 13, 1,
                "'+' does not take a double and a string",
                "put the other side in string()"
            ),
            (
                "input.amount * size(input.order_items)", "mixed-numbers", 13, 1,
                "'*' does not mix ints and doubles: size(input.order_items) is an int",
                "write double(size(input.order_items))"
            ),
            (
                "index + 0.5", "mixed-numbers", 6, 1,
                "'+' does not mix ints and doubles: index is an int",
                "write double(index)"
            ),
            (
                "1 / 2 * input.amount", "mixed-numbers", 6, 1,
                "'*' does not mix ints and doubles: 1 / 2 is an int", "write double(1 / 2)"
            ),
            (
                "input.amount % 2", "wrong-type", 13, 1, "'%' does not take a double and a double",
                "'%' takes ints: put doubles in int()"
            ),
            (
                "input.open.count % 2", "wrong-type", 17, 1,
                "'%' takes ints, and a number from JSON is a double", "write int(input.open.count)"
            ),
            (
                "now > input.due", "wrong-type", 4, 1,
                "'>' cannot compare a timestamp and a string",
                "put the string in timestamp()"
            ),
            (
                "key == 1", "wrong-type", 4, 2, "a string and an int are never equal",
                "put the string in double(), or the number in string()"
            ),
            (
                "key in [1, 2]", "wrong-type", 4, 2,
                "a string is never in a list whose elements are an int",
                "put the string in double(), or the number in string()"
            ),
            (
                "'a' in key", "wrong-type", 4, 2, "'in' asks a list or a map, but this is a string",
                "write TEXT.contains(PART)"
            ),
            ("1 in input", "wrong-type", 2, 2, "a map's keys are strings, but this is an int", nil),
            ("[1] < [2]", "wrong-type", 4, 1, "'<' cannot compare a list and a list", nil),
            ("null < 1", "wrong-type", 5, 1, "'<' cannot compare null and an int", nil),
            (
                "!key", "wrong-type", 1, 3,
                "what '!' turns round must be a bool, but this is a string", nil
            ),
            ("-key", "wrong-type", 1, 3, "'-' needs a number, but this is a string", nil),
            (
                "input.amount && true", "wrong-type", 0, 12,
                "each side of '&&' must be a bool, but this is a double",
                "compare it, as in input.amount > 0.0"
            ),
            (
                "key ? 1 : 2", "wrong-type", 0, 3,
                "the condition of '?:' must be a bool, but this is a string", nil
            ),
            (
                "{1: 2}", "wrong-type", 1, 1, "a map's keys are strings, but this is an int",
                "write the key in quotes"
            ),
            (
                "{status: 2}", "unknown-variable", 1, 6, "there is no variable 'status'",
                "write 'status' in quotes: a map's keys are strings"
            ),
            ("{'a': 1, 'a': 2}", "duplicate-key", 9, 3, "the key 'a' is given twice", nil),
            (
                "size(1)", "wrong-type", 5, 1,
                "size() takes a string, a list or a map, but this is an int", nil
            ),
            (
                "string([1])", "wrong-type", 7, 3,
                "string() takes a string, a double, an int, a bool, a timestamp or a duration, "
                    + "but this is a list",
                nil
            ),
            (
                "key.contains(1)", "wrong-type", 13, 1,
                "contains() takes a string, but this is an int", nil
            ),
            (
                "[1, 2].join()", "wrong-type", 0, 6,
                "join() takes a list of strings, but this is a list whose elements are an int", nil
            ),
            (
                "input.order_items.sum()", "wrong-type", 18, 3,
                "sum() takes a list of numbers or durations, but its elements are a map",
                "take one member of each first: .map(x, x.NAME).sum()"
            ),
            (
                "key.max()", "wrong-type", 4, 3,
                "max() takes a list of values that '<' can compare, but this is a string", nil
            ),
            (
                "sum([1])", "wrong-arguments", 0, 3, "sum() is written after its value",
                "write [1].sum()"
            ),
            (
                "contains(key, 'a')", "wrong-arguments", 0, 8,
                "contains() is written after its value",
                "write key.contains('a')"
            ),
            (
                "key.int()", "wrong-arguments", 4, 3, "int() is written around its value",
                "write int(key)"
            ),
            (
                "size()", "wrong-arguments", 0, 4, "size() is given too few or too many values",
                "write size(x)"
            ),
            (
                "key.startsWith()", "wrong-arguments", 4, 10,
                "startsWith() is given too few or too many values",
                "write text.startsWith(part)"
            ),
            (
                "has(key)", "wrong-arguments", 0, 8,
                "has() asks for one member, as in has(input.note)",
                "'key' always has a value where it may be written"
            ),
            (
                "has(input['note'])", "wrong-arguments", 0, 18,
                "has() asks for one member, as in has(input.note)",
                "write 'note' in input"
            ),
            (
                "[1].all(x)", "wrong-arguments", 4, 3,
                "all() is written after a list and takes a name and an expression",
                "write list.all(x, x.price > 1.0)"
            ),
            (
                "map([1], x, x)", "wrong-arguments", 0, 3,
                "map() is written after a list and takes a name and an expression",
                "write list.map(x, x.price)"
            ),
            (
                "[1].filter('x', true)", "wrong-arguments", 4, 6,
                "filter() is written after a list and takes a name and an expression",
                "write list.filter(x, x.price > 1.0)"
            ),
            (
                "[1].filter(x, x)", "wrong-type", 14, 1,
                "what filter() asks must be a bool, but this is an int",
                "compare it, as in x > 0.0"
            ),
            (
                "key.map(x, x)", "wrong-type", 4, 3,
                "map() goes over a list or a map's keys, but this is a string", nil
            ),
            (
                "key.matches('a')", "not-in-subset", 4, 7,
                "matches() is CEL, but not in the saga language's subset", Checker.functionsFix
            ),
            (
                "dyn(1)", "not-in-subset", 0, 3,
                "dyn() is CEL, but not in the saga language's subset",
                Checker.functionsFix
            ),
            (
                "type(1)", "not-in-subset", 0, 4,
                "type() is CEL, but not in the saga language's subset",
                Checker.functionsFix
            ),
            (
                "math.greatest(1, 2)", "not-in-subset", 5, 8,
                "math.greatest() is not in the saga language's subset of CEL", Checker.functionsFix
            ),
            (
                "b'a'", "not-in-subset", 0, 1,
                "bytes are CEL, but not in the saga language's subset",
                "write a string, without the 'b'"
            ),
            (
                "1u", "not-in-subset", 0, 2,
                "unsigned ints are CEL, but not in the saga language's subset",
                "write 1"
            ),
            (
                "Order{id: 1}", "not-in-subset", 0, 5,
                "messages, 'Order{…}', are CEL, but not in the saga language's subset",
                "write a map: {'name': value}"
            ),
            (
                "input.?note", "not-in-subset", 6, 1,
                "optional members, '.?', are CEL, but not in the saga language's subset",
                "guard the member with has()"
            ),
            (
                "key.strtsWith('a')", "unknown-function", 4, 9, "there is no function 'strtsWith'",
                "did you mean startsWith?"
            ),
            (
                "len(key)", "unknown-function", 0, 3, "there is no function 'len'",
                "did you mean size?"
            ),
        ] as [(String, String, Int, Int, String, String?)])
    func `is refused with its place, its cause and what to write`(
        text: String, code: String, offset: Int, length: Int, message: String, fix: String?
    ) throws {
        let found = expressionIssues(of: text, in: orderContext)
        #expect(found.count == 1)
        let issue = try #require(found.first)
        #expect(issue.message == message)
        #expect(issue.fix == fix)
        #expect((issue.code, issue.offset, issue.length) == (code, offset, length))
    }

    @Test(
        arguments: [
            ("", 0, "the expression is empty", nil), ("  ", 0, "the expression is empty", nil),
            ("1 +", 3, "expected a value, found the end of the expression", nil),
            ("1 2", 2, "expected an operator or the end, found a number", nil),
            ("(1", 2, "expected ')', found the end of the expression", nil),
            ("[1", 2, "expected ']', found the end of the expression", nil),
            ("{'a' 1}", 5, "expected ':', found a number", nil),
            ("a ? b", 5, "expected ':', found the end of the expression", nil),
            ("a and b", 2, "expected an operator or the end, found 'and'", "write '&&'"),
            ("a or b", 2, "expected an operator or the end, found 'or'", "write '||'"),
            ("not a", 4, "expected an operator or the end, found 'a'", nil),
            ("a = b", 2, "'=' means nothing here", "write '==' to compare"),
            ("a & b", 2, "'&' means nothing here", "write '&&'"),
            ("a | b", 2, "'|' means nothing here", "write '||'"),
            ("“a”", 0, "'“' means nothing here", "write strings in straight quotes, ' or \""),
            (
                "`a` == key", 0, "expected a value, found `a`",
                "write strings in straight quotes, ' or \""
            ),
            (
                "a.`it's`", 2, "a name in backticks is made of letters, digits and '_-./ '",
                "write strings in straight quotes, ' or \", and other names as ['NAME']"
            ),
            (
                "a.``", 2, "a name in backticks is made of letters, digits and '_-./ '",
                "write strings in straight quotes, ' or \", and other names as ['NAME']"
            ),
            (
                "a.B{c: 1}", 2, "messages, 'B{…}', are CEL, but not in the saga language's subset",
                "write a map: {'name': value}"
            ),
            ("é == '' ; b", 0, "'é' means nothing here", nil),
            ("'é' ; b", 4, "';' means nothing here", nil),
            (
                "${a}", 0, "'$' means nothing here",
                "write the expression without '$': it stands inside '${…}' already"
            ),
            ("'abc", 0, "this string has no end", "close it with '"),
            ("'a\nb'", 0, "this string has no end", "close it with '"),
            (#"'a\'"#, 0, "this string has no end", "close it with '"),
            (
                #"'a\d'"#, 2, "this escape means nothing in a string",
                #"write '\\' for a backslash, or r'…' for a string without escapes"#
            ),
            (#"'\u12'"#, 1, "this escape needs 4 digits", nil),
            (#"'\ud800'"#, 1, "this escape names no character", nil),
            ("10s", 0, "'10s' is no number", "write duration('10s')"),
            ("2d", 0, "'2d' is no number", nil),
            ("1e", 0, "the number's exponent has no digits", nil),
            ("0x", 0, "'0x' needs hexadecimal digits", nil),
            (
                "9223372036854775808", 0, "the whole number does not fit 64 bits",
                "write it with a fraction, as in 1e20 or 1.0, to make it a double"
            ),
            (
                "99999999999999999999", 0, "the whole number does not fit 64 bits",
                "write it with a fraction, as in 1e20 or 1.0, to make it a double"
            ),
            ("1e999", 0, "the number is too large for a double", nil),
            ("a.1", 1, "expected an operator or the end, found a number", nil),
            ("a.", 2, "expected a member's name, found the end of the expression", nil),
            (
                "a.in", 2, "expected a member's name, found 'in'",
                "write ['in'] for the member of that name"
            ),
            (
                "for", 0, "expected a value, found 'for'",
                "'for' is a word that CEL keeps for itself"
            ),
            (
                "a ? b ? 1 : 2 : 3", 6, "expected ':', found '?'",
                "put the inner '?:' in parentheses"
            ),
            (".a", 0, "expected a value, found '.'", nil),
            ("f(1,)", 4, "expected a value, found ')'", nil),
            ("1 < 2 in", 8, "expected a value, found the end of the expression", nil),
        ] as [(String, Int, String, String?)])
    func `is refused where its syntax breaks`(
        text: String, offset: Int, message: String, fix: String?
    ) throws {
        let issue = try #require(expressionIssues(of: text, in: orderContext).first)
        #expect(issue.message == message)
        #expect(issue.fix == fix)
        #expect(issue.offset == offset)
    }
}
