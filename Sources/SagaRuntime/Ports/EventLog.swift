package import SagaCore

/// The part of a store that keeps events which come from outside, and shows events to readers.
///
/// Appended events take their versions from the same counter as those that sagas raise, under the
/// same uniqueness, with what the outbox keeps of them in the same transaction.
package protocol EventLog: Sendable {
    /// Appends events, each or none of it stored; the answers are in the batch's order.
    ///
    /// An id makes an event: one that is stored already, or comes twice in the batch, is stored once
    /// and answered every time. Events of one aggregate take rising versions in the batch's order. A
    /// batch holds at most ``StoreLimits/batchTransitions`` events.
    func append(_ batch: [EventAppend]) async throws -> [EventAppendAnswer]

    /// The events of those ids, in any order; unknown ones are left out.
    func events(ids: [String]) async throws -> [RecordedEvent]

    /// The events of the aggregates of those types with that id: types in the order of their bytes,
    /// then by version, after that place; at most `limit`.
    func events(
        aggregateID: String, types: [String], after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent]

    /// All events, each exactly once for a reader that goes on from the place that it got last,
    /// whatever the order in which transactions commit; at most `limit`, from 1. Within an aggregate
    /// the order is that of the versions; an empty page says that there were no more.
    ///
    /// No time is waited for: an event shows as soon as its transaction has committed. What programs
    /// of before the feed's tables record while a later one runs is not shown.
    func events(after place: FeedPlace, limit: Int) async throws -> EventFeedPage

    /// The place behind every event that is recorded now: a reader that goes on from there gets what
    /// is recorded later, and nothing else.
    func feedEnd() async throws -> FeedPlace

    /// The sagas that have those keys, in the keys' order; nil where none has.
    func owners(of keys: [SagaKey]) async throws -> [SagaID?]
}

extension EventLog {
    /// The event of that id.
    package func event(id: String) async throws -> RecordedEvent? {
        try await events(ids: [id]).first
    }
}

/// An event from outside, as it is stored.
package struct EventAppend: Equatable, Sendable {
    /// The event.
    package var event: NewEvent
    /// When it was taken.
    package var at: Instant

    /// That event, taken at that time.
    package init(event: NewEvent, at: Instant) {
        self.event = event
        self.at = at
    }

    /// The shard in whose outbox it lies.
    package var shard: Int { event.shard }

    /// About how many bytes it sends to the database.
    package var size: Int { event.size }
}

/// What came of an append.
package enum EventAppendAnswer: Equatable, Sendable {
    /// It is stored, as that version of its aggregate.
    case appended(version: Int64)
    /// An event of its id was stored before; its version.
    case known(version: Int64)
    /// The database refuses this event alone; the reason.
    case poisoned(String)
}

/// From where the events of one aggregate type are wanted.
package struct EventMark: Sendable {
    /// The aggregate's type.
    package let type: String
    /// Only later versions.
    package let version: Int64

    /// What is wanted of each of those types after a place, in the order of the types' bytes.
    package static func marks(of types: [String], after: EventPlace?) -> [EventMark] {
        let sorted = types.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return sorted.compactMap { type in
            guard let after else { return EventMark(type: type, version: 0) }
            if type.utf8.lexicographicallyPrecedes(after.aggregateType.utf8) { return nil }
            let isSame = type.utf8.elementsEqual(after.aggregateType.utf8)
            return EventMark(type: type, version: isSame ? after.version : 0)
        }
    }
}

/// What a saga is found by.
package struct SagaKey: Sendable {
    /// The definition's name.
    package var definition: String
    /// The saga's business key.
    package var key: String

    /// The saga of that definition with that key.
    package init(definition: String, key: String) {
        self.definition = definition
        self.key = key
    }
}

extension StoreLimits {
    /// The most bytes of an aggregate's id or type, of a stream's name or of an event's type: they
    /// stand in keys, which databases bound.
    package static let eventNameBytes = 1024
}

extension NewEvent {
    /// The shard in whose outbox the event lies where no saga raised it: its aggregate's.
    package var shard: Int {
        UniqueID(high: 0, low: 0).derived(aggregateID).shard(of: StoreLimits.shards)
    }

    /// About how many bytes it sends to the database.
    package var size: Int { (body?.count ?? 0) + (viewData?.count ?? 0) + 300 }

    /// Why no database keeps the event, found before one is asked; nil where they do.
    ///
    /// Text is UTF-8 without U+0000, and what stands in a key is short.
    package var storageProblem: String? {
        guard (1...255).contains(id.utf8.count) else {
            return "an event's id must have 1 to 255 bytes, found \(id.utf8.count)"
        }
        for (what, text) in [
            ("id", id), ("aggregate type", aggregateType), ("aggregate id", aggregateID),
            ("stream", stream), ("type", type),
        ] {
            if text.utf8.contains(0) { return "the \(what) of an event must not hold U+0000" }
            if text.utf8.count > StoreLimits.eventNameBytes {
                return "the \(what) of event \(id) has \(text.utf8.count) bytes, and may have "
                    + "\(StoreLimits.eventNameBytes)"
            }
        }
        return problem(of: body) ?? problem(of: viewData)
    }

    private func problem(of data: [UInt8]?) -> String? {
        guard let data else { return nil }
        if data.contains(0) { return "the data of event \(id) must not hold U+0000" }
        guard data.isUTF8 else { return "the data of event \(id) must be UTF-8" }
        return nil
    }
}

extension [UInt8] {
    fileprivate var isUTF8: Bool { (try? UTF8Span(validating: span)) != nil }
}
