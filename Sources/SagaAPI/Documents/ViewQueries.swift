import SagaCore
import SagaRuntime

extension ViewQuery {
    /// The query that a list's parameters ask for.
    ///
    /// - Throws: a problem that names every unknown parameter and unusable value.
    init(
        collection: String, parameters: [(name: String, value: String)]
    ) throws(Problem) {
        var reading = try ParameterReading(
            parameters, known: ["customer_id", "status", "since", "until", "limit", "after"])
        self.init(collection: collection)
        customerID = reading.text("customer_id")
        statuses = reading.words("status")
        since = reading.instant("since")
        until = reading.instant("until")
        limit = reading.limit()
        if let text = reading.text("after") {
            after = ViewCursorText.cursor(text)
            if after == nil { reading.refuse("after", "is not what a list answered as 'after'") }
        }
        try reading.finish()
    }
}

extension ParameterReading {
    /// The words between commas, each once.
    fileprivate func words(_ name: String) -> [String] {
        var words: [String] = []
        for word in (text(name) ?? "").split(separator: ",").map(String.init)
        where !words.contains(where: { $0.utf8.elementsEqual(word.utf8) }) {
            words.append(word)
        }
        return words
    }

    /// A version, from 1.
    mutating func version(_ name: String) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let version = Int64(text), version > 0 else {
            refuse(name, "must be a whole number from 1, is '\(text)'")
            return nil
        }
        return version
    }
}

/// The text in which a list of documents tells where its next page begins; opaque to callers.
enum ViewCursorText {
    /// The first byte of every cursor of this form.
    private static let form: UInt8 = 2

    /// The cursor as text.
    static func text(_ cursor: ViewCursor) -> String {
        var bytes = [form]
        let time = UInt64(bitPattern: cursor.createdAt.microseconds)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: time >> shift))
        }
        bytes.append(contentsOf: cursor.id.utf8)
        return Hexadecimal.text(bytes + CursorText.checksum(bytes))
    }

    /// The cursor of that text, or nil where no list answered it.
    static func cursor(_ text: String) -> ViewCursor? {
        guard let all = Hexadecimal.bytes(text), all.count >= 11, all[0] == form else { return nil }
        let bytes = Array(all.dropLast(2))
        guard CursorText.checksum(bytes) == Array(all.suffix(2)),
            let id = String(validating: bytes[9...], as: UTF8.self)
        else { return nil }
        let time = bytes[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return ViewCursor(
            createdAt: Instant(microseconds: Int64(bitPattern: time)), id: id)
    }
}
