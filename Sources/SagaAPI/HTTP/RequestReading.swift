import HTTPTypes
import Hummingbird
import NIOCore
import SagaCore

/// A body that could not be read because its connection failed; the server deals with the cause.
struct BrokenBody: Error {
    /// What the connection said.
    var cause: any Error
}

/// A request's body, read.
struct JSONBody {
    /// The body as it came.
    var bytes: [UInt8]
    /// What it says.
    var value: Value

    /// The body's members.
    ///
    /// - Throws: a problem where the body is no object.
    func members() throws(Problem) -> Members {
        guard case .map(let members) = value else {
            throw Problem(.invalidBody, at: "", "must be an object, is \(value.kindWords)")
        }
        return members
    }
}

extension Request {
    /// The request's JSON body, read strictly and up to the limit.
    func json(limits: APILimits) async throws -> JSONBody {
        try checkMediaType()
        let bytes = try await bytes(limit: limits.bodyBytes)
        do throws(JSONError) {
            return JSONBody(bytes: bytes, value: try Value(json: bytes, limits: .exact))
        } catch {
            throw Problem.notJSON(error)
        }
    }

    /// The request's body as text, where its type says that it is YAML (RFC 9512); nil for another.
    func yaml(limits: APILimits) async throws -> String? {
        guard let type = headers[.contentType], ContentType.isYAML(type) else { return nil }
        try checkCoding()
        guard let text = String(validating: try await bytes(limit: limits.bodyBytes), as: UTF8.self)
        else { throw Problem(.notYAML, "the body is not UTF-8") }
        return text
    }

    private func bytes(limit: Int) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Self.tooLarge(limit)
        }
        do {
            var bytes: [UInt8] = []
            for try await chunk in body {
                if bytes.count + chunk.readableBytes > limit { throw Self.tooLarge(limit) }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            return bytes
        } catch let problem as Problem {
            throw problem
        } catch {
            throw BrokenBody(cause: error)
        }
    }

    private static func tooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, "a body may have at most \(limit) bytes")
    }

    private func checkCoding() throws(Problem) {
        guard let coding = headers[.contentEncoding], coding.lowercased() != "identity" else {
            return
        }
        throw Problem(
            .unsupportedMediaType, "Content-Encoding '\(coding)': send the body uncompressed")
    }

    private func checkMediaType() throws(Problem) {
        try checkCoding()
        guard let type = headers[.contentType] else {
            throw Problem(
                .unsupportedMediaType, "no Content-Type: send JSON as application/json")
        }
        if type == "application/json" || ContentType.isJSON(type) { return }
        throw Problem(
            .unsupportedMediaType, "Content-Type '\(type)': send JSON as application/json")
    }

    /// The caller's idempotency key, if there is one.
    func idempotencyKey() throws(Problem) -> String? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count) else {
            throw Problem(
                .invalidHeader,
                "Idempotency-Key: expected 1 to 255 bytes, found \(key.utf8.count)")
        }
        return key
    }
}

/// Reads content types.
enum ContentType {
    /// Whether the type is `application/json` or ends in `+json`, in UTF-8.
    static func isJSON(_ text: String) -> Bool {
        isUTF8(text) { $0 == "application/json" || ($0.hasSuffix("+json") && $0.contains("/")) }
    }

    /// Whether the type is one of those of YAML, in UTF-8.
    static func isYAML(_ text: String) -> Bool {
        isUTF8(text) { ["application/yaml", "application/x-yaml", "text/yaml"].contains($0) }
    }

    private static func isUTF8(_ text: String, _ isMeant: (String) -> Bool) -> Bool {
        let parts = text.lowercased().split(separator: ";", omittingEmptySubsequences: false)
        guard isMeant(String(trimmed(parts[0]))) else { return false }
        for parameter in parts.dropFirst() where trimmed(parameter).hasPrefix("charset=") {
            let charset = trimmed(parameter).dropFirst(8).filter { $0 != "\"" }
            if charset != "utf-8" { return false }
        }
        return true
    }
}

/// The text without spaces and tabs at its ends.
func trimmed(_ text: some StringProtocol) -> String {
    var rest = Substring(text)
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return String(rest)
}

extension Value {
    /// What kind of JSON it is, for people.
    var kindWords: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .int, .double: "a number"
        case .string, .timestamp, .duration: "text"
        case .list: "a list"
        case .map: "an object"
        }
    }
}
