import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SagaCore

/// A daemon, over HTTP.
struct Server: Sendable {
    /// Where it is, without a slash at its end.
    let address: String

    /// The client of this process; one that finds nobody says so at once.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// The longest that one answer may take to begin, and one that does not go on to end.
    static let timeout: Duration = .seconds(75)
    /// The most bytes of an answer.
    static let answerBytes = 64 * 1024 * 1024

    /// The server of that address.
    init(_ address: String) throws(UsageProblem) {
        guard address.hasPrefix("http://") || address.hasPrefix("https://") else {
            throw UsageProblem(
                "the server's address must begin with http:// or https://, is '\(address)'")
        }
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
    }

    /// What is at a path.
    ///
    /// - Throws: ``ServerProblem``.
    func get(_ path: String, _ query: [(String, String?)] = []) async throws -> Value {
        try await call(.GET, path, query, headers: [], body: nil).value
    }

    /// What comes of a body that is posted there.
    ///
    /// - Throws: ``ServerProblem``.
    func post(_ path: String, _ body: Value) async throws -> Value {
        try await call(.POST, path, [], headers: [], body: body).value
    }

    /// Has what is at a path removed.
    ///
    /// - Throws: ``ServerProblem``.
    func delete(_ path: String) async throws {
        _ = try await call(.DELETE, path, [], headers: [], body: nil)
    }

    /// Starts a saga; tells whether it was not there before.
    ///
    /// - Throws: ``ServerProblem``.
    func start(
        _ name: String, _ input: Value, key: String? = nil, headers: [(String, String)] = []
    ) async throws -> (document: Value, isNew: Bool) {
        let answer = try await call(
            .POST, "/api/sagas/\(PercentCoding.encoded(name))", [("key", key)], headers: headers,
            body: input)
        return (answer.value, answer.status == 201)
    }

    private func call(
        _ method: HTTPMethod, _ path: String, _ query: [(String, String?)],
        headers: [(String, String)], body: Value?
    ) async throws -> (value: Value, status: Int) {
        var request = request(path, query)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.jsonBytes))
        }
        let response = try await open(request)
        let bytes = try await reaching { try await response.body.collect(upTo: Self.answerBytes) }
        let status = Int(response.status.code)
        return (try read(Array(bytes.readableBytesView), status: status), status)
    }

    /// The events of a path, as they come; nil where there are none to come.
    func events(
        _ path: String, _ query: [(String, String?)], after lastID: String?
    ) async throws -> HTTPClientResponse.Body? {
        var request = request(path, query)
        request.headers.add(name: "Accept", value: "text/event-stream")
        if let lastID { request.headers.add(name: "Last-Event-ID", value: lastID) }
        let response = try await open(request)
        if response.status == .noContent { return nil }
        if response.status == .ok { return response.body }
        let bytes = try await reaching { try await response.body.collect(upTo: Self.answerBytes) }
        _ = try read(Array(bytes.readableBytesView), status: Int(response.status.code))
        throw ServerProblem.unreadable("expected events, found the status \(response.status.code)")
    }

    private func request(_ path: String, _ query: [(String, String?)]) -> HTTPClientRequest {
        let pairs = query.compactMap { name, value in
            value.map { "\(name)=\(PercentCoding.encoded($0))" }
        }
        let tail = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        return HTTPClientRequest(url: address + path + tail)
    }

    private func open(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        try await reaching {
            try await Self.client.execute(request, timeout: TimeAmount(Self.timeout))
        }
    }

    /// Runs a part of an exchange; whatever goes wrong is that the server is not reached.
    func reaching<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch let problem as ServerProblem {
            throw problem
        } catch let error as HTTPClientError where error == .invalidURL {
            throw UsageProblem("'\(address)' is not the address of a server")
        } catch {
            throw ServerProblem.unreachable(address, "\(error)")
        }
    }

    private func read(_ bytes: [UInt8], status: Int) throws -> Value {
        let value: Value
        do throws(JSONError) {
            value = bytes.isEmpty ? .null : try Value(json: bytes)
        } catch {
            throw ServerProblem.unreadable(
                "expected JSON from \(address), found something else with the status \(status): "
                    + "is it a sagad? (--server)")
        }
        if (200..<300).contains(status) { return value }
        throw ServerProblem.refused(status: status, value)
    }
}

/// Percent-encoding (RFC 3986).
enum PercentCoding {
    /// The text as one part of a path or of a query.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
