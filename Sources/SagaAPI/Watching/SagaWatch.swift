import HTTPTypes
import Hummingbird
import NIOCore
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/sagas/{id}/watch`: the journal from its beginning, and the saga after each change,
    /// until the saga has ended.
    ///
    /// The store is asked again and again, so that it does not matter which daemon runs the saga.
    func watch(
        _ text: String, _ request: Request, _ target: RequestTarget, over channel: any Channel
    ) async throws -> Response {
        var reading = try ParameterReading(try target.parameters(), known: ["after"])
        let seen = request.headers[.lastEventID] ?? reading.text("after") ?? "0"
        let version = Int64(seen).flatMap { $0 >= 0 ? $0 : nil }
        if version == nil { reading.refuse("after", "must be a journal's version, is '\(seen)'") }
        try reading.finish()
        let record = try await record(text)
        // A browser comes again after the end, unless it is told that there is nothing more.
        if request.headers[.lastEventID] != nil, record.endedAt != nil,
            version ?? 0 >= record.version
        {
            return Response(status: .noContent)
        }
        return try stream(
            SagaWatch(api: self, id: record.identity.id, version: version ?? 0), over: channel)
    }
}

/// One watcher's view of one saga.
private struct SagaWatch: Watched {
    let api: SagaAPI
    let id: SagaID
    /// The version that the watcher has seen.
    var version: Int64
    /// Whether the watcher has not seen the saga as it is.
    private var isBehind = true

    /// How many rows of a journal are read at once.
    private static let page = 256

    init(api: SagaAPI, id: SagaID, version: Int64) {
        self.api = api
        self.id = id
        self.version = version
    }

    mutating func look(_ events: inout EventText) async throws -> NextLook {
        let (api, id, from) = (api, id, version)
        let rows = try await api.look(&events) {
            try await api.store.journal(of: id, after: from, limit: Self.page)
        }
        guard let rows else { return .later }
        for row in rows {
            events.add("journal", id: row.version, row.body)
            version = row.version
            isBehind = true
        }
        if rows.count == Self.page { return .atOnce }
        if !isBehind { return .later }
        guard let record = try await api.look(&events, { try await api.record(id) }) else {
            return .later
        }
        // It changed in between: its journal first.
        if record.version > version { return rows.isEmpty ? .later : .atOnce }
        isBehind = false
        events.add("saga", try api.sagaDocument(record))
        guard record.endedAt != nil else { return .later }
        let end = Value.map(Members([("status", .string(record.status.rawValue))]))
        events.add("end", end.jsonBytes)
        return .never
    }
}
