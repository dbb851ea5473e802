import Cnats
import Dispatch
import Synchronization

/// A connection to NATS: publishes, asks, and tells what happens to it.
///
/// After it was made it reconnects for as long as it lives. All writes go through one queue of its
/// own, in order, so that a socket that blocks never blocks a task.
package final class Connection: Sendable {
    /// The most events kept for a watcher who does not read; the oldest go first.
    package static let eventLimit = 64

    let handle: ConnectionHandle
    let options: ConnectionOptions
    private let requests: Requests

    /// Connects to one of the servers.
    ///
    /// Tries each server once, each for at most the connect timeout, and then throws: callers who
    /// want to wait longer call again.
    @concurrent
    package static func connect(
        _ options: ConnectionOptions
    ) async throws(NATSFailure) -> Connection {
        let result = await withCheckedContinuation { continuation in
            // Connecting blocks: it gets a thread of its own for as long as it lasts.
            DispatchQueue(label: "nats.connect").async {
                continuation.resume(
                    returning: Result { () throws(NATSFailure) in
                        try Connection(options)
                    })
            }
        }
        return try result.get()
    }

    private init(_ options: ConnectionOptions) throws(NATSFailure) {
        self.options = options
        handle = try ConnectionHandle(options)
        requests = try Requests(handle, prefix: newInbox(prefix: options.inboxPrefix))
    }

    deinit {
        let handle = handle
        let milliseconds = options.drainTimeout.wholeMilliseconds
        DispatchQueue.global().async { handle.drain(milliseconds: milliseconds) }
    }

    /// Whether a server is there at the moment.
    package var isConnected: Bool { handle.isConnected }

    /// The largest message that the server takes, headers included, in bytes.
    package var maxPayload: Int { Int(handle.maxPayload) }

    /// What happens from now on; each call makes its own stream, which ends after `closed`.
    ///
    /// Keeps the newest `eventLimit` events for a reader that is behind.
    package func events() -> AsyncStream<ConnectionEvent> {
        let (stream, continuation) = AsyncStream<ConnectionEvent>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.eventLimit))
        let number = observe { event in
            continuation.yield(event)
            if event == .closed { continuation.finish() }
        }
        let signals = handle.signals
        continuation.onTermination = { _ in signals.forget(number) }
        return stream
    }

    /// Publishes without waiting for anybody to have it; for what may be lost.
    package func publish(_ message: Message) {
        handle.write { handle in _ = handle.publish(message, reply: nil) }
    }

    /// Waits until the server has read everything that was published before.
    package func flush(timeout: Duration = .seconds(5)) async throws(NATSFailure) {
        let milliseconds = max(timeout.wholeMilliseconds, 1)
        let status = await handle.onWriteQueue { $0.flush(milliseconds: milliseconds) }
        guard status == NATS_OK else { throw NATSFailure(status, doing: "flushing") }
    }

    /// Asks on a subject and waits for the first answer.
    ///
    /// - Throws: `timedOut`, or `noResponders` as soon as the server says so.
    package func request(
        _ message: Message, timeout: Duration
    ) async throws(NATSFailure) -> Message {
        try await requests.ask(message, timeout: timeout)
    }

    /// Sends what was published, finishes what was delivered, and closes; safe to call twice.
    ///
    /// Takes at most the drain timeout of the options and a little.
    package func close() async {
        let milliseconds = max(options.drainTimeout.wholeMilliseconds, 1)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let waiter = Once { continuation.resume() }
            _ = observe { if $0 == .closed { waiter.run() } }
            handle.write { $0.drain(milliseconds: milliseconds) }
            // A drain that the library does not end in time is ended by closing.
            handle.write(after: .milliseconds(milliseconds + 2_000)) { _ in waiter.run() }
        }
    }

    // MARK: For the other files of this module

    func observe(_ observer: @escaping @Sendable (ConnectionEvent) -> Void) -> UInt64 {
        handle.signals.observe(observer)
    }

    /// Subscribes to an inbox (which ends with a dot) and one more token, such as `_INBOX.X.7`.
    func subscribe(
        inbox: String, _ handler: @escaping @Sendable (borrowing Received) -> Void
    ) async throws(NATSFailure) -> Subscription {
        let result = await handle.onWriteQueue { handle in
            Result { () throws(NATSFailure) in
                try Subscription(handle, subject: inbox + "*", handler: handler)
            }
        }
        return try result.get()
    }
}

/// A new unguessable inbox prefix that ends with a dot.
func newInbox(prefix: String) throws(NATSFailure) -> String {
    var made: UnsafeMutablePointer<CChar>?
    let status = natsInbox_Create(&made)
    guard status == NATS_OK, let made else {
        throw NATSFailure(status, doing: "naming an inbox")
    }
    defer { natsInbox_Destroy(made) }
    let unique = String(cString: made).split(separator: ".").last ?? ""
    return "\(prefix).\(unique)."
}

/// Runs its body the first time only.
final class Once: Sendable {
    private let isDone = Mutex(false)
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func run() {
        let isFirst = isDone.withLock { done in
            defer { done = true }
            return !done
        }
        if isFirst { body() }
    }
}
