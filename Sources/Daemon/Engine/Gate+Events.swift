import SagaCore
import SagaRuntime

extension Gate: EventDoor {
    var knownStreams: [String: String] { catalog.aggregateTypesByStream }

    func append(_ event: NewEvent, until: Instant) async throws -> AppendAnswer {
        guard let coordinator = current else {
            throw AppendProblem.unavailable(
                isWaitingFor ?? "the daemon is starting", retryAfter: Self.retryAfter)
        }
        return try await coordinator.append(event, until: until)
    }

    func event(id: String) async throws -> RecordedEvent? {
        try await readable().event(id: id)
    }

    func events(
        aggregateID: String, after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] {
        try await readable().events(aggregateID: aggregateID, after: after, limit: limit)
    }

    func events(after: FeedPlace?, limit: Int) async throws -> EventFeedPage {
        try await readable().events(after: after, limit: limit)
    }

    /// Before there is a coordinator nothing is recorded here.
    func waitForEvents(since mark: UInt64, until: Instant) async -> UInt64 {
        guard let coordinator = current else { return mark }
        return await coordinator.waitForEvents(since: mark, until: until)
    }

    private func readable() throws(StoreError) -> Coordinator {
        guard let coordinator = current else {
            throw StoreError(.unavailable, isWaitingFor ?? "the daemon is starting")
        }
        return coordinator
    }
}
