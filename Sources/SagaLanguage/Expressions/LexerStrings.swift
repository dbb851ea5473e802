extension Lexer {
    /// The text of a string; the position is at its opening quote.
    mutating func readString(isRaw: Bool) throws(ExpressionIssue) -> String {
        let start = position
        let quote = String(Character(peek()))
        let triple = quote + quote + quote
        let closing = stands(triple) ? triple : quote
        position += closing.unicodeScalars.count
        var content = String.UnicodeScalarView()
        while position < scalars.count {
            if stands(closing) {
                position += closing.unicodeScalars.count
                return String(content)
            }
            if peek() == "\\", !isRaw {
                content.append(try readEscape())
                continue
            }
            if closing == quote, peek() == "\n" || peek() == "\r" { break }
            content.append(peek())
            position += 1
        }
        position = start + 1
        throw issue(
            "this string has no end", from: start, fix: "close it with \(closing)",
            code: "unterminated-string")
    }

    private mutating func readEscape() throws(ExpressionIssue) -> Unicode.Scalar {
        let start = position
        let letter = peek(1)
        position = min(position + 2, scalars.count)
        switch letter {
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "\\", "?", "\"", "'", "`": return letter
        case "x", "X": return try readScalar(digits: 2, radix: 16, from: start)
        case "u": return try readScalar(digits: 4, radix: 16, from: start)
        case "U": return try readScalar(digits: 8, radix: 16, from: start)
        case "0"..."3":
            position -= 1
            return try readScalar(digits: 3, radix: 8, from: start)
        default:
            throw issue(
                "this escape means nothing in a string", from: start,
                fix: "write '\\\\' for a backslash, or r'…' for a string without escapes")
        }
    }

    private mutating func readScalar(
        digits: Int, radix: UInt32, from start: Int
    ) throws(ExpressionIssue) -> Unicode.Scalar {
        var number: UInt32 = 0
        for _ in 0..<digits {
            let digit = UInt32(String(Character(peek())), radix: Int(radix))
            guard let digit else {
                throw issue("this escape needs \(digits) digits", from: start)
            }
            number = number &* radix &+ digit
            position += 1
        }
        guard let scalar = Unicode.Scalar(number) else {
            throw issue("this escape names no character", from: start)
        }
        return scalar
    }
}
