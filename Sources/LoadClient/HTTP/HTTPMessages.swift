import NIOHTTP1
package import SagaCore

/// One HTTP/1.1 request.
package struct HTTPRequest: Sendable {
    /// The method, such as `POST`.
    package var method: String
    /// The path with its query.
    package var target: String
    /// The header fields; `Host` and `Content-Length` are added.
    package var fields: [(name: String, value: String)]
    /// The body; empty for none.
    package var body: [UInt8]

    /// A request with these parts.
    package init(
        _ method: String, _ target: String, fields: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }

    /// A `GET`.
    package static func get(_ target: String) -> HTTPRequest { HTTPRequest("GET", target) }

    /// A `POST` of JSON.
    package static func post(
        _ target: String, _ body: Value, fields: [(name: String, value: String)] = []
    ) -> HTTPRequest {
        HTTPRequest(
            "POST", target, fields: [("Content-Type", "application/json")] + fields,
            body: body.jsonBytes)
    }

    func head(host: String) -> HTTPRequestHead {
        var headers = HTTPHeaders(fields.map { ($0.name, $0.value) })
        headers.add(name: "Host", value: host)
        if !body.isEmpty || method == "POST" {
            headers.add(name: "Content-Length", value: String(body.count))
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: headers)
    }
}

/// A whole HTTP/1.1 response.
package struct HTTPResponse: Sendable {
    /// The status, such as 201.
    package var status: Int
    /// The header fields in the order of the wire.
    package var fields: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]

    /// The first value of a header field, whatever the case of its name.
    package func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name.lowercased() == name }?.value
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    package func json() throws(CallFailure) -> Value {
        do {
            return try Value(json: body)
        } catch {
            throw .unexpected(
                "expected JSON, found: \(text.prefix(200)) (\(error)); status \(status)")
        }
    }
}

/// Why a call has no usable answer.
package enum CallFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no connection, or it was lost before the whole answer came: it may have been heard.
    case lost(String)
    /// No answer came in time.
    case timedOut(Duration)
    /// An answer came that is none of those expected.
    case unexpected(String)

    /// What went wrong, in words.
    package var description: String {
        switch self {
        case .lost(let reason): "the connection was lost: \(reason)"
        case .timedOut(let limit): "no answer came in \(limit)"
        case .unexpected(let what): what
        }
    }

    /// Whether asking again may help.
    package var mayPass: Bool {
        switch self {
        case .lost, .timedOut: true
        case .unexpected: false
        }
    }
}
