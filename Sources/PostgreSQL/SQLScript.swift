/// A file of SQL taken apart into its statements, since each schema change is sent alone.
///
/// Semicolons count neither in strings, quoted names and dollar quotes nor in comments, which may
/// be nested.
package enum SQLScript {
    /// A script that ends inside of a quotation or a comment.
    package struct Unterminated: Error, Sendable, Equatable, CustomStringConvertible {
        /// What was not closed, such as `string`.
        package let construct: String
        /// The line in which it begins, from 1.
        package let line: Int

        /// The finding in a sentence.
        package var description: String {
            "the \(construct) that begins in line \(line) of the SQL script is never closed"
        }
    }

    /// The statements in order, without semicolons and without comments around them.
    package static func statements(in script: String) throws(Unterminated) -> [String] {
        var scanner = SQLScanner(script)
        return try scanner.statements()
    }
}

/// Walks over the bytes of a script.
private struct SQLScanner {
    private let bytes: [UInt8]
    private var position = 0
    /// The present statement, from its first to after its last byte that is no comment or blank.
    private var extent: Range<Int>?

    init(_ script: String) {
        bytes = Array(script.utf8)
    }

    mutating func statements() throws(SQLScript.Unterminated) -> [String] {
        var found: [String] = []
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: ";") {
                position += 1
                found.append(contentsOf: takeStatement())
            } else if try !skipBlankOrComment() {
                let start = position
                try skipToken()
                extent = (extent?.lowerBound ?? start)..<position
            }
        }
        return found + takeStatement()
    }

    private mutating func takeStatement() -> [String] {
        defer { extent = nil }
        return extent.map { [String(decoding: bytes[$0], as: UTF8.self)] } ?? []
    }

    // MARK: Between tokens

    private mutating func skipBlankOrComment() throws(SQLScript.Unterminated) -> Bool {
        if Self.blanks.contains(bytes[position]) {
            position += 1
        } else if at("--") {
            position = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        } else if at("/*") {
            try skipNestedComment()
        } else {
            return false
        }
        return true
    }

    private mutating func skipNestedComment() throws(SQLScript.Unterminated) {
        let start = position
        var depth = 0
        repeat {
            guard position < bytes.count else { throw unterminated("comment", start) }
            if at("/*") {
                depth += 1
                position += 2
            } else if at("*/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0
    }

    // MARK: Tokens

    private mutating func skipToken() throws(SQLScript.Unterminated) {
        let byte = bytes[position]
        if byte == UInt8(ascii: "'") {
            try skipQuoted("string", escapes: false)
        } else if byte == UInt8(ascii: "\"") {
            try skipQuoted("quoted name", escapes: false)
        } else if byte == UInt8(ascii: "$"), let tag = dollarTag() {
            try skipDollarQuoted(tag)
        } else if Self.isWordByte(byte) {
            try skipWord()
        } else {
            position += 1
        }
    }

    /// A word, and the string behind it where the word is the `E` of a string with escapes.
    private mutating func skipWord() throws(SQLScript.Unterminated) {
        let start = position
        while position < bytes.count, Self.isWordByte(bytes[position]) { position += 1 }
        let isEscapeMark = position == start + 1 && (bytes[start] | 0x20) == UInt8(ascii: "e")
        if isEscapeMark, at("'") { try skipQuoted("string", escapes: true) }
    }

    /// A doubled quote inside is seen as the end of one quotation and the start of the next.
    private mutating func skipQuoted(
        _ construct: String, escapes: Bool
    ) throws(SQLScript.Unterminated) {
        let start = position
        let quote = bytes[position]
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += escapes && byte == UInt8(ascii: "\\") ? 2 : 1
            guard byte == quote else { continue }
            guard position < bytes.count, bytes[position] == quote else { return }
            position += 1
        }
        throw unterminated(construct, start)
    }

    /// The opening of a dollar quote at this place, both dollars included.
    private func dollarTag() -> ArraySlice<UInt8>? {
        let rest = bytes[(position + 1)...]
        let name = rest.prefix { Self.isWordByte($0) && $0 != UInt8(ascii: "$") }
        guard name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: "$") else {
            return nil
        }
        if let first = name.first, Self.digits.contains(first) { return nil }
        return bytes[position...name.endIndex]
    }

    private mutating func skipDollarQuoted(
        _ tag: ArraySlice<UInt8>
    ) throws(SQLScript.Unterminated) {
        let start = position
        position += tag.count
        while position < bytes.count {
            if bytes[position...].starts(with: tag) {
                position += tag.count
                return
            }
            position += 1
        }
        throw unterminated("dollar quote", start)
    }

    // MARK: Bytes

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let blanks: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20]

    /// Whether the byte can stand inside a word; every byte beyond ASCII can.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        digits.contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
    }

    private func at(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private func unterminated(_ construct: String, _ start: Int) -> SQLScript.Unterminated {
        let line = bytes[..<start].count { $0 == UInt8(ascii: "\n") } + 1
        return SQLScript.Unterminated(construct: construct, line: line)
    }
}
