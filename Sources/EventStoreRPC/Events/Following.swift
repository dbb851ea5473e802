import GRPCCore
import SagaCore
import SagaRuntime

/// Where one reader of a stream stands: it pulls pages at its own pace.
protocol EventReader: Sendable {
    /// The next events; none where there is nothing new now.
    mutating func next(from door: any EventDoor, limit: Int) async throws -> [RecordedEvent]
}

extension EventStoreRPC {
    /// Sends what is stored, then what is recorded, without end.
    ///
    /// A reader that is slow holds up nobody but itself: the next page is read only once the last
    /// has gone out.
    func follow(
        _ filter: Eventstore_GetEventsRequest, deadline: CallDeadline, _ context: ServerContext,
        into writer: RPCWriter<Eventstore_Event>
    ) async throws {
        if !filter.eventID.isEmpty {
            try await follow(EventWait(filter), deadline: deadline, context, into: writer)
        } else if !filter.aggregateID.isEmpty {
            let reader = AggregateReader(id: filter.aggregateID)
            try await follow(reader, deadline: deadline, context, into: writer)
        } else {
            try await follow(FeedReader(), deadline: deadline, context, into: writer)
        }
    }

    /// A store that is away when the stream is opened is waited for up to the deadline, and later
    /// as long as the client waits: it would have to begin anew.
    private func follow(
        _ start: some EventReader, deadline: CallDeadline, _ context: ServerContext,
        into writer: RPCWriter<Eventstore_Event>
    ) async throws {
        var reader = start
        var opening: CallDeadline? = deadline
        var mark = await door.waitForEvents(since: 0, until: clock.now())
        while true {
            let began = clock.now()
            var page: [RecordedEvent]
            repeat {
                page = try await held(until: opening, context) {
                    try await reader.next(from: door, limit: limits.pageEvents)
                }
                opening = nil
                if !page.isEmpty {
                    try await writer.write(contentsOf: page.map(Eventstore_Event.init))
                }
                try Task.checkCancellation()
            } while !page.isEmpty
            mark = await door.waitForEvents(since: mark, until: clock.now() + limits.followPoll)
            try await clock.sleep(until: began + limits.followPause)
        }
    }
}

/// Reads every event.
private struct FeedReader: EventReader {
    private var place: FeedPlace?

    mutating func next(from door: any EventDoor, limit: Int) async throws -> [RecordedEvent] {
        let page = try await door.events(after: place, limit: limit)
        place = page.place
        return page.events
    }
}

/// Waits for one event.
private struct EventWait: EventReader {
    private let filter: Eventstore_GetEventsRequest
    private var hasCome = false

    init(_ filter: Eventstore_GetEventsRequest) { self.filter = filter }

    mutating func next(from door: any EventDoor, limit: Int) async throws -> [RecordedEvent] {
        guard !hasCome, let event = try await door.event(id: filter.eventID) else { return [] }
        hasCome = true
        return filter.matches(event) ? [event] : []
    }
}

/// Reads the events of one aggregate id, which may be those of aggregates of several types.
private struct AggregateReader: EventReader {
    private let id: String
    /// The version up to which the events of each type were read.
    private var read: [String: Int64] = [:]

    init(id: String) { self.id = id }

    mutating func next(from door: any EventDoor, limit: Int) async throws -> [RecordedEvent] {
        var place = read.keys.min(by: precedes).map(placeBehind)
        if let first = place, let type = door.knownStreams.values.min(by: precedes),
            precedes(type, first.aggregateType)
        {
            // Types come in byte order: an aggregate of this one may have begun meanwhile.
            let begun = try await door.events(
                aggregateID: id, after: placeBehind(type), limit: 1)
            if let fresh = take(begun[...]) { return fresh }
        }
        while true {
            let page = try await door.events(aggregateID: id, after: place, limit: limit)
            if let fresh = take(page[...]) { return fresh }
            guard let known = page.first?.event.aggregateType else { return [] }
            // The page begins with what was read: on behind it.
            place = placeBehind(known)
        }
    }

    /// The events at the beginning of a page that were not read before; nil where there are none.
    private mutating func take(_ page: ArraySlice<RecordedEvent>) -> [RecordedEvent]? {
        let fresh = page.prefix { $0.version > read[$0.event.aggregateType, default: 0] }
        for recorded in fresh { read[recorded.event.aggregateType] = recorded.version }
        return fresh.isEmpty ? nil : Array(fresh)
    }

    private func placeBehind(_ type: String) -> EventPlace {
        EventPlace(aggregateType: type, version: read[type, default: 0])
    }

    private func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
