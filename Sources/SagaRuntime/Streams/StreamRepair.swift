import Logging
import SagaCore

/// Makes one stream of domain events whole: sends again what is stored and does not lie in it.
///
/// The ids on the stream are read first, and before each page of events what came meanwhile, so that
/// an event that was there, or that another one published in between, is not sent a second time.
///
/// Of a stream that holds a number of messages or bytes only, the room is reckoned once: an event that
/// is published while the repair runs lay on the stream, but can be pushed out by older ones.
struct StreamRepair {
    let stream: String
    let store: any Store
    let bus: any Bus
    let clock: any SagaClock
    let limits: StreamLimits
    let logger: Logger
    /// Holds on to the stream; throws where it was taken away.
    let renewClaim: () async throws -> Void

    /// What a repair did.
    struct Outcome {
        var count = ReplayCount()
        /// Events that the stream takes for repeated ones although they do not lie in it: it forgets
        /// their ids later, by its duplicate window.
        var withheld = 0
        /// What lies on the stream now.
        var contents: StreamContents
        /// Up to where the event store is on the stream now, if all is.
        var place: FeedPlace
    }

    /// Walks over the event store behind a mark, or all of it.
    ///
    /// - Parameter standing: the stream as it was before the call.
    /// - Throws: ``StoreError``, ``BusError``, `CancellationError`.
    func run(from mark: StreamKnowledge.Mark?, _ standing: StreamStanding) async throws -> Outcome {
        let end = try await store.feedEnd()
        var contents = StreamContents(
            of: stream, behind: max(mark?.floor ?? 0, standing.first - 1),
            dropsMessages: standing.limits.dropMessages, on: bus, limits: limits)
        try await contents.read(upTo: standing.last)
        let place = mark?.place ?? FeedPlace()
        let earliest = try await earliest(standing, from: place, to: end, contents)
        var outcome = Outcome(contents: contents, place: end)
        try await walk(from: place, to: end) { events in
            let wanted = events.filter { $0.recordedAt >= earliest }
            try await contents.checkEnd()
            if let now = try await bus.standing(of: stream) {
                try await contents.read(upTo: now.last)
            }
            let missing = wanted.filter { !contents.contains($0) }
            guard !missing.isEmpty else { return }
            let listed = contents.readUpTo
            let answers = try await EventSending(bus: bus, clock: clock, limits: limits)
                .send(missing)
            tell(outcome.count.sent, missing.count)
            outcome.count.add(answers)
            outcome.withheld += answers.count { $0.isRepetition(ofOneUpTo: listed) }
            try contents.note(missing, answers)
        }
        outcome.contents = contents
        return outcome
    }

    /// Reads the event store page by page up to a place.
    private func walk(
        from first: FeedPlace, to end: FeedPlace,
        _ body: ([RecordedEvent]) async throws -> Void
    ) async throws {
        var place = first
        while !place.covers(end) {
            try await renewClaim()
            let page = try await store.events(after: place, limit: limits.page)
            if page.events.isEmpty { return }
            place = page.place
            try await body(page.events.filter { $0.event.stream == stream })
        }
    }

    private func tell(_ before: Int, _ more: Int) {
        guard (before + more) / limits.tellEvery > before / limits.tellEvery else { return }
        logger.notice(
            "repairing a stream",
            metadata: ["stream": "\(stream)", "events": "\(before + more)"])
    }

    // MARK: What the stream's limits would still hold

    /// The time before which an event would be dropped again at once, or would push out newer ones.
    private func earliest(
        _ standing: StreamStanding, from place: FeedPlace, to end: FeedPlace,
        _ contents: StreamContents
    ) async throws -> Instant {
        let limits = standing.limits
        let byAge = limits.age.map { clock.now() - $0 } ?? Instant(microseconds: .min)
        guard limits.messages != nil || limits.bytes != nil else { return byAge }
        var missing: [(at: Instant, bytes: UInt64)] = []
        try await walk(from: place, to: end) { events in
            for event in events where event.recordedAt >= byAge && !contents.contains(event) {
                missing.append((event.recordedAt, UInt64(event.event.size)))
            }
        }
        var messages = standing.messages
        var bytes = standing.bytes
        for one in missing.sorted(by: { $0.at > $1.at }) {
            messages += 1
            bytes += one.bytes
            if messages > limits.messages ?? .max || bytes > limits.bytes ?? .max {
                return Instant(microseconds: one.at.microseconds + 1)
            }
        }
        return byAge
    }
}

extension PublishAnswer {
    /// Whether the stream took the message for a repeated one that came before that number.
    fileprivate func isRepetition(ofOneUpTo number: UInt64) -> Bool {
        switch self {
        case .stored(let receipt, let isDuplicate): isDuplicate && receipt.sequence <= number
        case .refused, .unknown: false
        }
    }
}

extension FeedPlace {
    /// Whether a reader at this place has read all that one at the other has.
    func covers(_ other: FeedPlace) -> Bool {
        isPastEarly && other.numbers.allSatisfy { numbers[$0.key] ?? 0 >= $0.value }
    }
}
