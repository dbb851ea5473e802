import PostgreSQL
package import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// Keeps in mind which events lie in one row, of the transitions that a statement stored.
    func note(_ stored: StoredRows, of transitions: [Transition]) {
        outbox.add(
            OutboxRow.written(
                for: transitions.enumerated().filter { stored.versions[$0.offset] != nil }
                    .map(\.element)))
    }

    /// Events without an acknowledgement.
    ///
    /// Rows are read whole, so that each is known with all its events; those that are acknowledged
    /// here, or too young, are left out.
    package func unpublished(
        shards: [Int], before: Instant, limit: Int
    ) async throws -> [RecordedEvent] {
        var parameters = Parameters()
        parameters.append(int2Array: shards.map(Int16.init))
        parameters.append(timestamptz: before.microseconds)
        parameters.append(int8: Int64(limit))
        let found = try await run(reading, Statements.unpublished, parameters)
        let (rows, events) = try decoded { () throws(PostgresError) in try Self.sorted(found) }
        outbox.add(rows)
        let isOpen = outbox.isOpen(events.map(\.event.id))
        let open = zip(events, isOpen).filter { $0.1 && $0.0.recordedAt < before }.map(\.0)
        return Array(open.prefix(limit))
    }

    /// The outbox's rows, and all their events in order.
    private static func sorted(
        _ found: Rows
    ) throws(PostgresError) -> (rows: [OutboxRow], events: [RecordedEvent]) {
        var rows: [OutboxKey: OutboxRow] = [:]
        var events: [RecordedEvent] = []
        for row in found {
            let event = try RecordedEvent(row)
            let key = OutboxKey(
                shard: Int(try row.int(9)), recordedAt: try row.instant(10),
                eventID: try row.text(11))
            rows[key, default: OutboxRow(key: key, eventIDs: [])].eventIDs.append(event.event.id)
            events.append(event)
        }
        return (Array(rows.values), events)
    }

    /// Records that JetStream acknowledged these events: a row goes once all its events are.
    package func markPublished(_ batch: [OutboxKey]) async throws {
        let done = outbox.acknowledge(batch.map(\.eventID)).sorted {
            ($0.shard, $0.recordedAt, $0.eventID) < ($1.shard, $1.recordedAt, $1.eventID)
        }
        guard !done.isEmpty else { return }
        var parameters = Parameters()
        parameters.append(int2Array: done.map { Int16($0.shard) })
        parameters.append(timestamptzArray: done.map(\.recordedAt.microseconds))
        parameters.append(textArray: done.map(\.eventID))
        _ = try await run(reading, Statements.markPublished, parameters)
    }
}
