/// Reads one JSON text from bytes that stay in place meanwhile.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The byte at the position; 0, which stands nowhere in JSON, after the end.
    var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func readDocument() throws(JSONError) -> Value {
        skipSpace()
        let value = try readValue()
        skipSpace()
        if position < bytes.count { throw unexpected("the end of the text") }
        return value
    }

    private mutating func readValue() throws(JSONError) -> Value {
        switch current {
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "{"): return .map(try readMap())
        case UInt8(ascii: "["): return .list(try readList())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            return .double(try readNumber())
        default: throw unexpected("a value")
        }
    }

    private mutating func readWord(
        _ word: StaticString, _ value: Value
    ) throws(JSONError) -> Value {
        let count = word.utf8CodeUnitCount
        for place in 0..<count where peek(place) != word.utf8Start[place] {
            throw unexpected("'\(word)'")
        }
        position += count
        return value
    }

    private func peek(_ distance: Int) -> UInt8 {
        position + distance < bytes.count ? bytes[position + distance] : 0
    }

    private mutating func readList() throws(JSONError) -> [Value] {
        try enter()
        var elements: [Value] = []
        skipSpace()
        if current == UInt8(ascii: "]") { return leave(elements) }
        while true {
            skipSpace()
            elements.append(try readValue())
            skipSpace()
            if current == UInt8(ascii: "]") { return leave(elements) }
            guard current == UInt8(ascii: ",") else { throw unexpected("',' or ']'") }
            position += 1
        }
    }

    private mutating func readMap() throws(JSONError) -> Members {
        try enter()
        var members = Members()
        skipSpace()
        if current == UInt8(ascii: "}") { return leave(members) }
        while true {
            try readMember(into: &members)
            skipSpace()
            if current == UInt8(ascii: "}") { return leave(members) }
            guard current == UInt8(ascii: ",") else { throw unexpected("',' or '}'") }
            position += 1
        }
    }

    private mutating func readMember(into members: inout Members) throws(JSONError) {
        skipSpace()
        let start = position
        guard current == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes") }
        let name = try readString()
        skipSpace()
        guard current == UInt8(ascii: ":") else { throw unexpected("':'") }
        position += 1
        skipSpace()
        let value = try readValue()
        let count = members.count
        members[name] = value
        if members.count == count { throw error("the name '\(name)' is given twice", at: start) }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        if depth > limits.maximumDepth {
            throw error("nested deeper than \(limits.maximumDepth) levels", at: position)
        }
        position += 1
    }

    private mutating func leave<Content>(_ content: Content) -> Content {
        depth -= 1
        position += 1
        return content
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    func error(_ message: String, at offset: Int) -> JSONError {
        JSONError(message, at: offset, of: bytes)
    }

    /// The error that something else stands here than what was expected.
    func unexpected(_ expected: String) -> JSONError {
        guard position < bytes.count else {
            return error("expected \(expected), found the end of the text", at: position)
        }
        let byte = bytes[position]
        let found =
            (0x21...0x7E).contains(byte)
            ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte 0x\(String(byte, radix: 16))"
        return error("expected \(expected), found \(found)", at: position)
    }
}
