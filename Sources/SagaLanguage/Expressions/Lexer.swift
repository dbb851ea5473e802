/// Splits an expression's text into tokens.
struct Lexer {
    let scalars: [Unicode.Scalar]
    var position = 0

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// The tokens in order, the last one the end.
    mutating func tokens() throws(ExpressionIssue) -> [Token] {
        var tokens: [Token] = []
        while true {
            skipSpace()
            let start = position
            let kind = try nextKind()
            tokens.append(Token(kind: kind, range: start..<position))
            if kind == .end { return tokens }
        }
    }

    /// The scalar that far after the position; 0 after the end.
    func peek(_ distance: Int = 0) -> Unicode.Scalar {
        position + distance < scalars.count ? scalars[position + distance] : "\0"
    }

    func stands(_ text: String) -> Bool {
        scalars[min(position, scalars.count)...].starts(with: text.unicodeScalars)
    }

    func issue(
        _ message: String, from start: Int, fix: String? = nil, code: String = "syntax"
    ) -> ExpressionIssue {
        ExpressionIssue(
            offset: start, length: max(position, start + 1) - start, message: message, fix: fix,
            code: code)
    }

    private mutating func skipSpace() {
        while position < scalars.count {
            if stands("//") {
                while position < scalars.count, peek() != "\n" { position += 1 }
            } else if [" ", "\t", "\n", "\r", "\u{0C}"].contains(peek()) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func nextKind() throws(ExpressionIssue) -> Token.Kind {
        guard position < scalars.count else { return .end }
        let first = peek()
        if first == "'" || first == "\"" { return .string(try readString(isRaw: false)) }
        if first == "`" { return try readQuotedName() }
        if first.isNameStart { return try readWord() }
        if first.isDigit || (first == "." && peek(1).isDigit) { return try readNumber() }
        for mark in Token.Mark.allCases where stands(mark.rawValue) {
            position += mark.rawValue.unicodeScalars.count
            return .mark(mark)
        }
        throw unexpected(first)
    }

    private mutating func readWord() throws(ExpressionIssue) -> Token.Kind {
        let start = position
        var word = String.UnicodeScalarView()
        while peek().isNameStart || peek().isDigit {
            word.append(peek())
            position += 1
        }
        let name = String(word)
        let quoteFollows = peek() == "'" || peek() == "\""
        if quoteFollows, name == "r" || name == "R" { return .string(try readString(isRaw: true)) }
        if quoteFollows, ["b", "br", "rb"].contains(name.lowercased()) {
            throw issue(
                "bytes are CEL, but not in the saga language's subset", from: start,
                fix: "write a string, without the '\(name)'", code: "not-in-subset")
        }
        if let keyword = Token.Keyword(rawValue: name) { return .keyword(keyword) }
        return .name(name)
    }

    private mutating func readQuotedName() throws(ExpressionIssue) -> Token.Kind {
        let start = position
        var name = String.UnicodeScalarView()
        position += 1
        while peek().isQuotedNamePart {
            name.append(peek())
            position += 1
        }
        guard peek() == "`", !name.isEmpty else {
            throw issue(
                "a name in backticks is made of letters, digits and '_-./ '", from: start,
                fix: "write strings in straight quotes, ' or \", and other names as ['NAME']")
        }
        position += 1
        return .quotedName(String(name))
    }

    private mutating func unexpected(_ scalar: Unicode.Scalar) -> ExpressionIssue {
        let start = position
        position += 1
        let fix: String? =
            switch scalar {
            case "=": "write '==' to compare"
            case "&": "write '&&'"
            case "|": "write '||'"
            case "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}":
                "write strings in straight quotes, ' or \""
            case "\u{2013}", "\u{2212}": "write '-'"
            case "$": "write the expression without '$': it stands inside '${…}' already"
            default: nil
            }
        return issue("'\(Character(scalar))' means nothing here", from: start, fix: fix)
    }
}

extension Lexer {
    private mutating func readNumber() throws(ExpressionIssue) -> Token.Kind {
        let start = position
        if peek() == "0", peek(1) == "x" || peek(1) == "X" { return try readHexadecimal() }
        skipDigits()
        var isWhole = true
        if peek() == ".", peek(1).isDigit {
            isWhole = false
            position += 1
            skipDigits()
        }
        if peek() == "e" || peek() == "E" {
            let signed = peek(1) == "+" || peek(1) == "-"
            guard peek(signed ? 2 : 1).isDigit else {
                position += 1
                throw issue("the number's exponent has no digits", from: start)
            }
            isWhole = false
            position += signed ? 2 : 1
            skipDigits()
        }
        let digits = text(from: start)
        try refuseSuffix(after: digits, from: start)
        if isWhole {
            guard let number = UInt64(digits) else { throw tooLarge(from: start) }
            return .whole(number)
        }
        guard let number = Double(digits), number.isFinite else {
            throw issue("the number is too large for a double", from: start)
        }
        return .double(number)
    }

    private mutating func readHexadecimal() throws(ExpressionIssue) -> Token.Kind {
        let start = position
        position += 2
        while peek().properties.isASCIIHexDigit { position += 1 }
        let digits = text(from: start + 2)
        guard !digits.isEmpty else { throw issue("'0x' needs hexadecimal digits", from: start) }
        try refuseSuffix(after: "0x\(digits)", from: start)
        guard let number = UInt64(digits, radix: 16) else { throw tooLarge(from: start) }
        return .whole(number)
    }

    private mutating func refuseSuffix(
        after digits: String, from start: Int
    ) throws(ExpressionIssue) {
        guard peek().isNameStart else { return }
        let suffixStart = position
        while peek().isNameStart || peek().isDigit { position += 1 }
        let suffix = text(from: suffixStart)
        if suffix == "u" || suffix == "U" {
            throw issue(
                "unsigned ints are CEL, but not in the saga language's subset", from: start,
                fix: "write \(digits)", code: "not-in-subset")
        }
        let isTime = ["ms", "s", "m", "h", "d"].contains(suffix)
        throw issue(
            "'\(digits)\(suffix)' is no number", from: start,
            fix: isTime && suffix != "d" ? "write duration('\(digits)\(suffix)')" : nil)
    }

    private mutating func skipDigits() {
        while peek().isDigit { position += 1 }
    }

    private func text(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        return String(view)
    }

    private func tooLarge(from start: Int) -> ExpressionIssue {
        issue(
            "the whole number does not fit 64 bits", from: start,
            fix: "write it with a fraction, as in 1e20 or 1.0, to make it a double")
    }
}

extension Unicode.Scalar {
    /// Whether a name may begin with the scalar.
    var isNameStart: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_"
    }

    /// Whether a name in backticks may hold the scalar.
    var isQuotedNamePart: Bool {
        isNameStart || isDigit || self == "-" || self == "." || self == "/" || self == " "
    }

    /// Whether the scalar is one of the ten digits.
    var isDigit: Bool { ("0"..."9").contains(self) }
}
