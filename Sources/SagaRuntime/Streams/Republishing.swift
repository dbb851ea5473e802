package import Logging
package import SagaCore

/// Sends stored events again under their ids because an operator says so, while daemons run.
///
/// Each goes out as it did at first. A stream recognises the id of what it stored within its
/// duplicate window, and leaves that as it is; what is older is on the stream a second time.
package struct Republishing: Sendable {
    /// Which events are sent again.
    package struct Selection: Equatable, Sendable {
        /// The earliest time of recording.
        package var from: Instant
        /// The time of recording from which on they are left out.
        package var to: Instant
        /// The only stream; nil is all.
        package var stream: String?
        /// The only aggregate; nil is all.
        package var aggregate: ViewKey?

        /// Events that were recorded at or after one time and before another.
        package init(
            from: Instant, to: Instant, stream: String? = nil, aggregate: ViewKey? = nil
        ) {
            self.from = from
            self.to = to
            self.stream = stream
            self.aggregate = aggregate
        }

        func takes(_ event: RecordedEvent) -> Bool {
            event.recordedAt >= from && event.recordedAt < to
                && (stream.map { $0.utf8.elementsEqual(event.event.stream.utf8) } ?? true)
        }
    }

    private let store: any Store
    private let sending: EventSending
    private let limits: StreamLimits
    private let logger: Logger

    /// A republishing out of that store onto that bus.
    package init(
        store: any Store, bus: any Bus, clock: any SagaClock,
        limits: StreamLimits = StreamLimits(), logger: Logger
    ) {
        self.store = store
        self.limits = limits
        self.logger = logger
        sending = EventSending(bus: bus, clock: clock, limits: limits)
    }

    /// Sends the events, those of an aggregate in the order of their versions, page by page: the next
    /// page is sent when the broker has acknowledged the one before.
    ///
    /// - Throws: ``StoreError``, ``BusError``; what was sent before stays sent.
    package func run(_ selection: Selection) async throws -> ReplayCount {
        var count = ReplayCount()
        if let aggregate = selection.aggregate {
            var version: Int64 = 0
            while true {
                let page = try await store.events(
                    aggregateType: aggregate.collection, aggregateID: aggregate.id, after: version,
                    limit: limits.page)
                guard let last = page.last else { return count }
                version = last.version
                try await send(page, selection, &count)
            }
        }
        var place = FeedPlace()
        while true {
            let page = try await store.events(after: place, limit: limits.page)
            if page.events.isEmpty { return count }
            place = page.place
            try await send(page.events, selection, &count)
        }
    }

    private func send(
        _ page: [RecordedEvent], _ selection: Selection, _ count: inout ReplayCount
    ) async throws {
        let events = page.filter(selection.takes)
        guard !events.isEmpty else { return }
        let before = count.sent
        count.add(try await sending.send(events))
        guard count.sent / limits.tellEvery > before / limits.tellEvery else { return }
        logger.notice("republishing", metadata: ["events": "\(count.sent)"])
    }
}
