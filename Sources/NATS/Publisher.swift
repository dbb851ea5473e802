import Cnats
import Synchronization

/// Publishes to streams and waits for their acknowledgements, many messages at a time.
///
/// At most `window` messages are unacknowledged at any time, over all callers together; further
/// ones wait their turn. Few messages may go out on a connection of their own, but only while none is
/// under way on the other, so that order holds. While no server is there, messages wait, too, for up
/// to `timeout`.
package final class Publisher: Sendable {
    /// The bounds of publishing.
    package struct Options: Sendable {
        /// The most messages under way.
        package var window = 512
        /// The longest wait for one acknowledgement, and for a connection before sending.
        package var timeout: Duration = .seconds(5)
        /// Up to this many messages are hurried past the library's buffer; more fill it anyway.
        package var hurriedAtMost = 16
        /// Up to this many messages, where no other is under way, go out on a connection of their own
        /// that writes each at once; 0 does without that connection.
        package var promptAtMost = 0

        /// The usual bounds.
        package init() {}
    }

    private let core: PublisherCore
    private let subscription: Subscription
    private let observer: UInt64
    private let prompt: (connection: Connection, subscription: Subscription)?

    /// A publisher with an inbox of its own on this connection.
    ///
    /// Where the connection for few messages cannot be made, all go out on the other.
    package convenience init(
        _ connection: Connection, options: Options = Options()
    ) async throws(NATSFailure) {
        let prompt = options.promptAtMost > 0 ? await Self.prompt(beside: connection) : nil
        try await self.init(connection, prompt: prompt, options: options)
    }

    /// A publisher that sends few messages on that other connection.
    init(
        _ connection: Connection, prompt: Connection?, options: Options
    ) async throws(NATSFailure) {
        // Each has an inbox: a server tells of a subject that nobody takes on the same connection only.
        let line = try PublisherLine(connection)
        let promptLine = try prompt.map { (prompt) throws(NATSFailure) in
            try PublisherLine(prompt)
        }
        let core = PublisherCore(line, prompt: promptLine, options: options)
        subscription = try await connection.subscribe(inbox: line.inbox) { core.receive($0) }
        observer = connection.observe { core.note($0) }
        if let prompt, let promptLine {
            let answers = try await prompt.subscribe(inbox: promptLine.inbox) { core.receive($0) }
            _ = prompt.observe { [weak core] in core?.notePrompt($0) }
            self.prompt = (prompt, answers)
        } else {
            self.prompt = nil
        }
        core.noteConnected(connection.isConnected)
        self.core = core
    }

    /// How many messages are sent and not acknowledged.
    var underWay: Int { core.underWay }

    /// A connection like that one, whose every message is written to the socket at once: the library
    /// lets what it buffers lie for a millisecond.
    private static func prompt(beside connection: Connection) async -> Connection? {
        var options = connection.options
        options.name += " (prompt)"
        options.sendAsap = true
        return try? await Connection.connect(options)
    }

    deinit {
        subscription.stop()
        prompt?.subscription.stop()
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

/// A connection with the inbox on it to which acknowledgements come.
struct PublisherLine: Sendable {
    let handle: ConnectionHandle
    let inbox: String

    init(_ connection: Connection) throws(NATSFailure) {
        handle = connection.handle
        inbox = try newInbox(prefix: connection.options.inboxPrefix)
    }
}

/// What the library's threads and the queue of writes do for a publisher.
final class PublisherCore: Sendable {
    private static let sweepEvery: Duration = .milliseconds(100)

    private let line: PublisherLine
    private let prompt: PublisherLine?
    private let hurriedAtMost: Int
    private let promptAtMost: Int
    private let window: Mutex<PublishWindow>

    var handle: ConnectionHandle { line.handle }

    init(_ line: PublisherLine, prompt: PublisherLine?, options: Publisher.Options) {
        self.line = line
        self.prompt = prompt
        hurriedAtMost = options.hurriedAtMost
        promptAtMost = options.promptAtMost
        window = Mutex(PublishWindow(limit: max(options.window, 1), timeout: options.timeout))
    }

    var underWay: Int { window.withLock { $0.underWay } }

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

    /// Acknowledgements of what went out on the lost connection may never come.
    func notePrompt(_ event: ConnectionEvent) {
        guard event == .disconnected else { return }
        let (finished, pumps) = window.withLock { window in
            (window.settleFlights(.unknown("the server was lost")), window.startPump())
        }
        resume(finished)
        if pumps { handle.write { _ in self.pump() } }
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
            let (taken, isAll) = window.withLock { window in
                let taken = window.take(at: .now)
                if taken.isEmpty { window.isPumping = false }
                return (taken, window.isAllUnderWay(taken.count))
            }
            guard !taken.isEmpty else { return }
            if let prompt, isAll, taken.count <= promptAtMost, prompt.handle.isConnected {
                for (token, message) in taken { send(message, token: token, on: prompt) }
                continue
            }
            for (token, message) in taken { send(message, token: token, on: line) }
            if taken.count <= hurriedAtMost { _ = handle.flush(milliseconds: nudgeMilliseconds) }
        }
    }

    private func send(_ message: Message, token: UInt64, on line: PublisherLine) {
        guard isSubject(message.subject) else {
            settle(token, .refused(code: 400, description: "a subject that cannot be one"))
            return
        }
        let status = line.handle.publish(message, reply: line.inbox + String(token))
        switch status {
        case NATS_OK: break
        case NATS_MAX_PAYLOAD:
            settle(token, .refused(code: 413, description: "larger than the server takes"))
        default: settle(token, .unknown(NATSFailure(status, doing: "publishing").description))
        }
    }

    private func arrangeSweep() {
        handle.write(after: Self.sweepEvery) { _ in
            let (finished, goesOn, pumps) = self.window.withLock { window in
                let finished = window.sweep(at: .now)
                window.isSweepArranged = !window.isIdle
                return (finished, !window.isIdle, window.startPump())
            }
            self.resume(finished)
            // What was given up has left room.
            if pumps { self.pump() }
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
