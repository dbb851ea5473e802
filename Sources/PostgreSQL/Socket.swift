import Glibc

/// A point in time after which an answer is no longer waited for.
struct Deadline {
    private let instant: ContinuousClock.Instant

    init(after timeout: Duration) {
        instant = .now + timeout
    }

    /// The rest in milliseconds, rounded up; 0 when it has passed.
    var millisecondsLeft: Int32 {
        let left = instant - .now
        guard left > .zero else { return 0 }
        return Int32(clamping: left.milliseconds + 1)
    }
}

/// Waits for a socket on the calling thread.
enum Socket {
    /// What a wait ended with.
    enum Readiness: Equatable {
        /// It can be read from or written to, or its peer is gone.
        case ready(readable: Bool)
        case timedOut
        case failed
    }

    /// Waits until the socket can be read from (or written to, if wanted) or the deadline passes.
    static func wait(
        for descriptor: Int32, reading: Bool, writing: Bool, until deadline: Deadline
    ) -> Readiness {
        guard descriptor >= 0 else { return .failed }
        let events = (reading ? POLLIN : 0) | (writing ? POLLOUT : 0)
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let left = deadline.millisecondsLeft
            let result = poll(&entry, 1, left)
            if result > 0 { return .ready(readable: entry.revents & ~Int16(POLLOUT) != 0) }
            if result < 0 && errno != EINTR { return .failed }
            if left == 0 { return .timedOut }
        }
    }

    /// Whether something lies unread in the socket now, be it bytes or its end.
    static func hasUnread(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return descriptor < 0 || poll(&entry, 1, 0) > 0
    }
}
