package import SagaCore
package import SagaRuntime

extension InMemoryStore {
    /// Appends events, as the port says.
    package func append(_ batch: [EventAppend]) async throws -> [EventAppendAnswer] {
        try await run(.append) { tables in batch.map { tables.append($0) } }
    }

    /// The events of those ids.
    package func events(ids: [String]) async throws -> [RecordedEvent] {
        try await run(.eventsByID) { tables in
            let wanted = Set(ids.map { ByteText($0) })
            return tables.feed.filter { wanted.contains(ByteText($0.event.id)) }
        }
    }

    /// The events with that aggregate id.
    package func events(
        aggregateID: String, types: [String], after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] {
        try await run(.eventsOfAggregate) { tables in
            let found = EventMark.marks(of: types, after: after).flatMap { mark in
                let key = AggregateKey(type: mark.type, id: aggregateID)
                return tables.events[key, default: []].filter { $0.version > mark.version }
            }
            return Array(found.prefix(limit))
        }
    }

    /// All events in the order in which they were recorded.
    package func events(after place: FeedPlace, limit: Int) async throws -> EventFeedPage {
        try await run(.feed) { tables in
            let read = Int(place.numbers[0] ?? 0)
            let page = Array(tables.feed.dropFirst(read).prefix(limit))
            let after = FeedPlace(isPastEarly: true, numbers: [0: Int64(read + page.count)])
            return EventFeedPage(events: page, place: after)
        }
    }

    /// The sagas that have those keys.
    package func owners(of keys: [SagaKey]) async throws -> [SagaID?] {
        try await run(.owners) { tables in
            keys.map { tables.keys[BusinessKey(definition: $0.definition, key: $0.key)] }
        }
    }
}

extension Tables {
    mutating func append(_ append: EventAppend) -> EventAppendAnswer {
        if let problem = append.event.storageProblem { return .poisoned(problem) }
        if let version = eventVersions[ByteText(append.event.id)] {
            return .known(version: version)
        }
        return .appended(version: record(append.event, by: nil, at: append.at))
    }
}
