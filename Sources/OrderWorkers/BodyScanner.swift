/// Reads texts and numbers of a flat JSON object without a decoder, which would cost more than all
/// else that a command does here.
///
/// Gives up (`nil`) on whatever is unusual: escapes, control characters, bytes beyond ASCII, other
/// forms of numbers, names given twice, anything that is no JSON. A decoder then has the word.
struct BodyScanner {
    /// A member's value, as far as it matters here.
    enum Found: Equatable {
        /// A text without escapes.
        case text(String)
        /// A number.
        case number(Double)
        /// `null`.
        case null
        /// Anything else, checked and skipped.
        case other
    }

    /// How many lists and objects may stand inside one another.
    private static let depthMax = 16

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The members of those names, in their order; `nil` where the body is unusual.
    static func members(_ names: [StaticString], of body: [UInt8]) -> [Found?]? {
        body.withUnsafeBufferPointer { bytes in
            var scanner = BodyScanner(bytes)
            return scanner.members(names)
        }
    }

    private mutating func members(_ names: [StaticString]) -> [Found?]? {
        var found = [Found?](repeating: nil, count: names.count)
        guard take("{") else { return nil }
        if !take("}") {
            repeat {
                guard let name = plainText(), take(":") else { return nil }
                if let place = names.firstIndex(where: { Self.isSame($0, name) }) {
                    guard found[place] == nil, let value = value() else { return nil }
                    found[place] = value
                } else if !skipValue(depth: 1) {
                    return nil
                }
            } while take(",")
            guard take("}") else { return nil }
        }
        skipBlanks()
        return position == bytes.count ? found : nil
    }

    private static func isSame(_ name: StaticString, _ text: Slice<UnsafeBufferPointer<UInt8>>)
        -> Bool
    {
        name.utf8CodeUnitCount == text.count
            && text.elementsEqual(
                UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    // MARK: Values

    private mutating func value() -> Found? {
        skipBlanks()
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return plainText().map { .text(String(decoding: $0, as: UTF8.self)) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return number().flatMap { Double(String(decoding: $0, as: UTF8.self)) }
                .map(Found.number)
        case UInt8(ascii: "n"): return literal("null") ? .null : nil
        default: return skipValue(depth: 1) ? .other : nil
        }
    }

    private mutating func skipValue(depth: Int) -> Bool {
        skipBlanks()
        guard depth < Self.depthMax, position < bytes.count else { return false }
        switch bytes[position] {
        case UInt8(ascii: "\""): return plainText() != nil
        case UInt8(ascii: "{"): return skipMembers(depth: depth)
        case UInt8(ascii: "["): return skipElements(depth: depth)
        case UInt8(ascii: "t"): return literal("true")
        case UInt8(ascii: "f"): return literal("false")
        case UInt8(ascii: "n"): return literal("null")
        default: return number() != nil
        }
    }

    private mutating func skipMembers(depth: Int) -> Bool {
        guard take("{") else { return false }
        if take("}") { return true }
        repeat {
            guard plainText() != nil, take(":"), skipValue(depth: depth + 1) else { return false }
        } while take(",")
        return take("}")
    }

    private mutating func skipElements(depth: Int) -> Bool {
        guard take("[") else { return false }
        if take("]") { return true }
        repeat {
            guard skipValue(depth: depth + 1) else { return false }
        } while take(",")
        return take("]")
    }

    // MARK: Tokens

    private mutating func plainText() -> Slice<UnsafeBufferPointer<UInt8>>? {
        guard take("\"") else { return nil }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            guard (0x20..<0x7F).contains(bytes[position]), bytes[position] != UInt8(ascii: "\\")
            else { return nil }
            position += 1
        }
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[start..<position]
    }

    /// Digits with or without a fraction, as JSON has them.
    private mutating func number() -> Slice<UnsafeBufferPointer<UInt8>>? {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = skipDigits()
        guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
            return nil
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { return nil }
        }
        guard position < bytes.count, bytes[position] | 0x20 != UInt8(ascii: "e") else {
            return nil
        }
        return bytes[start..<position]
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
        return position - start
    }

    private mutating func literal(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count, Self.isSame(text, bytes[position..<position + count])
        else { return false }
        position += count
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}
