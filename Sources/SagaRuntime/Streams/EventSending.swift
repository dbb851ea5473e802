import Logging
import SagaCore

/// Sends stored events again under their ids, and keeps at it until the broker has them.
struct EventSending: Sendable {
    let bus: any Bus
    let clock: any SagaClock
    let limits: StreamLimits

    /// Sends events in order; answers what became of each, in the same order. None is `unknown`.
    ///
    /// What is refused is sent again too, since the stream may just be in the making.
    ///
    /// - Throws: ``BusError`` where the broker does not acknowledge, `CancellationError`.
    func send(_ events: [RecordedEvent]) async throws -> [PublishAnswer] {
        var answers = [PublishAnswer](repeating: .unknown, count: events.count)
        var open = Array(events.indices)
        var wait = limits.retry
        for attempt in 1...max(limits.tries, 1) {
            let sent = await bus.publish(open.map { events[$0] })
            for (place, answer) in zip(open, sent) { answers[place] = answer }
            open = open.filter { answers[$0].receipt == nil }
            if open.isEmpty || attempt == limits.tries { break }
            try await clock.sleep(until: clock.now() + wait)
            wait = min(wait * 2, limits.retryMax)
        }
        let silent = answers.count { $0 == .unknown }
        guard silent == 0 else {
            throw BusError(
                .unavailable, "the broker did not acknowledge \(silent) events that were sent again"
            )
        }
        return answers
    }
}

/// What became of events that were sent again.
package struct ReplayCount: Equatable, Sendable {
    /// How many events were sent.
    package var sent = 0
    /// How many of them the stream stored.
    package var stored = 0
    /// How many it recognised by their ids and left as they are.
    package var known = 0
    /// How many it refuses, with the reason for one of them.
    package var refused = 0
    /// Why one was refused.
    package var refusal: String?

    /// Nothing yet.
    package init() {}

    mutating func add(_ answers: [PublishAnswer]) {
        for answer in answers {
            sent += 1
            switch answer {
            case .stored(_, let isDuplicate): if isDuplicate { known += 1 } else { stored += 1 }
            case .refused(let reason):
                refused += 1
                refusal = reason
            case .unknown: preconditionFailure("Events are sent until something is known.")
            }
        }
    }
}
