import SagaCore
import SagaRuntime

/// A page of a journal or of events, whose places are versions.
struct VersionPage: Equatable {
    /// The version before the page.
    var after: Int64 = 0
    /// The most rows on the page.
    var limit = 100

    /// The page that those parameters ask for.
    init(parameters: [(name: String, value: String)]) throws(Problem) {
        var reading = try ParameterReading(parameters, known: ["limit", "after"])
        limit = reading.limit()
        if let text = reading.text("after") {
            if let version = Int64(text), version >= 0 {
                after = version
            } else {
                reading.refuse("after", "is not what a list answered as 'after'")
            }
        }
        try reading.finish()
    }

    /// Where the next page begins: behind the last version of a full page, else nil.
    func next(_ versions: [Int64]) -> String? {
        guard versions.count >= limit, let last = versions.last else { return nil }
        return String(last)
    }
}

/// Reads a list's parameters, and keeps what is wrong with them.
struct ParameterReading {
    private var values: [String: String] = [:]
    private var violations: [SchemaViolation] = []

    /// - Throws: nothing by itself; ``finish()`` tells what is wrong.
    init(_ parameters: [(name: String, value: String)], known: [String]) throws(Problem) {
        for (name, value) in parameters {
            if !known.contains(name) {
                refuse(name, "is unknown: there is \(known.joined(separator: ", "))")
            } else if values.updateValue(value, forKey: name) != nil {
                refuse(name, "is given twice")
            } else if value.isEmpty {
                refuse(name, "is empty")
            }
        }
    }

    mutating func refuse(_ name: String, _ message: String) {
        violations.append(SchemaViolation(pointer: JSONPointer.text(name), message: message))
    }

    func finish() throws(Problem) {
        if !violations.isEmpty { throw Problem(.invalidQuery, violations) }
    }

    func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    mutating func limit() -> Int {
        guard let text = text("limit") else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            refuse("limit", "must be a whole number from 1 to 1000, is '\(text)'")
            return 100
        }
        return limit
    }

    mutating func cursor() -> SagaCursor? {
        guard let text = text("after") else { return nil }
        let cursor = CursorText.cursor(text)
        if cursor == nil { refuse("after", "is not what a list answered as 'after'") }
        return cursor
    }

    mutating func instant(_ name: String) -> Instant? {
        guard let text = text(name) else { return nil }
        guard let instant = Instant(text) else {
            refuse(
                name,
                "must be a time such as 2026-01-31T12:00:00Z (a + is written %2B), is '\(text)'")
            return nil
        }
        return instant
    }

    mutating func statuses() -> [SagaStatus] {
        var statuses: [SagaStatus] = []
        for word in (text("status") ?? "").split(separator: ",") {
            if let status = SagaStatus(rawValue: String(word)) {
                if !statuses.contains(status) { statuses.append(status) }
            } else {
                let known = SagaStatus.allCases.map(\.rawValue).joined(separator: ", ")
                refuse("status", "'\(word)' is unknown: there is \(known)")
            }
        }
        return statuses
    }
}

/// The text in which a list tells where its next page begins; opaque to callers.
enum CursorText {
    /// The first byte of every cursor of this form.
    private static let form: UInt8 = 1

    /// The cursor as text.
    static func text(_ cursor: SagaCursor) -> String {
        var bytes = [form]
        let words = [
            UInt64(bitPattern: cursor.startedAt.microseconds), cursor.id.high, cursor.id.low,
        ]
        for word in words {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return Hexadecimal.text(bytes + checksum(bytes))
    }

    /// The cursor of that text, or nil where no list answered it.
    static func cursor(_ text: String) -> SagaCursor? {
        guard let bytes = Hexadecimal.bytes(text), bytes.count == 27, bytes[0] == form,
            checksum(Array(bytes[..<25])) == Array(bytes[25...])
        else { return nil }
        let words = (0..<3).map { place in
            bytes[1 + place * 8..<9 + place * 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        let startedAt = Instant(microseconds: Int64(bitPattern: words[0]))
        return SagaCursor(startedAt: startedAt, id: SagaID(high: words[1], low: words[2]))
    }

    /// Two bytes that change with any other byte: against mistakes, not against malice.
    static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        var sum: UInt32 = 0x811C_9DC5
        for byte in bytes { sum = (sum ^ UInt32(byte)) &* 0x0100_0193 }
        let folded = UInt16(truncatingIfNeeded: sum ^ sum >> 16)
        return [UInt8(folded >> 8), UInt8(truncatingIfNeeded: folded)]
    }
}
