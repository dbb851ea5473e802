import GRPCCore
import SagaCore
import SagaRuntime

/// Checks the form of an event before it is appended.
///
/// A text that PostgreSQL or NATS cannot carry is refused here, with what was expected.
enum EventForm {
    /// The most bytes of an event's id, an aggregate's id and an event's type.
    static let textBytes = 255
    /// The most bytes of a wrong value that are shown.
    private static let shownBytes = 60

    /// The event of a request.
    ///
    /// - Parameters:
    ///   - streams: the streams that definitions name, with their aggregate types.
    ///   - bytes: the most bytes of a request.
    /// - Throws: `INVALID_ARGUMENT` with the first thing that is wrong, or `RESOURCE_EXHAUSTED` where
    ///   the event is too large.
    static func read(
        _ request: Eventstore_CreateEventRequest, streams: [String: String], bytes: Int
    ) throws(RPCError) -> NewEvent {
        guard request.hasEvent else { throw .invalid("event: expected an event, found none") }
        let event = request.event
        let size = event.bytesInList
        guard size <= bytes else {
            throw RPCError(
                code: .resourceExhausted,
                message: "expected a request of at most \(bytes) bytes (grpc.message_limit), found "
                    + "\(size)")
        }
        try check("event_id", event.eventID)
        try check("aggregate_id", event.aggregateID)
        guard let type = streams[event.stream] else {
            let known = streams.keys.sorted().joined(separator: ", ")
            throw .invalid(
                "event.stream: expected one that a definition names (\(known)), found "
                    + shown(event.stream))
        }
        guard event.aggregateType == type else {
            throw .invalid(
                "event.aggregate_type: expected '\(type)', which \(event.stream) belongs to, found "
                    + shown(event.aggregateType))
        }
        try checkType(event)
        try checkData(event.eventData)
        return NewEvent(
            id: event.eventID, aggregateType: event.aggregateType, aggregateID: event.aggregateID,
            stream: event.stream, type: event.eventType,
            body: event.eventData.isEmpty ? nil : Array(event.eventData.utf8))
    }

    private static func check(_ field: String, _ text: String) throws(RPCError) {
        guard (1...textBytes).contains(text.utf8.count) else {
            throw .invalid(
                "event.\(field): expected 1 to \(textBytes) bytes, found \(text.utf8.count)")
        }
        if text.utf8.contains(0) {
            throw .invalid("event.\(field): expected text, found a zero byte in it")
        }
    }

    /// The type is the stream, a dot, and one token of a NATS subject.
    private static func checkType(_ event: Eventstore_Event) throws(RPCError) {
        let type = event.eventType
        let prefix = event.stream + "."
        let token = type.utf8.dropFirst(prefix.utf8.count)
        let isToken = token.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !".*>".utf8.contains(byte)
        }
        guard type.hasPrefix(prefix), !token.isEmpty, isToken, type.utf8.count <= textBytes else {
            throw .invalid(
                "event.event_type: expected the full subject within its stream, such as "
                    + "'\(prefix)created': one word of visible ASCII without . * > behind the dot, "
                    + "at most \(textBytes) bytes in all; found \(shown(type))")
        }
    }

    private static func checkData(_ text: String) throws(RPCError) {
        guard !text.isEmpty else { return }
        do {
            _ = try Value(json: Array(text.utf8))
        } catch {
            throw .invalid("event.event_data: expected JSON text or nothing: \(error)")
        }
    }

    /// A wrong value in quotes; a long one is cut.
    private static func shown(_ text: String) -> String {
        if text.isEmpty { return "nothing" }
        guard text.utf8.count > shownBytes else { return "'\(text)'" }
        return "'\(String(decoding: text.utf8.prefix(shownBytes), as: UTF8.self))…'"
    }
}
