extension JSONReader {
    /// The text of the string that begins at the position with a quote.
    mutating func readString() throws(JSONError) -> String {
        let start = position + 1
        position = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try text(from: start, to: position)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try readEscapedString(from: start)
            case 0..<0x20: throw controlCharacter()
            default: position += 1
            }
        }
        throw error("the string that begins here has no end", at: start - 1)
    }

    /// The rest of a string in which an escape stands at the position.
    private mutating func readEscapedString(from start: Int) throws(JSONError) -> String {
        var unescaped = Array(bytes[start..<position])
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = String(validating: unescaped, as: UTF8.self)
                guard let text else { throw invalidText(from: start, to: position) }
                position += 1
                return text
            case UInt8(ascii: "\\"): try readEscape(into: &unescaped)
            case 0..<0x20: throw controlCharacter()
            default:
                unescaped.append(bytes[position])
                position += 1
            }
        }
        throw error("the string that begins here has no end", at: start - 1)
    }

    private mutating func readEscape(into unescaped: inout [UInt8]) throws(JSONError) {
        position += 1
        let plain: UInt8
        switch current {
        case UInt8(ascii: "u"):
            let scalar = try readUnicodeEscape()
            unescaped.append(contentsOf: String(scalar).utf8)
            return
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = current
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        default: throw unexpected("an escape such as \\n or \\u00e9")
        }
        unescaped.append(plain)
        position += 1
    }

    /// The scalar of one `\uXXXX`, or of a surrogate pair of them; the position is at the `u`.
    private mutating func readUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position - 1
        let first = try readFourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, current == UInt8(ascii: "\\") else {
            throw error("half of a surrogate pair", at: start)
        }
        position += 1
        guard current == UInt8(ascii: "u") else {
            throw error("half of a surrogate pair", at: start)
        }
        let second = try readFourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00)))
        else { throw error("half of a surrogate pair", at: start) }
        return scalar
    }

    private mutating func readFourDigits() throws(JSONError) -> UInt32 {
        position += 1
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexadecimalDigit(current) else {
                throw unexpected("four hexadecimal digits after \\u")
            }
            number = number << 4 | UInt32(digit)
            position += 1
        }
        return number
    }

    private func text(from start: Int, to end: Int) throws(JSONError) -> String {
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<end])
        guard let text = try? UTF8Span(validating: slice.span) else {
            throw invalidText(from: start, to: end)
        }
        return String(copying: text)
    }

    private func invalidText(from start: Int, to end: Int) -> JSONError {
        var valid = start
        var decoder = UTF8()
        var rest = bytes[start..<end].makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&rest) {
            valid += UTF8.width(scalar)
        }
        return error("bytes that are not UTF-8", at: valid)
    }

    private func controlCharacter() -> JSONError {
        let digits = String(bytes[position], radix: 16)
        return error(
            "a control character (0x\(digits)) must be written as an escape", at: position)
    }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}
