import AsyncHTTPClient
import NIOCore
import SagaCore

/// One server-sent event (WHATWG HTML, 9.2).
struct ServerEvent: Equatable {
    /// What kind of event it is.
    var name: String
    /// What a reader says that it has seen, when it comes again.
    var id: String?
    /// What it says.
    var data: String
}

/// Makes events of the bytes that come.
struct ServerEventReader {
    private var line: [UInt8] = []
    private var name = ""
    private var id: String?
    private var data: [String] = []

    /// The events that are whole with these bytes.
    mutating func read(_ bytes: some Sequence<UInt8>) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\r") { continue }
            if byte != UInt8(ascii: "\n") {
                line.append(byte)
                continue
            }
            if let event = take(String(decoding: line, as: UTF8.self)) { events.append(event) }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    /// Takes a line; answers the event that an empty one ends.
    private mutating func take(_ line: String) -> ServerEvent? {
        if line.isEmpty {
            defer { (name, id, data) = ("", nil, []) }
            guard !data.isEmpty else { return nil }
            return ServerEvent(
                name: name.isEmpty ? "message" : name, id: id,
                data: data.joined(separator: "\n"))
        }
        let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = halves.count > 1 ? halves[1] : ""
        if value.first == " " { value.removeFirst() }
        switch halves[0] {
        case "event": name = String(value)
        case "id": id = String(value)
        case "data": data.append(String(value))
        default: break
        }
        return nil
    }
}

extension Server {
    /// How long a watch that was lost is opened again, at most.
    static let watchPatience: Duration = .seconds(60)
    /// The time from one try to the next.
    static let watchRetry: Duration = .seconds(1)

    /// Gives the events of a path to the body until it answers false or there are none to come;
    /// opens them again where they are lost.
    ///
    /// - Throws: ``ServerProblem`` where the server does not answer at first, or not again for
    ///   ``watchPatience``.
    func follow(
        _ path: String, _ query: [(String, String?)] = [],
        _ body: (ServerEvent) async throws -> Bool
    ) async throws {
        var lastID: String?
        var lostSince: ContinuousClock.Instant?
        var hasBegun = false
        while true {
            do {
                guard let bytes = try await events(path, query, after: lastID) else { return }
                (hasBegun, lostSince) = (true, nil)
                if try await !give(bytes, to: body, &lastID) { return }
            } catch let problem as ServerProblem {
                guard hasBegun, problem.mayPass else { throw problem }
                let since = lostSince ?? .now
                lostSince = since
                if .now - since > Self.watchPatience { throw problem }
            }
            try await Task.sleep(for: Self.watchRetry)
        }
    }

    /// Gives the events of an answer to the body; answers whether it wants more than came.
    private func give(
        _ bytes: HTTPClientResponse.Body, to body: (ServerEvent) async throws -> Bool,
        _ lastID: inout String?
    ) async throws -> Bool {
        try await reaching {
            var reader = ServerEventReader()
            for try await piece in bytes {
                for event in reader.read(piece.readableBytesView) {
                    lastID = event.id ?? lastID
                    guard try await body(event) else { return false }
                }
            }
            return true
        }
    }

    /// The items of a list, all of its pages.
    ///
    /// - Parameter version: of a journal or of events, the version before the first.
    func all(
        _ path: String, _ query: [(String, String?)] = [], after version: Int64? = nil
    ) async throws -> [Value] {
        var items: [Value] = []
        var after = version.map { String($0) }
        repeat {
            let page = try await get(path, query + [("limit", "1000"), ("after", after)])
            items += page["items"]?.elements ?? []
            after = page["after"]?.text
        } while after != nil
        return items
    }

    /// The identity of the saga that an argument names: its id, or `NAME/KEY`.
    func sagaID(_ text: String) async throws -> String {
        guard let slash = text.firstIndex(of: "/") else { return text }
        let name = String(text[..<slash])
        let key = String(text[slash...].dropFirst())
        let page = try await get("/api/sagas", [("saga", name), ("key", key), ("limit", "1")])
        if let id = page["items"]?.elements?.first?["id"]?.text { return id }
        throw ServerProblem.notFound(
            "there is no saga '\(name)' with the key '\(key)': "
                + "`sagactl list --saga \(name)` shows those there are")
    }

    /// The path of a saga that an argument names.
    func sagaPath(_ text: String) async throws -> String {
        "/api/sagas/\(PercentCoding.encoded(try await sagaID(text)))"
    }
}

extension ServerProblem {
    /// Whether it may pass when asked again: the server is away, or has too much to do.
    var mayPass: Bool {
        switch self {
        case .unreachable: true
        case .refused(let status, _): status == 503
        case .notFound, .unreadable: false
        }
    }
}
