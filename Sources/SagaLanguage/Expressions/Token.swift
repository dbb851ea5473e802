/// One token of an expression's text.
struct Token: Equatable {
    let kind: Kind
    /// The token's code points.
    let range: Range<Int>

    /// What a token is.
    enum Kind: Equatable {
        /// A name, keywords aside.
        case name(String)
        /// A member's name in backticks, which may hold `-`, `.`, `/` and spaces.
        case quotedName(String)
        /// `true`, `false`, `null`, `in`.
        case keyword(Keyword)
        /// A whole number without its sign.
        case whole(UInt64)
        /// A number with a fraction or an exponent.
        case double(Double)
        /// Text in quotes, its escapes resolved.
        case string(String)
        /// An operator or a bracket.
        case mark(Mark)
        /// The end of the text.
        case end
    }

    /// A word that no name may be.
    enum Keyword: String {
        case `true`
        case `false`
        case null
        case `in`
    }

    /// An operator, a bracket or another mark.
    enum Mark: String, CaseIterable {
        // Longer marks stand before those that they begin with.
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
        case less = "<"
        case greater = ">"
        case not = "!"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case remainder = "%"
        case question = "?"
        case colon = ":"
        case comma = ","
        case dot = "."
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
    }

    /// Words that CEL keeps for itself: a member may be called so, a variable may not.
    static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ]
}

extension Token.Kind {
    /// The token as an author would recognise it, for messages.
    var shown: String {
        switch self {
        case .name(let name): "'\(name)'"
        case .quotedName(let name): "`\(name)`"
        case .keyword(let word): "'\(word.rawValue)'"
        case .whole, .double: "a number"
        case .string: "a string"
        case .mark(let mark): "'\(mark.rawValue)'"
        case .end: "the end of the expression"
        }
    }
}
