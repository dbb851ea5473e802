import GRDB
package import SagaCore
package import SagaRuntime

extension EmbeddedStore {
    /// Appends events, in one transaction with whatever else waits.
    package func append(_ batch: [EventAppend]) async throws -> [EventAppendAnswer] {
        guard !batch.isEmpty else { return [] }
        return try await writes.perform(rows: batch.count) { writer in
            try batch.map { try writer.append($0) }
        }
    }

    /// The events of those ids.
    package func events(ids: [String]) async throws -> [RecordedEvent] {
        try await read { database in
            try ids.flatMap { id in
                try database.records(Statements.event, [id]) { try RecordedEvent($0) }
            }
        }
    }

    /// The events with that aggregate id.
    package func events(
        aggregateID: String, types: [String], after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] {
        let marks = EventMark.marks(of: types, after: after)
        return try await read { database in
            var found: [RecordedEvent] = []
            for mark in marks where found.count < limit {
                found += try database.events(
                    type: mark.type, id: aggregateID, after: mark.version,
                    limit: limit - found.count)
            }
            return found
        }
    }

    /// All events in the order in which they were recorded: there is one writer.
    package func events(after place: FeedPlace, limit: Int) async throws -> EventFeedPage {
        let read = place.numbers[0] ?? 0
        let page = try await self.read { database in
            try database.records(Statements.feed, [read, limit]) { row in
                (event: try RecordedEvent(row), number: row[10] as Int64)
            }
        }
        let after = FeedPlace(isPastEarly: true, numbers: [0: page.last?.number ?? read])
        return EventFeedPage(events: page.map(\.event), place: after)
    }

    /// The sagas that have those keys.
    package func owners(of keys: [SagaKey]) async throws -> [SagaID?] {
        try await read { database in
            try keys.map { key in
                try database.records(Statements.keyOwner, [key.key, key.definition]) {
                    try $0.uniqueID(0)
                }.first
            }
        }
    }
}
