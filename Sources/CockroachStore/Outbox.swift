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
    /// here, or too young, are left out. A row of which some are acknowledged is narrowed to the
    /// others: few events that nobody takes must not hold up what is recorded after them.
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
        try await narrow(rows)
        let isOpen = outbox.isOpen(events.map(\.event.id))
        let open = zip(events, isOpen).filter { $0.1 && $0.0.recordedAt < before }.map(\.0)
        return Array(open.prefix(limit))
    }

    private func narrow(_ rows: [OutboxRow]) async throws {
        let narrowed = rows.compactMap { row -> OutboxRow? in
            let isOpen = outbox.isOpen(row.eventIDs)
            guard isOpen.contains(true), isOpen.contains(false) else { return nil }
            let open = zip(row.eventIDs, isOpen).filter(\.1).map(\.0)
            return OutboxRow(key: row.key, eventIDs: open)
        }
        guard !narrowed.isEmpty else { return }
        var parameters = Self.parameters(narrowed.map(\.key))
        parameters.append(textArray: narrowed.flatMap(\.eventIDs))
        _ = try await run(reading, Statements.narrowOutbox, parameters)
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
                shard: Int(try row.int(10)), recordedAt: try row.instant(11),
                eventID: try row.text(12))
            rows[key, default: OutboxRow(key: key, eventIDs: [])].eventIDs.append(event.event.id)
            events.append(event)
        }
        return (Array(rows.values), events)
    }

    /// Records that JetStream acknowledged these events: a row goes once all its events are.
    package func markPublished(_ batch: [OutboxKey]) async throws {
        let done = outbox.acknowledge(batch.map(\.eventID))
        guard !done.isEmpty else { return }
        _ = try await run(reading, Statements.markPublished, Self.parameters(done))
    }

    private static func parameters(_ keys: [OutboxKey]) -> Parameters {
        let ordered = keys.sorted {
            ($0.shard, $0.recordedAt, $0.eventID) < ($1.shard, $1.recordedAt, $1.eventID)
        }
        var parameters = Parameters()
        parameters.append(int2Array: ordered.map { Int16($0.shard) })
        parameters.append(timestamptzArray: ordered.map(\.recordedAt.microseconds))
        parameters.append(textArray: ordered.map(\.eventID))
        return parameters
    }
}
