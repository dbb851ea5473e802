// What a faulty bus passes on as it is.
extension FaultyBus: Bus {
    /// Makes what is missing.
    package func prepare(streams: [String]) async throws {
        try await inner.prepare(streams: streams)
    }

    /// Publishes domain events, unless the connection is lost for now.
    package func publish(_ events: [RecordedEvent]) async -> [PublishAnswer] {
        isDisconnected ? events.map { _ in .unknown } : await inner.publish(events)
    }

    /// Whether messages lie in their stream still.
    package func areUnconsumed(_ receipts: [PublishReceipt]) async -> [Bool] {
        await inner.areUnconsumed(receipts)
    }

    /// How the bus below is.
    package func health() async -> BusHealth { await inner.health() }

    /// Closes the bus below.
    package func close() async {
        await inner.close()
        replies.close()
        held.close()
    }

    /// The next news of a stream.
    package func nextNews(of stream: String) async -> NewsBatch? {
        await inner.nextNews(of: stream)
    }

    /// Acknowledges news.
    package func acknowledge(news batches: [NewsBatch]) async {
        await inner.acknowledge(news: batches)
    }

    /// A page of the dead letters.
    package func deadLetters(before number: UInt64?, limit: Int) async throws -> DeadLetterPage {
        try await inner.deadLetters(before: number, limit: limit)
    }

    /// Sends a dead letter once more.
    package func sendBack(deadLetter number: UInt64) async throws -> DeadLetterRecord? {
        try await inner.sendBack(deadLetter: number)
    }

    /// The daemon's streams.
    package func streams(of aggregates: [String]) -> [DaemonStream] {
        inner.streams(of: aggregates)
    }

    /// How a stream stands.
    package func standing(of stream: String) async throws -> StreamStanding? {
        try await inner.standing(of: stream)
    }

    /// The id of a message.
    package func messageID(_ number: UInt64, in stream: String) async throws -> String? {
        try await inner.messageID(number, in: stream)
    }

    /// The ids of messages.
    package func messageIDs(
        _ numbers: ClosedRange<UInt64>, in stream: String
    ) async throws -> [String] {
        try await inner.messageIDs(numbers, in: stream)
    }
}
