import PostgreSQL
package import SagaRuntime

/// Reads all events.
///
/// Numbers of one feed are taken in the order of the commits, so a reader of one feed misses nothing.
/// Over several feeds an event may show before the one before it in its aggregate was read, since each
/// page is bounded: then it, and all of its feed behind it, waits for the next page. The event that was
/// committed first of all that were not read never has to wait, so that every page gets on.
extension CockroachStore {
    /// All events, each once, whatever the order in which transactions commit.
    package func events(after place: FeedPlace, limit: Int) async throws -> EventFeedPage {
        guard place.isPastEarly else { return try await earlyEvents(after: place, limit: limit) }
        let behind = try await feeds(ahead: place)
        guard !behind.isEmpty else { return EventFeedPage(events: [], place: place) }
        let share = max(1, (limit + behind.count - 1) / behind.count)
        var parameters = Parameters()
        parameters.append(int2Array: behind)
        parameters.append(int8Array: behind.map { place.numbers[Int($0)] ?? 0 })
        parameters.append(int8: Int64(share))
        let rows = try await run(reading, Statements.feedEvents, parameters)
        return try decoded { () throws(PostgresError) in
            var merge = FeedMerge(from: place)
            for row in rows { merge.add(try FeedMerge.Entry(row)) }
            return merge.page(limit: limit, share: share, of: behind)
        }
    }

    /// The feeds of which not everything was read.
    private func feeds(ahead place: FeedPlace) async throws -> [Int16] {
        let rows = try await run(reading, Statements.feedHeads)
        return try decoded { () throws(PostgresError) in
            var behind: [Int16] = []
            for row in rows {
                let feed = Int(try row.int(0))
                let end = FeedNumber.end(ofStatement: try row.int(1))
                if place.numbers[feed] ?? 0 < end { behind.append(Int16(feed)) }
            }
            return behind
        }
    }

    /// Events of before there were feeds; behind the last of them the feeds begin.
    private func earlyEvents(after place: FeedPlace, limit: Int) async throws -> EventFeedPage {
        var parameters = Parameters()
        parameters.append(text: place.early?.aggregateType ?? "")
        parameters.append(text: place.early?.aggregateID ?? "")
        parameters.append(int8: place.early?.version ?? 0)
        parameters.append(int8: Int64(limit))
        let events = try await events(Statements.earlyEvents, parameters)
        guard let last = events.last else {
            return try await self.events(after: FeedPlace(isPastEarly: true), limit: limit)
        }
        let key = EventKey(
            aggregateType: last.event.aggregateType, aggregateID: last.event.aggregateID,
            version: last.version)
        return EventFeedPage(events: events, place: FeedPlace(early: key))
    }
}

/// Puts the events of several feeds into one order that is each aggregate's.
struct FeedMerge {
    /// An event with its place, and that of the event before it in its aggregate.
    struct Entry {
        let event: RecordedEvent
        let feed: Int
        let number: Int64
        /// Nil where it is the aggregate's first, or the one before has no feed.
        let previous: (feed: Int, number: Int64)?
    }

    private var place: FeedPlace
    private var feeds: [Int: ArraySlice<Entry>] = [:]
    private var events: [RecordedEvent] = []

    init(from place: FeedPlace) { self.place = place }

    /// Adds an event; those of one feed come in the order of their numbers.
    mutating func add(_ entry: Entry) { feeds[entry.feed, default: []].append(entry) }

    /// The page: as many events as are wanted and may come.
    ///
    /// A feed of which fewer than its share were found, and all of them come, is read to the end of
    /// the last one's statement.
    mutating func page(limit: Int, share: Int, of asked: [Int16]) -> EventFeedPage {
        let whole = Set(feeds.filter { $0.value.count < share }.keys)
        var hasMoved = true
        while hasMoved, events.count < limit {
            hasMoved = false
            for feed in asked.map(Int.init) where advance(feed, limit) { hasMoved = true }
        }
        for feed in whole where feeds[feed]?.isEmpty == true {
            if let last = place.numbers[feed] {
                place.numbers[feed] = FeedNumber.end(ofStatementWith: last)
            }
        }
        return EventFeedPage(events: events, place: place)
    }

    /// Takes what may come of a feed; answers whether anything did.
    private mutating func advance(_ feed: Int, _ limit: Int) -> Bool {
        let before = events.count
        while events.count < limit, let next = feeds[feed]?.first, isReady(next) {
            feeds[feed]?.removeFirst()
            events.append(next.event)
            place.numbers[feed] = next.number
        }
        return events.count > before
    }

    private func isReady(_ entry: Entry) -> Bool {
        guard let previous = entry.previous else { return true }
        return place.numbers[previous.feed] ?? 0 >= previous.number
    }
}

extension FeedMerge.Entry {
    fileprivate init(_ row: Row) throws(PostgresError) {
        event = try RecordedEvent(row)
        feed = Int(try row.int(10))
        number = try row.int(11)
        if let feed = try row.optionalInt(12), let number = try row.optionalInt(13) {
            previous = (Int(feed), number)
        } else {
            previous = nil
        }
    }
}
