import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/dead-letters`: what could not be used, newest first.
    func deadLetters(_ target: RequestTarget) async throws -> Response {
        var reading = try ParameterReading(
            try target.parameters(), known: ["limit", "after"])
        let limit = reading.limit()
        var after: UInt64?
        if let text = reading.text("after") {
            after = UInt64(text)
            if after == nil { reading.refuse("after", "is not what a list answered as 'after'") }
        }
        try reading.finish()
        let page = try await letters.deadLetters(before: after, limit: limit)
        return Answer.list(
            page.letters.map(\.document.jsonBytes), after: page.after.map { String($0) })
    }

    /// `POST /api/dead-letters/{id}/retry`: sends one to its subject once more.
    func retry(deadLetter id: String) async throws -> Response {
        guard let number = UInt64(id), let letter = try await letters.sendBack(deadLetter: number)
        else {
            throw Problem(.unknownDeadLetter, "there is no dead letter '\(id)'")
        }
        return Answer.bytes(letter.document.jsonBytes)
    }
}

extension DeadLetterRecord {
    /// The letter as JSON; a body that is no text stands in hexadecimal digits.
    fileprivate var document: Value {
        var document = Members([
            ("id", .string(String(number))), ("subject", .string(subject)),
            ("reason", .string(reason.code)), ("message", .string(reason.message)),
            ("at", at.map(Value.timestamp) ?? .null),
        ])
        if let text = String(validating: body, as: UTF8.self) {
            document["body"] = .string(text)
        } else {
            document["body_hex"] = .string(Hexadecimal.text(body))
        }
        return .map(document)
    }
}
