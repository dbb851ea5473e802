import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/sagas/{id}/journal`: oldest first; the rows are answered as they are stored.
    func journal(_ text: String, _ target: RequestTarget) async throws -> Response {
        let page = try VersionPage(parameters: try target.parameters())
        let record = try await record(text)
        let rows = try await store.journal(
            of: record.identity.id, after: page.after, limit: page.limit)
        return Answer.list(rows.map(\.body), after: page.next(rows.map(\.version)))
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
