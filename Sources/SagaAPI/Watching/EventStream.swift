import Hummingbird
import Logging
import NIOCore
import SagaCore
import SagaRuntime
import ServiceLifecycle

/// Server-sent events as text (WHATWG HTML, 9.2).
struct EventText {
    /// What is to be sent.
    private(set) var bytes: [UInt8] = []

    /// Adds an event whose data is JSON in one line.
    mutating func add(_ event: String, id: Int64? = nil, _ data: [UInt8]) {
        bytes += "event: \(event)\n".utf8
        if let id { bytes += "id: \(id)\n".utf8 }
        bytes += "data: ".utf8
        bytes += data
        bytes += "\n\n".utf8
    }

    /// Adds a comment, which tells programs nothing.
    mutating func comment(_ text: String) { bytes += ": \(text)\n\n".utf8 }
}

/// Something that is looked at again and again.
protocol Watched: Sendable {
    /// Adds what has changed since the look before.
    mutating func look(_ events: inout EventText) async throws -> NextLook
}

/// When to look again.
enum NextLook {
    /// There is more to see already.
    case atOnce
    /// After `APILimits.watchPoll`.
    case later
    /// There will be nothing more to see.
    case never
}

extension SagaAPI {
    /// How long a watcher too many is asked to wait.
    private static let watchRetryAfter: Duration = .seconds(5)

    /// An answer that goes on until there is nothing more to see, the watcher leaves or is too slow,
    /// or the daemon stops.
    ///
    /// - Throws: a problem where too many watch already.
    func stream(_ watched: some Watched, over channel: any Channel) throws(Problem) -> Response {
        guard let seat = seats.take() else {
            var problem = Problem(
                .overloaded, "\(limits.watchers) watch already, and no more may: try again later")
            problem.retryAfter = Self.watchRetryAfter
            throw problem
        }
        let events = EventStream(
            watched: watched, limits: limits, logger: logger, channel: channel, seat: seat)
        return Response(
            status: .ok, headers: Answer.streamFields, body: ResponseBody(asyncSequence: events))
    }

    /// What a look at the store finds; nil, with a comment to the watcher, while it is away.
    func look<Found: Sendable>(
        _ events: inout EventText, _ body: () async throws -> Found
    ) async throws -> Found? {
        do {
            return try await body()
        } catch let error as StoreError where error.kind == .unavailable {
            events.comment("the store does not answer")
            return nil
        }
    }
}

/// What one watcher is sent, piece by piece: the next is made when the one before has gone out, so
/// that nothing gathers for a watcher who is slow.
private struct EventStream<Thing: Watched>: AsyncSequence, Sendable {
    let watched: Thing
    let limits: APILimits
    let logger: Logger
    let channel: any Channel
    let seat: WatcherSeats.Seat

    func makeAsyncIterator() -> Iterator { Iterator(stream: self, watched: watched) }

    struct Iterator: AsyncIteratorProtocol, Sendable {
        let stream: EventStream
        var watched: Thing
        private var next = NextLook.atOnce
        private var lastSent = ContinuousClock.now
        /// Cuts a watcher to whom the last piece does not get through.
        private var cut: Scheduled<Void>?

        init(stream: EventStream, watched: Thing) {
            self.stream = stream
            self.watched = watched
        }

        mutating func next() async throws -> ByteBuffer? {
            cut?.cancel()
            while true {
                switch next {
                case .atOnce: break
                case .later: guard await stream.waitForNextLook() else { return nil }
                case .never: return nil
                }
                var events = EventText()
                next = try await watched.look(&events)
                let silence = ContinuousClock.now - lastSent
                if events.bytes.isEmpty, silence >= stream.limits.watchHeartbeat {
                    events.comment("still there")
                }
                if events.bytes.isEmpty { continue }
                lastSent = .now
                cut = stream.scheduleCut()
                return ByteBuffer(bytes: events.bytes)
            }
        }
    }

    /// Waits; answers whether to look again, which is not so once the daemon stops or the watcher
    /// has left.
    private func waitForNextLook() async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { [poll = limits.watchPoll] in
                try await Task.sleep(for: poll)
            }
        } catch {
            return false
        }
        return channel.isActive && !Task.isShuttingDownGracefully
    }

    private func scheduleCut() -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(limits.watchPatience)) { [channel, logger] in
            logger.warning("a watcher who was too slow was cut")
            channel.close(promise: nil)
        }
    }
}
