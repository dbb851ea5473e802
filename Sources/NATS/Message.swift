/// A message to publish: where to, its headers, and its bytes.
package struct Message: Sendable {
    /// The subject; no blanks, no wildcards, not empty.
    package var subject: String
    /// Names and values; names are case sensitive on the wire, line ends in values become blanks.
    package var headers: [(String, String)]
    /// The body, as it is; the server refuses more than its `max_payload` (1 MiB by default).
    package var payload: [UInt8]

    /// A message with these parts.
    package init(subject: String, headers: [(String, String)] = [], payload: [UInt8] = []) {
        self.subject = subject
        self.headers = headers
        self.payload = payload
    }
}

extension Message: Equatable {
    /// Whether subject, headers (in order) and bytes are the same.
    package static func == (left: Message, right: Message) -> Bool {
        left.subject == right.subject && left.payload == right.payload
            && left.headers.elementsEqual(right.headers, by: ==)
    }
}

/// A message as a stream keeps it.
package struct StoredMessage: Sendable {
    /// The subject it was published on.
    package var subject: String
    /// Its place in the stream, from 1.
    package var sequence: UInt64
    /// Its headers, in the order they were sent.
    package var headers: [(String, String)]
    /// Its bytes.
    package var payload: [UInt8]
    /// When the server stored it, as the server writes it (RFC 3339).
    package var time: String
}

/// Finds the first value of a header: the exact name first, then without regard to case.
///
/// - Returns: `nil` where no header has that name.
package func firstHeader(_ name: String, in headers: [(String, String)]) -> String? {
    if let exact = headers.first(where: { $0.0 == name }) { return exact.1 }
    return headers.first { isSameName($0.0, name) }?.1
}

/// Whether two header names are equal but for the case of ASCII letters.
private func isSameName(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).allSatisfy { left, right in
        let isLetter = (left | 0x20) >= 0x61 && (left | 0x20) <= 0x7A
        return left == right || (isLetter && left ^ right == 0x20)
    }
}

/// Reads the header block of a stored message (`NATS/1.0` and lines of `name: value`).
func parseHeaderBlock(_ block: some BidirectionalCollection<UInt8>) -> [(String, String)] {
    var headers: [(String, String)] = []
    let lines = block.split(separator: UInt8(ascii: "\n")).dropFirst()
    for line in lines {
        let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard let colon = content.firstIndex(of: UInt8(ascii: ":")) else { continue }
        let name = String(decoding: content[..<colon], as: UTF8.self)
        let rest = content[content.index(after: colon)...].drop { $0 == UInt8(ascii: " ") }
        headers.append((name, String(decoding: rest, as: UTF8.self)))
    }
    return headers
}
