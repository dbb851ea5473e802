/// What a reader of JSON accepts.
package struct JSONLimits: Hashable, Sendable {
    /// How many lists and maps may stand inside one another.
    package var maximumDepth: Int
    /// Whether a whole number that a double cannot hold exactly is refused rather than rounded.
    package var exactIntegers: Bool

    /// The limits with these parts.
    package init(maximumDepth: Int = 64, exactIntegers: Bool = false) {
        self.maximumDepth = maximumDepth
        self.exactIntegers = exactIntegers
    }

    /// 64 levels; large whole numbers are rounded to the nearest double.
    package static let standard = JSONLimits()
    /// As ``standard``, but whole numbers that would be rounded are refused.
    package static let exact = JSONLimits(exactIntegers: true)
}

/// Why bytes are not the JSON that was expected, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes before the place.
    package var offset: Int
    /// The line of the place, from 1.
    package var line: Int
    /// The code point within the line, from 1.
    package var column: Int
    /// What was expected and what was found.
    package var message: String

    /// The error with its place, in one line.
    package var description: String { "\(message) (line \(line), column \(column))" }

    /// The error at that offset of those bytes.
    init(_ message: String, at offset: Int, of bytes: UnsafeBufferPointer<UInt8>) {
        self.message = message
        self.offset = offset
        line = 1
        column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
    }
}

extension Value {
    /// The value of a JSON text (RFC 8259) in UTF-8, read strictly: a name given twice, anything
    /// after the value, and numbers too large for a double are refused.
    package init(json bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> Value in
            var reader = JSONReader(buffer, limits: limits)
            return try reader.readDocument()
        }
    }

    /// The value of a JSON text, read as strictly as its bytes would be.
    package init(json text: String, limits: JSONLimits = .standard) throws(JSONError) {
        try self.init(json: Array(text.utf8), limits: limits)
    }

    /// The value as compact JSON, members in order.
    package var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }

    /// The value as compact JSON in UTF-8, members in order.
    package var jsonBytes: [UInt8] {
        var writer = JSONWriter(indents: false)
        writer.write(self, depth: 0)
        return writer.bytes
    }

    /// The value as JSON for people: a line for each element and member, indented by two spaces.
    package var jsonTextIndented: String {
        var writer = JSONWriter(indents: true)
        writer.write(self, depth: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Appends the value as compact JSON.
    ///
    /// Reading it gives the value's ``json`` form back. A number that is not finite, which no
    /// document holds, is written as `null`.
    package func writeJSON(into bytes: inout [UInt8]) {
        var writer = JSONWriter(indents: false)
        writer.write(self, depth: 0)
        bytes.append(contentsOf: writer.written)
    }
}
