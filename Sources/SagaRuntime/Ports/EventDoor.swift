package import SagaCore

/// The door through which callers reach the event store: what gRPC calls.
package protocol EventDoor: Sendable {
    /// Appends an event; answers when it is durable, or was already under that id.
    ///
    /// Calls that come together are committed together. An event that is the outcome of a waiting
    /// saga's step is stored in one transaction with what the saga makes of it.
    ///
    /// - Parameters:
    ///   - event: an event whose stream and aggregate type are among ``knownStreams``.
    ///   - until: how long the caller waits while the store is away.
    /// - Throws: ``AppendProblem``.
    func append(_ event: NewEvent, until: Instant) async throws -> AppendAnswer

    /// The event of that id.
    ///
    /// - Throws: ``StoreError``.
    func event(id: String) async throws -> RecordedEvent?

    /// An aggregate's events, of every aggregate type with that id, types in the order of their
    /// bytes, by version, after that place; at most `limit`.
    ///
    /// - Throws: ``StoreError``.
    func events(
        aggregateID: String, after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent]

    /// All events, in an order in which every event comes exactly once for a reader that goes on from
    /// the place that it got last; at most `limit`, which is 1 or more.
    ///
    /// Within an aggregate the order is that of the versions. A page without events says that there
    /// were no more.
    ///
    /// - Throws: ``StoreError``.
    func events(after: FeedPlace?, limit: Int) async throws -> EventFeedPage

    /// The streams that definitions name, each with the type of its aggregates: what the form of an
    /// event is checked by.
    var knownStreams: [String: String] { get }

    /// Returns when something may have been recorded since the call that answered that mark, or at
    /// that time, whichever is sooner; answers the mark for the next call.
    ///
    /// The first mark is 0. What other daemons record is looked for in between, so that it may return
    /// although nothing was recorded.
    func waitForEvents(since mark: UInt64, until: Instant) async -> UInt64
}

/// What came of appending an event.
package enum AppendAnswer: Equatable, Sendable {
    /// It is stored, as that version of its aggregate.
    case appended(version: Int64)
    /// There was an event of that id already; nothing is stored a second time.
    case known
    /// It is journalled by the saga that it is about, which has that outcome already, and is neither
    /// stored nor published; what the saga says.
    case absorbed(String)
}

/// Why an event was not appended.
package enum AppendProblem: Error, Sendable {
    /// It cannot be stored as it is; what was expected and what was found.
    case invalid(String)
    /// Too much is waiting; try again after that time.
    case overloaded(retryAfter: Duration)
    /// The store is away, or did not answer in time; try again after that time.
    case unavailable(String, retryAfter: Duration)
}

/// An event's place among those with one aggregate id.
package struct EventPlace: Hashable, Sendable {
    /// The aggregate's type.
    package var aggregateType: String
    /// The aggregate's version that the event is.
    package var version: Int64

    /// The place of that version of the aggregate of that type.
    package init(aggregateType: String, version: Int64) {
        self.aggregateType = aggregateType
        self.version = version
    }
}

/// How far a reader of all events is; only the store that gave it out understands it.
package struct FeedPlace: Hashable, Sendable {
    /// The last event read of those that were recorded before the store numbered events; nil before
    /// the first.
    package var early: EventKey?
    /// Whether all of those were read.
    package var isPastEarly: Bool
    /// The number of the last event read of each of the store's feeds; one that is missing was not
    /// read yet.
    package var numbers: [Int: Int64]

    /// A place with these parts; without any it is the beginning.
    package init(early: EventKey? = nil, isPastEarly: Bool = false, numbers: [Int: Int64] = [:]) {
        self.early = early
        self.isPastEarly = isPastEarly
        self.numbers = numbers
    }
}

/// What an event is known by besides its id.
package struct EventKey: Hashable, Sendable {
    /// The aggregate's type.
    package var aggregateType: String
    /// The aggregate's identity.
    package var aggregateID: String
    /// The aggregate's version that the event is.
    package var version: Int64

    /// The key of that version of that aggregate.
    package init(aggregateType: String, aggregateID: String, version: Int64) {
        self.aggregateType = aggregateType
        self.aggregateID = aggregateID
        self.version = version
    }
}

/// Some of all events.
package struct EventFeedPage: Equatable, Sendable {
    /// The events, in the reader's order; empty where there were no more.
    package var events: [RecordedEvent]
    /// Where the reader is after them.
    package var place: FeedPlace

    /// The page with these parts.
    package init(events: [RecordedEvent], place: FeedPlace) {
        self.events = events
        self.place = place
    }
}
