import Cnats
import Synchronization

/// Publishes to streams and waits for their acknowledgements, many messages at a time.
///
/// At most `window` messages are unacknowledged at any time, over all callers together; further
/// ones wait their turn. While no server is there, messages wait, too, for up to `timeout`.
package final class Publisher: Sendable {
    /// The bounds of publishing.
    package struct Options: Sendable {
        /// The most messages under way.
        package var window = 512
        /// The longest wait for one acknowledgement, and for a connection before sending.
        package var timeout: Duration = .seconds(5)
        /// Up to this many messages are hurried past the library's buffer; more fill it anyway.
        package var hurriedAtMost = 16

        /// The usual bounds.
        package init() {}
    }

    private let core: PublisherCore
    private let subscription: Subscription
    private let observer: UInt64

    /// A publisher with an inbox of its own on this connection.
    package init(
        _ connection: Connection, options: Options = Options()
    ) async throws(NATSFailure) {
        let inbox = try newInbox(prefix: connection.options.inboxPrefix)
        let core = PublisherCore(connection.handle, inbox: inbox, options: options)
        subscription = try await connection.subscribe(inbox: inbox) { core.receive($0) }
        observer = connection.observe { core.note($0) }
        core.noteConnected(connection.isConnected)
        self.core = core
    }

    deinit {
        subscription.stop()
        core.handle.signals.forget(observer)
    }

    /// Publishes messages in order and waits until the fate of each is known.
    ///
    /// Ends at the latest when each message has been under way for `timeout`; cancelling the task
    /// does not shorten that. Order holds within a batch and between batches one after the other,
    /// as long as the connection lives.
    ///
    /// - Returns: one outcome for each message, in the order of the batch.
    package func publish(batch: [Message]) async -> [PublishOutcome] {
        guard !batch.isEmpty else { return [] }
        let core = core
        return await withCheckedContinuation { core.publish(batch, finish: $0) }
    }

    /// Publishes one message and waits until its fate is known.
    package func publish(_ message: Message) async -> PublishOutcome {
        await publish(batch: [message]).first ?? .unknown("not sent")
    }
}

/// What the library's threads and the queue of writes do for a publisher.
final class PublisherCore: Sendable {
    private static let sweepEvery: Duration = .milliseconds(100)

    let handle: ConnectionHandle
    private let inbox: String
    private let hurriedAtMost: Int
    private let window: Mutex<PublishWindow>

    init(_ handle: ConnectionHandle, inbox: String, options: Publisher.Options) {
        self.handle = handle
        self.inbox = inbox
        hurriedAtMost = options.hurriedAtMost
        window = Mutex(PublishWindow(limit: max(options.window, 1), timeout: options.timeout))
    }

    func publish(_ messages: [Message], finish: PublishWindow.Finish) {
        let (pumps, sweeps) = window.withLock { window in
            window.add(messages, at: .now, finish: finish)
            let sweeps = !window.isSweepArranged
            window.isSweepArranged = true
            return (window.startPump(), sweeps)
        }
        if pumps { handle.write { _ in self.pump() } }
        if sweeps { arrangeSweep() }
    }

    func receive(_ received: borrowing Received) {
        guard let token = received.token else { return }
        let outcome: PublishOutcome =
            received.status == 503
            ? .refused(code: 503, description: "no stream takes this subject, or JetStream is off")
            : received.withPayload { PublishOutcome(acknowledgement: $0) }
        settle(token, outcome)
    }

    func noteConnected(_ isConnected: Bool) {
        window.withLock { $0.isConnected = isConnected }
    }

    func note(_ event: ConnectionEvent) {
        switch event {
        case .disconnected:
            // Acknowledgements of what was sent are lost with the connection.
            resume(
                window.withLock {
                    $0.isConnected = false
                    return $0.settleFlights(.unknown("the server was lost"))
                })
        case .reconnected:
            let pumps = window.withLock {
                $0.isConnected = true
                return $0.startPump()
            }
            if pumps { handle.write { _ in self.pump() } }
        case .closed:
            resume(
                window.withLock {
                    $0.isClosed = true
                    return $0.abandon()
                })
        case .trouble: break
        }
    }

    private func settle(_ token: UInt64, _ outcome: PublishOutcome) {
        let (finished, pumps) = window.withLock { window in
            let finished = window.settle(token, outcome)
            return (finished, window.isHalfFree ? window.startPump() : false)
        }
        if let finished { resume([finished]) }
        if pumps { handle.write { _ in self.pump() } }
    }

    /// Sends what the window allows. Runs on the queue of writes.
    private func pump() {
        while true {
            let taken = window.withLock { window in
                let taken = window.take(at: .now)
                if taken.isEmpty { window.isPumping = false }
                return taken
            }
            guard !taken.isEmpty else { return }
            for (token, message) in taken { send(message, token: token) }
            if taken.count <= hurriedAtMost { _ = handle.flush(milliseconds: nudgeMilliseconds) }
        }
    }

    private func send(_ message: Message, token: UInt64) {
        guard isSubject(message.subject) else {
            settle(token, .refused(code: 400, description: "a subject that cannot be one"))
            return
        }
        let status = handle.publish(message, reply: inbox + String(token))
        switch status {
        case NATS_OK: break
        case NATS_MAX_PAYLOAD:
            settle(token, .refused(code: 413, description: "larger than the server takes"))
        default: settle(token, .unknown(NATSFailure(status, doing: "publishing").description))
        }
    }

    private func arrangeSweep() {
        handle.write(after: Self.sweepEvery) { _ in
            let (finished, goesOn) = self.window.withLock { window in
                let finished = window.sweep(at: .now)
                window.isSweepArranged = !window.isIdle
                return (finished, !window.isIdle)
            }
            self.resume(finished)
            if goesOn { self.arrangeSweep() }
        }
    }

    private func resume(_ finished: [PublishWindow.Finished]) {
        for batch in finished { batch.finish.resume(returning: batch.outcomes) }
    }
}

/// Whether one can publish on it: no blanks, control characters, wildcards or empty tokens.
func isSubject(_ subject: String) -> Bool {
    var previous = UInt8(ascii: ".")
    for byte in subject.utf8 {
        guard byte > 0x20, byte != 0x7F, byte != UInt8(ascii: "*"), byte != UInt8(ascii: ">") else {
            return false
        }
        if byte == UInt8(ascii: "."), previous == UInt8(ascii: ".") { return false }
        previous = byte
    }
    return previous != UInt8(ascii: ".")
}
