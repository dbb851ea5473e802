import Synchronization

/// Whether the daemon can take work, asked at most so often.
///
/// A final class because all calls share it.
final class Readiness: Sendable {
    private struct Answer {
        var isReady: Bool
        var at: ContinuousClock.Instant
    }

    private let freshness: Duration
    private let ask: @Sendable () async -> Bool
    private let last = Mutex<Answer?>(nil)

    init(freshness: Duration, ask: @escaping @Sendable () async -> Bool) {
        self.freshness = freshness
        self.ask = ask
    }

    /// The answer of the last so many milliseconds, or a new one.
    func now() async -> Bool {
        if let last = last.withLock({ $0 }), last.at.duration(to: .now) < freshness {
            return last.isReady
        }
        let isReady = await ask()
        last.withLock { $0 = Answer(isReady: isReady, at: .now) }
        return isReady
    }
}
