import PostgreSQL
package import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// What is remembered of a stream.
    package func memory(of stream: String) async throws -> StreamMemory? {
        var parameters = Parameters()
        parameters.append(text: stream)
        let rows = try await run(reading, Statements.streamMemory, parameters)
        return try decoded { () throws(PostgresError) in
            guard let row = rows.first else { return nil }
            return StreamMemory(
                stream: stream, revision: try row.int(0), content: try row.text(1))
        }
    }

    /// Remembers something of a stream in the place of what has its revision.
    package func remember(_ memory: StreamMemory) async throws -> Bool {
        var parameters = Parameters()
        parameters.append(text: memory.stream)
        parameters.append(int8: memory.revision)
        parameters.append(text: memory.content)
        return try await !run(reading, Statements.rememberStream, parameters).isEmpty
    }

    /// The place behind every event: a feed's head is that of its last commit.
    package func feedEnd() async throws -> FeedPlace {
        let rows = try await run(reading, Statements.feedHeads)
        return try decoded { () throws(PostgresError) in
            var place = FeedPlace(isPastEarly: true)
            for row in rows {
                place.numbers[Int(try row.int(0))] = FeedNumber.end(ofStatement: try row.int(1))
            }
            return place
        }
    }

    /// Whether there is a row in the outbox that old: it stays until all its events are acknowledged.
    package func hasUnpublished(before: Instant) async throws -> Bool {
        var parameters = Parameters()
        parameters.append(int2Array: (0..<StoreLimits.shards).map(Int16.init))
        parameters.append(timestamptz: before.microseconds)
        return try await !run(reading, Statements.hasUnpublished, parameters).isEmpty
    }
}

/// The statements that streams are looked after by.
extension Statements {
    /// What is remembered of a stream.
    static let streamMemory = Statement(
        name: "stream_memory", parameters: [.text],
        sql: "SELECT revision, memory FROM streams WHERE stream = $1::TEXT")

    /// Remembers something in the place of what has that revision; answers no row where it did not.
    static let rememberStream = Statement(
        name: "remember_stream", parameters: [.text, .int8, .text],
        sql: """
            INSERT INTO streams (stream, revision, memory)
            VALUES ($1::TEXT, 1::INT8, $3::TEXT)
            ON CONFLICT (stream) DO UPDATE
            SET revision = streams.revision + 1, memory = excluded.memory
            WHERE streams.revision = $2::INT8
            RETURNING revision
            """)

    /// A shard whose outbox has a row that old, if there is one.
    static let hasUnpublished = Statement(
        name: "has_unpublished", parameters: [.int2Array, .timestamptz],
        sql: """
            SELECT w.shard FROM unnest($1::INT2[]) AS w(shard)
            CROSS JOIN LATERAL (
                SELECT event_outbox.event_id FROM event_outbox
                WHERE event_outbox.shard = w.shard
                  AND event_outbox.recorded_at < $2::TIMESTAMPTZ
                ORDER BY event_outbox.recorded_at LIMIT 1
            ) AS o
            LIMIT 1
            """)

    static let allOfStreams = [streamMemory, rememberStream, hasUnpublished]
}
