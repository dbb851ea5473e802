import GRPCCore
import SagaRuntime
import SwiftProtobuf

/// The service `eventstore.EventStore`.
struct EventStoreService: Eventstore_EventStore.ServiceProtocol {
    let rpc: EventStoreRPC

    func createEvent(
        request: ServerRequest<Eventstore_CreateEventRequest>, context: ServerContext
    ) async throws -> ServerResponse<Eventstore_CreateEventResponse> {
        let event = try EventForm.read(
            request.message, streams: rpc.door.knownStreams, bytes: rpc.limits.messageBytes)
        let deadline = rpc.deadline(of: request.metadata)
        let answer = try await rpc.calls.sit(orThrow: Self.tooManyCalls) {
            try await rpc.held(until: deadline, context) {
                try await rpc.door.append(event, until: deadline.at)
            }
        }
        switch answer {
        case .appended, .known, .absorbed:
            return ServerResponse(message: .with { $0.isSuccess = true })
        }
    }

    func getEvents(
        request: ServerRequest<Eventstore_GetEventsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Eventstore_GetEventsResponse> {
        let filter = request.message
        guard !filter.eventID.isEmpty || !filter.aggregateID.isEmpty else {
            throw RPCError.invalid(
                "expected event_id, aggregate_id or both, found neither; GetEventsStream follows "
                    + "everything")
        }
        let deadline = rpc.deadline(of: request.metadata)
        let events = try await rpc.calls.sit(orThrow: Self.tooManyCalls) {
            try await rpc.held(until: deadline, context) {
                try await rpc.readers.sit(orThrow: ReadersBusy()) {
                    try await rpc.events(matching: filter)
                }
            }
        }
        return ServerResponse(message: .with { $0.events = events })
    }

    func getEventsStream(
        request: ServerRequest<Eventstore_GetEventsRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Eventstore_Event> {
        let (filter, deadline) = (request.message, rpc.deadline(of: request.metadata))
        return StreamingServerResponse { [rpc] writer in
            try await rpc.streams.sit(orThrow: rpc.tooManyStreams) {
                try await rpc.untilLeft(context, deadline: deadline) {
                    try await rpc.follow(filter, deadline: deadline, context, into: writer)
                }
            }
            return [:]
        }
    }

    private static let tooManyCalls = RPCError.overloaded(
        "too many calls are waiting", retryAfter: RPCError.retryAfter)
}

extension EventStoreRPC {
    /// What is said where no stream can be opened.
    var tooManyStreams: RPCError {
        .overloaded("\(limits.streams) streams are open", retryAfter: .seconds(5))
    }

    /// The events that match each filter that is set.
    fileprivate func events(
        matching filter: Eventstore_GetEventsRequest
    ) async throws -> [Eventstore_Event] {
        if filter.eventID.isEmpty { return try await events(of: filter.aggregateID) }
        let event = try await door.event(id: filter.eventID)
        return event.flatMap { filter.matches($0) ? [Eventstore_Event($0)] : nil } ?? []
    }

    private func events(of aggregateID: String) async throws -> [Eventstore_Event] {
        var events: [Eventstore_Event] = []
        var bytes = 0
        var place: EventPlace?
        while true {
            let page = try await door.events(
                aggregateID: aggregateID, after: place, limit: limits.pageEvents)
            for recorded in page {
                let event = Eventstore_Event(recorded)
                bytes += event.bytesInList
                if bytes > limits.answerBytes { throw tooLarge }
                events.append(event)
            }
            guard let last = page.last, page.count >= limits.pageEvents else { return events }
            place = EventPlace(of: last)
        }
    }

    private var tooLarge: RPCError {
        RPCError(
            code: .resourceExhausted,
            message: "the events of this aggregate take more than \(limits.answerBytes) bytes, the "
                + "most of one answer: read them with GetEventsStream, or raise grpc.answer_limit "
                + "and the client's own limit")
    }
}

extension Eventstore_GetEventsRequest {
    /// Whether an event of that id is one of the aggregate that is asked for.
    func matches(_ recorded: RecordedEvent) -> Bool {
        aggregateID.isEmpty || recorded.event.aggregateID == aggregateID
    }
}

extension EventPlace {
    /// The place of a recorded event.
    init(of recorded: RecordedEvent) {
        self.init(aggregateType: recorded.event.aggregateType, version: recorded.version)
    }
}
