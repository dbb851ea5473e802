package import SagaCore

/// Where the news comes from that aggregates have new events.
///
/// It says which event there is, not what happened: that is in the event store, which alone is
/// believed.
package protocol NewsSource: Sendable {
    /// The next news of a stream that `prepare(streams:)` knows, at least one; nil once the bus is
    /// closed or the calling task is cancelled.
    ///
    /// One caller at a time for each stream. Several daemons share the news; what one of them did
    /// not acknowledge comes again, to any. The bus holds back further news while nobody asks.
    func nextNews(of stream: String) async -> NewsBatch?

    /// Acknowledges news whose events are in the views.
    func acknowledge(news batches: [NewsBatch]) async
}

/// The news that an aggregate has an event.
package struct EventNews: Hashable, Sendable {
    /// The aggregate.
    package var key: ViewKey
    /// The event's version.
    package var version: Int64
    /// When the stream took it.
    package var at: Instant
    /// Its message's number in the stream, as in ``PublishReceipt/sequence``.
    package var sequence: UInt64

    /// The news of that event.
    package init(key: ViewKey, version: Int64, at: Instant, sequence: UInt64) {
        self.key = key
        self.version = version
        self.at = at
        self.sequence = sequence
    }
}

/// News that came together and are acknowledged together.
package struct NewsBatch: Hashable, Sendable {
    /// The news, in the order in which the stream has them.
    package var news: [EventNews]
    /// What the adapter acknowledges them by; unique among the batches of a bus.
    package var token: String

    /// Those news under that token.
    package init(news: [EventNews], token: String) {
        self.news = news
        self.token = token
    }
}
