import SagaCore

/// What a request is addressed to: the path in its parts, and the query.
struct RequestTarget {
    /// The path as it came, from its first slash to the query.
    let path: Substring
    /// The path's parts between slashes, decoded; one empty part for `/`.
    let segments: [String]
    /// The query as it came, without its question mark.
    let query: Substring?

    /// - Throws: a problem where an escape of the path is no text.
    init(_ target: String) throws(Problem) {
        var rest = Self.originForm(target)
        if let fragment = rest.utf8.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        if let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = rest[..<mark]
            query = rest[rest.utf8.index(after: mark)...]
        } else {
            path = rest
            query = nil
        }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            segments.append(try Self.decoded(part))
        }
        self.segments = segments
    }

    /// A proxy's `http://host/path` without its scheme and host.
    private static func originForm(_ target: String) -> Substring {
        guard !target.hasPrefix("/") else { return target[...] }
        let start = target.utf8.firstIndex(of: UInt8(ascii: ":"))
        guard let start, target[start...].hasPrefix("://") else { return "/" + target[...] }
        let authority = target[start...].dropFirst(3)
        guard let slash = authority.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "/" }
        return authority[slash...]
    }

    private static func decoded(_ part: Substring) throws(Problem) -> String {
        guard part.utf8.contains(UInt8(ascii: "%")) else { return String(part) }
        guard let text = PercentCoding.decoded(part.utf8, plusIsSpace: false) else {
            throw Problem(
                .malformedTarget,
                "'\(part)' in the path: expected % with two hexadecimal digits each, UTF-8, no NUL")
        }
        return text
    }

    /// The path of the first `count` parts, as definitions write it; nil where a part holds a slash
    /// of its own, so that no definition's path is meant.
    func prefix(_ count: Int) -> String? {
        var prefix = ""
        for segment in segments.prefix(count) {
            if segment.utf8.contains(UInt8(ascii: "/")) { return nil }
            prefix += "/"
            prefix += segment
        }
        return prefix
    }

    /// The query's parameters in order.
    ///
    /// - Throws: a problem where an escape is no text.
    func parameters() throws(Problem) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        for pair in (query ?? "").split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count > 1 ? halves[1] : ""
            guard let name = PercentCoding.decoded(halves[0].utf8, plusIsSpace: true),
                let text = PercentCoding.decoded(value.utf8, plusIsSpace: true)
            else {
                throw Problem(
                    .malformedTarget,
                    "'\(pair)' in the query: expected % with two hexadecimal digits each, UTF-8, "
                        + "no NUL")
            }
            parameters.append((name, text))
        }
        return parameters
    }
}

/// Percent-encoding (RFC 3986).
enum PercentCoding {
    /// The text, or nil where an escape is broken, the bytes are no UTF-8, or one is NUL.
    static func decoded(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(nibble), let low = rest.next().flatMap(nibble)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        if bytes.contains(0) { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text as one part of a path.
    static func encoded(_ text: String) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(upperDigits[Int(byte >> 4)])
                bytes.append(upperDigits[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 3986 asks for upper case.
    private static let upperDigits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"):
            true
        default: false
        }
    }

    private static func nibble(_ byte: UInt8) -> UInt8? { Hexadecimal.nibble(byte) }
}

/// Bytes as hexadecimal digits.
enum Hexadecimal {
    /// The sixteen digits, lower case.
    static let digits = Array("0123456789abcdef".utf8)

    /// The value of a digit in either case.
    static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The digits of those bytes.
    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of those digits, or nil where there is anything else.
    static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let first = rest.next() {
            guard let high = nibble(first), let low = rest.next().flatMap(nibble) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
