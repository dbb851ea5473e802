/// What a scalar is by the YAML 1.2 core schema.
package enum ResolvedScalar: Equatable, Sendable {
    /// Nothing, `~` or `null`.
    case null
    /// `true` or `false`; `yes`, `no`, `on` and `off` are text.
    case bool(Bool)
    /// A whole number.
    case whole(Int64)
    /// A finite number, or a whole one beyond 64 bits.
    case number(Double)
    /// `.inf` or `.nan`, which JSON does not have.
    case notFinite
    /// Text.
    case text
}

extension ResolvedScalar {
    /// What a scalar of that text is, with its article, for messages.
    func phrase(of text: String) -> String {
        switch self {
        case .null: "empty"
        case .bool: "the boolean `\(text)`"
        case .whole, .number, .notFinite: "the number `\(text)`"
        case .text: "the text `\(shortened(text))`"
        }
    }
}

extension YAMLScalar {
    /// What the core schema makes of the scalar; anything but a plain one is text.
    package var resolved: ResolvedScalar {
        guard style == .plain else { return .text }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .notFinite
        default: return resolvedNumber ?? .text
        }
    }

    private var resolvedNumber: ResolvedScalar? {
        let bytes = Array(text.utf8)
        if let whole = prefixedWhole(bytes) { return whole }
        let unsigned = bytes.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard bytes.count - unsigned.count <= 1, let first = unsigned.first else { return nil }
        if [".inf", ".Inf", ".INF"].contains(String(decoding: unsigned, as: UTF8.self)) {
            return .notFinite
        }
        guard isDigit(first) || first == UInt8(ascii: "."), isDecimal(unsigned) else { return nil }
        if unsigned.allSatisfy(isDigit), let whole = Int64(text) { return .whole(whole) }
        guard let number = Double(text) else { return nil }
        return number.isFinite ? .number(number) : .notFinite
    }

    /// `0o17` or `0x1F`, which have no sign.
    private func prefixedWhole(_ bytes: [UInt8]) -> ResolvedScalar? {
        guard bytes.count > 2, bytes[0] == UInt8(ascii: "0") else { return nil }
        let radix: Int
        switch bytes[1] {
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "x"): radix = 16
        default: return nil
        }
        let digits = String(decoding: bytes.dropFirst(2), as: UTF8.self)
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else {
            return nil
        }
        return Int64(digits, radix: radix).map { .whole($0) }
    }
}

/// Whether this is `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
private func isDecimal(_ bytes: some Collection<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    let wholes = rest.prefix(while: isDigit).count
    rest = rest.dropFirst(wholes)
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        let fraction = rest.prefix(while: isDigit).count
        rest = rest.dropFirst(fraction)
        if wholes == 0, fraction == 0 { return false }
    } else if wholes == 0 {
        return false
    }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
        rest = rest.dropFirst()
    }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

/// A text for messages, cut after 60 characters.
func shortened(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: 60, limitedBy: scalars.endIndex),
        end != scalars.endIndex
    else { return text }
    return "\(Substring(scalars[..<end]))…"
}
