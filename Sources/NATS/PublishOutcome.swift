/// What became of a message that was published to a stream.
package enum PublishOutcome: Sendable, Equatable {
    /// The stream has it at this sequence; `duplicate`: it had it before, under the same id.
    case stored(stream: String, sequence: UInt64, duplicate: Bool)
    /// It was not stored, and sending it again as it is will not help at once.
    ///
    /// `code` is 503 where no stream takes the subject, 413 where the message is too large, 400
    /// where the subject cannot be one, otherwise JetStream's error code (such as 10077).
    case refused(code: Int, description: String)
    /// Nobody knows: no acknowledgement in time, or the server was lost. The text says which.
    case unknown(String)
}

extension PublishOutcome {
    /// Reads a stream's acknowledgement: `{"stream":"S","seq":1,"duplicate":true}` or an error.
    init(acknowledgement bytes: UnsafeRawBufferPointer) {
        self = AcknowledgementScanner(bytes: bytes).outcome() ?? Self.decoded(bytes)
    }

    private static func decoded(_ bytes: UnsafeRawBufferPointer) -> PublishOutcome {
        guard let answer = try? decodeJSON(PublishAnswer.self, from: Array(bytes)) else {
            return .unknown("an acknowledgement that cannot be read")
        }
        if let error = answer.error {
            return .refused(
                code: error.errorCode ?? error.code, description: error.description ?? "no reason")
        }
        guard let stream = answer.stream, let sequence = answer.seq else {
            return .unknown("an acknowledgement without stream and sequence")
        }
        return .stored(stream: stream, sequence: sequence, duplicate: answer.duplicate ?? false)
    }
}

/// Reads the usual form of an acknowledgement without a JSON decoder, which costs far more than
/// everything else on the way of a published message.
///
/// Gives up (`nil`) on anything unusual: escapes, nesting, unknown forms.
struct AcknowledgementScanner {
    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    consuming func outcome() -> PublishOutcome? {
        var stream: String?
        var sequence: UInt64?
        var duplicate = false
        guard take("{") else { return nil }
        repeat {
            guard let key = string(), take(":") else { return nil }
            switch key {
            case "stream":
                guard let value = string() else { return nil }
                stream = value
            case "seq":
                guard let value = number() else { return nil }
                sequence = value
            case "duplicate":
                if literal("true") { duplicate = true } else if !literal("false") { return nil }
            case "domain":
                guard string() != nil else { return nil }
            default: return nil
            }
        } while take(",")
        guard take("}"), let stream, let sequence else { return nil }
        return .stored(stream: stream, sequence: sequence, duplicate: duplicate)
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] == 0x20 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            guard bytes[position] != UInt8(ascii: "\\") else { return nil }
            position += 1
        }
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func number() -> UInt64? {
        skipBlanks()
        let start = position
        var value: UInt64 = 0
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39,
            position - start < 19
        {
            value = value * 10 + UInt64(bytes[position] - 0x30)
            position += 1
        }
        return position > start ? value : nil
    }

    private mutating func literal(_ text: StaticString) -> Bool {
        skipBlanks()
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
            return false
        }
        position += count
        return true
    }
}
