extension ConformanceRule {
    /// Precedence, nesting, names, blanks and comments.
    static let syntax =
        table(
            #"""
            # langdef/syntax
            : 2 + 3 * 4 - 6 / 2 => 11
            : 2 - 3 - 4 => -5
            : 16 / 4 / 2 => 2
            : -2 * 3 => -6
            : -input.list.size() => -3
            : !input.yes == false => true
            : 1 + 1 == 2 && 2 < 3 || false => true
            : true || false && false => true
            : 1 < 2 == true => true
            : 1 in [1] == true => true
            : false ? 1 : true ? 2 : 3 => 2
            : (true ? false : true) ? 1 : 2 => 2
            : true ? false ? 1 : 2 : 3 => refused: syntax
            : [1, 2,] => [1, 2]
            : {'a': 1,} => {"a": 1}
            : size([1],) => refused: syntax
            : [1 2] => refused: syntax
            : 1 = 1 => refused: syntax
            : 1 + => refused: syntax
            : 1. => refused: syntax
            : 1e => refused: syntax
            : .5 + 1.5 => 2.0
            : 'a' 'b' => refused: syntax
            : 'a⏎b' => refused: unterminated-string
            : 'a␍b' => refused: unterminated-string
            : r'a\'c' => refused: unterminated-string
            : '''a'b''c''' => "a'b''c"
            : for => refused: syntax
            : input.in => refused: syntax
            : has(input) => refused: wrong-arguments
            : has(input['one']) => refused: wrong-arguments
            : [1].map(1, 2) => refused: wrong-arguments
            : [1].all(a.b, true) => refused: wrong-arguments
            # parse/string_literals
            triple_*_quoted_unescaped_line_feed: '''a⏎b''' => "a\nb"
            triple_*_quoted_unescaped_line_feed: """a⏎b""" => "a\nb"
            triple_single_quoted_unescaped_punctuation: '''a " b''' => "a \" b"
            triple_double_quoted_unescaped_punctuation: """a ' b""" => "a ' b"
            # parse/nest
            list_index: input.ints[input.ints[0] - input.ints[0]] => 1
            # parse/whitespace
            spaces: [ 1 , { 'a' : - 2 } ] [ 1 ] . a => -2
            tabs: ␉1␉+␉2␉ => 3
            new_lines: ⏎1⏎+⏎2⏎ => 3
            carriage_returns: ␍1␍+␍⏎2 => 3
            # parse/comments
            new_line_terminated: 1 // one⏎+ // and⏎2 => 3
            new_line_terminated: '//' + 'a' // a comment => "//a"
            # namespace/namespace_shadowing
            basic: input.text => "abc"
            """#) + selectors + repeated

    /// A member may be called by any reserved word, a variable may not.
    private static let selectors = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ].flatMap { word in
        [
            ConformanceRule(
                name: "parse/selectors/\(word)", expression: "{'\(word)': 1}.\(word)",
                result: "1"),
            ConformanceRule(
                name: "parse/receiver_function_names/\(word)", expression: "input.\(word)()",
                result: "refused: unknown-function"),
            ConformanceRule(
                name: "langdef/reserved", expression: "\(word) + 1", result: "refused: syntax"),
        ]
    }

    /// What every implementation takes that often.
    private static let repeated = [
        (
            "parse/nest/list_literal", of("[", 12) + "0" + of("]", 12),
            of("[", 12) + "0" + of("]", 12)
        ),
        (
            "parse/nest/map_literal", of("{'a': ", 12) + "0" + of("}", 12),
            of("{\"a\": ", 12) + "0" + of("}", 12)
        ),
        ("parse/nest/parens", of("(", 32) + "7" + of(")", 32), "7"),
        ("parse/nest/funcall", of("int(", 12) + "7" + of(")", 12), "7"),
        ("parse/nest/list_index", of("input.ints[", 12) + "0]" + of(" - input.one]", 11), "1"),
        ("parse/repeat/conditional", of("false ? 1 : ", 24) + "2", "2"),
        ("parse/repeat/or", of("false || ", 31) + "true", "true"),
        ("parse/repeat/and", of("true && ", 31) + "false", "false"),
        ("parse/repeat/add_sub", of("3 + 3 - ", 12) + "3", "3"),
        ("parse/repeat/mul_div", of("4 * 4 / ", 12) + "4", "4"),
        ("parse/repeat/not", of("!", 32) + "true", "true"),
        ("parse/repeat/unary_neg", of("-", 32) + "19", "19"),
        ("parse/repeat/select", of("{'a': ", 12) + "1" + of("}", 12) + of(".a", 12), "1"),
        ("parse/repeat/index", of("[", 12) + "1" + of("]", 12) + of("[0]", 12), "1"),
        ("parse/repeat/list_literal", "[\(of("0, ", 31))1][31]", "1"),
        (
            "parse/repeat/map_literal",
            "{\((0..<32).map { "'k\($0)': \($0)" }.joined(separator: ", "))}.k31", "31"
        ),
    ].map { ConformanceRule(name: $0.0, expression: $0.1, result: $0.2) }

    private static func of(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }
}
