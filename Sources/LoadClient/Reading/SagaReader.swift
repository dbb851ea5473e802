package import SagaCore

/// Reads sagas, orders and metrics over HTTP.
package struct SagaReader: Sendable {
    /// The most items of a list's page.
    private static let page = 1000

    private let caller: Caller
    /// How long a question is asked again where the daemon is away.
    package var patience: Duration = .seconds(30)

    /// A reader of the daemon on that port.
    package init(port: Int) { caller = Caller(port: port) }

    /// The document of an order now.
    package func order(_ key: String) async throws -> Value {
        try await json("/api/orders/\(key)")
    }

    /// One saga whole.
    package func saga(_ id: String) async throws -> Value {
        try await json("/api/sagas/\(id)")
    }

    /// A saga's journal, oldest first.
    package func journal(of id: String) async throws -> [Value] {
        try await json("/api/sagas/\(id)/journal?limit=\(Self.page)")["items"]?.elements ?? []
    }

    /// Whether no saga is on its way.
    package func isQuiet() async throws -> Bool {
        try await json("/api/sagas?status=running,compensating,stuck&limit=1")["items"]?
            .elements?.isEmpty ?? false
    }

    /// The sagas of a name, as lists have them, newest first: all, or that many and some more.
    package func sagas(
        of name: String, status: String? = nil, newest: Int = .max
    ) async throws -> [Value] {
        var all: [Value] = []
        var after: String?
        repeat {
            var target = "/api/sagas?saga=\(name)&limit=\(Self.page)"
            if let status { target += "&status=\(status)" }
            if let after { target += "&after=\(after)" }
            let page = try await json(target)
            all += page["items"]?.elements ?? []
            after = page["after"]?.text
        } while after != nil && all.count < newest
        return all
    }

    /// The sum over all series of a metric; 0 where there is none yet.
    package func metric(_ name: String) async throws -> Double {
        Self.sum(of: name, in: try await get("/metrics").body)
    }

    /// The sum over all series of a metric in Prometheus' text format.
    ///
    /// Byte by byte: a load client asks ten times a second.
    package static func sum(of name: String, in text: [UInt8]) -> Double {
        let (newline, space, brace) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "{"))
        let name = Array(name.utf8)
        var sum = 0.0
        var left = text[...]
        while !left.isEmpty {
            let line = left[..<(left.firstIndex(of: newline) ?? left.endIndex)]
            left = left[line.endIndex...].dropFirst()
            guard line.starts(with: name) else { continue }
            let rest = line.dropFirst(name.count)
            guard rest.first == space || rest.first == brace,
                let place = rest.lastIndex(of: space),
                let number = Double(String(decoding: rest[(place + 1)...], as: UTF8.self))
            else { continue }
            sum += number
        }
        return sum
    }

    /// How old the oldest event is that the daemon knows of and has not in its views, as `/readyz`
    /// says.
    package func viewsLag() async throws -> Duration {
        let report = try await json("/readyz")
        guard let lag = report["checks"]?["views"]?["lag_ms"]?.whole else {
            throw CallFailure.unexpected("expected checks.views.lag_ms in /readyz, found \(report)")
        }
        return .milliseconds(lag)
    }

    private func json(_ target: String) async throws -> Value { try await get(target).json() }

    private func get(_ target: String) async throws -> HTTPResponse {
        try await caller.call(.get(target), expecting: [200], until: .now + patience)
    }
}
