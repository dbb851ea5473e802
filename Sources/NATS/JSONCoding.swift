import FoundationEssentials

/// Writes a value as JSON with the fields in a fixed order.
func encodeJSON(_ value: some Encodable) throws(NATSFailure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return Array(try encoder.encode(value))
    } catch {
        throw .malformed("a request that cannot be written: \(error)")
    }
}

/// Reads a value from JSON.
func decodeJSON<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
) throws(NATSFailure) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
        throw .malformed("\(error)")
    }
}

/// JetStream's own account of why it refused.
struct APIError: Decodable {
    var code: Int
    var errorCode: Int?
    var description: String?

    enum CodingKeys: String, CodingKey {
        case code
        case errorCode = "err_code"
        case description
    }
}

/// An acknowledgement of a published message.
struct PublishAnswer: Decodable {
    var error: APIError?
    var stream: String?
    var seq: UInt64?
    var duplicate: Bool?
}
