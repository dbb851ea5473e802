import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/sagas/{id}/input`: the saga's document, as it was when it started.
    func input(_ text: String) async throws -> Response {
        Answer.bytes(try await record(text).input)
    }

    /// `GET /api/sagas/{id}/journal`: oldest first; the rows are answered as they are stored, and what
    /// was provoked stands behind the row of the version that the saga had.
    func journal(_ text: String, _ target: RequestTarget) async throws -> Response {
        let page = try VersionPage(parameters: try target.parameters())
        let record = try await record(text)
        let rows = try await store.journal(
            of: record.identity.id, after: page.after, limit: page.limit)
        let strikes = try await store.faultStrikes(on: record.identity.id)
        let shown = strikes.isEmpty ? rows.map(\.body) : Self.rows(rows, with: strikes, on: page)
        return Answer.list(shown, after: page.next(rows.map(\.version)))
    }

    /// A page's rows with the strikes behind them; what struck before the first row stands before it.
    private static func rows(
        _ rows: [JournalRecord], with strikes: [FaultStrike], on page: VersionPage
    ) -> [[UInt8]] {
        let behind = Dictionary(grouping: strikes, by: \.sagaVersion)
        func shown(_ version: Int64) -> [[UInt8]] { (behind[version] ?? []).map(\.journalRow) }
        return (page.after == 0 ? shown(0) : []) + rows.flatMap { [$0.body] + shown($0.version) }
    }

    /// `GET /api/sagas/{id}/events`: the events of the saga's aggregate, oldest first.
    func events(_ text: String, _ target: RequestTarget) async throws -> Response {
        let page = try VersionPage(parameters: try target.parameters())
        let identity = try await record(text).identity
        let entry =
            door.catalog.entry(name: identity.name, version: identity.definitionVersion)
            ?? door.catalog.newest(identity.name)
        guard let aggregate = entry?.definition.aggregate else {
            return Answer.list([], after: nil)
        }
        let events = try await store.events(
            aggregateType: aggregate.type, aggregateID: identity.key, after: page.after,
            limit: page.limit)
        return Answer.list(events.map(\.document), after: page.next(events.map(\.version)))
    }
}

extension RecordedEvent {
    /// The event as JSON; its data stands there byte for byte as it is stored.
    fileprivate var document: [UInt8] {
        let head = Members([
            ("id", .string(event.id)), ("type", .string(event.type)),
            ("aggregate_type", .string(event.aggregateType)),
            ("aggregate_id", .string(event.aggregateID)), ("version", .double(Double(version))),
            ("saga_id", (sagaID?.description).map(Value.string) ?? .null),
            ("recorded_at", .timestamp(recordedAt)),
        ])
        var bytes = Value.map(head).jsonBytes
        bytes.removeLast()
        bytes.append(contentsOf: #","data":"#.utf8)
        if let body = event.body, !body.isEmpty {
            bytes.append(contentsOf: body)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
