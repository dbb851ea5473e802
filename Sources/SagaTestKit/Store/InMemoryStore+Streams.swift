package import SagaCore
package import SagaRuntime

extension InMemoryStore {
    /// What is remembered of a stream.
    package func memory(of stream: String) async throws -> StreamMemory? {
        try await run(.memory) { $0.memories[stream] }
    }

    /// Remembers something of a stream in the place of what has its revision.
    package func remember(_ memory: StreamMemory) async throws -> Bool {
        try await run(.remember) { tables in
            let found = tables.memories[memory.stream]
            guard found == nil || found?.revision == memory.revision else { return false }
            var next = memory
            next.revision = (found?.revision ?? 0) + 1
            tables.memories[memory.stream] = next
            return true
        }
    }

    /// The place behind every event.
    package func feedEnd() async throws -> FeedPlace {
        try await run(.feedEnd) {
            FeedPlace(isPastEarly: true, numbers: [0: Int64($0.feed.count)])
        }
    }

    /// Whether an event that old waits for its acknowledgement.
    package func hasUnpublished(before: Instant) async throws -> Bool {
        try await run(.hasUnpublished) { tables in
            tables.outbox.keys.contains { $0.recordedAt < before }
        }
    }
}
