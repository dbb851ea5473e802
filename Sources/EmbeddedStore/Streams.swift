import GRDB
package import SagaCore
package import SagaRuntime

extension EmbeddedStore {
    /// What is remembered of a stream.
    package func memory(of stream: String) async throws -> StreamMemory? {
        try await read { database in
            try database.records(Statements.streamMemory, [stream]) { row in
                StreamMemory(stream: stream, revision: row[0], content: row[1])
            }.first
        }
    }

    /// Remembers something of a stream in the place of what has its revision.
    package func remember(_ memory: StreamMemory) async throws -> Bool {
        try await writes.perform { writer in
            try writer.run(
                Statements.rememberStream, [memory.stream, memory.content, memory.revision])
            return writer.database.changesCount > 0
        }
    }

    /// The place behind every event.
    package func feedEnd() async throws -> FeedPlace {
        let last = try await read { try Int64.fetchOne($0, sql: Statements.feedEnd) }
        return FeedPlace(isPastEarly: true, numbers: [0: last ?? 0])
    }

    /// Whether an event that old waits for its acknowledgement.
    package func hasUnpublished(before: Instant) async throws -> Bool {
        try await read { database in
            try Row.fetchOne(
                database, sql: Statements.hasUnpublished, arguments: [before.microseconds]) != nil
        }
    }
}

/// The broker's streams.
extension Statements {
    static let streamMemory = "SELECT revision, memory FROM streams WHERE stream = ?"
    static let rememberStream = """
        INSERT INTO streams (stream, revision, memory) VALUES (?, 1, ?)
        ON CONFLICT (stream) DO UPDATE SET
            revision = streams.revision + 1, memory = excluded.memory
        WHERE streams.revision = ?
        """
    static let feedEnd = "SELECT max(number) FROM event_feed"
    static let hasUnpublished = "SELECT 1 FROM event_outbox WHERE recorded_at < ? LIMIT 1"
}
