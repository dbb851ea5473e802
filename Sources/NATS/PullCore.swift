import Cnats
import Synchronization

/// What the library's threads and the queue of writes do for a pull consumer.
final class PullCore: Sendable {
    private typealias Waiter = CheckedContinuation<[Delivery], Never>

    private struct State {
        var window: PullWindow
        var buffer: [Delivery] = []
        var waiter: Waiter?
        /// Nothing is handed out or asked for any more.
        var isClosed = false

        /// Whether a look at a batch that stays small has been arranged.
        var isGathering = false

        /// Whether the server is about to send more, so that waiting a moment makes a batch.
        func expectsMore(after delivery: Delivery) -> Bool {
            delivery.pending > 0 && window.outstanding > 0 && buffer.count < window.batch
        }

        /// Takes the waiter with what it shall get, if both are there.
        mutating func serve() -> (Waiter, [Delivery])? {
            guard !buffer.isEmpty, let waiter else { return nil }
            self.waiter = nil
            return (waiter, takeBatch())
        }

        mutating func takeBatch() -> [Delivery] {
            guard buffer.count > window.batch else {
                defer { buffer = [] }
                return buffer
            }
            let batch = Array(buffer[..<window.batch])
            buffer.removeFirst(window.batch)
            return batch
        }
    }

    /// How long messages gather while the server says that more are on their way.
    private static let gatherAtMost: Duration = .milliseconds(2)

    let handle: ConnectionHandle
    private let inbox: String
    private let subject: String
    private let request: [UInt8]
    private let heartbeat: Duration
    private let headers: [String]?
    private let troubles: AsyncStream<PullConsumer.Trouble>.Continuation
    private let state: Mutex<State>

    init(
        _ handle: ConnectionHandle, inbox: String, subject: String,
        options: PullConsumer.Options, troubles: AsyncStream<PullConsumer.Trouble>.Continuation
    ) {
        self.handle = handle
        self.inbox = inbox
        self.subject = subject
        self.troubles = troubles
        headers = options.headers
        heartbeat = min(options.heartbeat, options.expires / 2)
        request = Array(
            """
            {"batch":\(max(options.batch, 1)),"expires":\(options.expires.wholeNanoseconds),\
            "idle_heartbeat":\(heartbeat.wholeNanoseconds)}
            """.utf8)
        state = Mutex(State(window: PullWindow(options: options, now: .now)))
    }

    func start() {
        pull()
        arrangeCheck()
    }

    /// How many messages wait to be handed out.
    var bufferedCount: Int { state.withLock { $0.buffer.count } }

    // MARK: The application's side

    func wait(_ waiter: CheckedContinuation<[Delivery], Never>) {
        let ready: [Delivery]? = state.withLock { state in
            if state.isClosed || Task.isCancelled { return [] }
            if !state.buffer.isEmpty { return state.takeBatch() }
            precondition(state.waiter == nil, "One task at a time may wait for deliveries.")
            state.waiter = waiter
            return nil
        }
        guard let ready else { return }
        if !ready.isEmpty { pull() }
        waiter.resume(returning: ready)
    }

    func stopWaiting() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: [])
    }

    func close() {
        let (waiter, left) = state.withLock { state in
            defer {
                state.isClosed = true
                state.waiter = nil
                state.buffer = []
            }
            return (state.waiter, state.buffer)
        }
        for delivery in left { delivery.nak() }
        troubles.finish()
        waiter?.resume(returning: [])
    }

    // MARK: The library's side

    func receive(_ received: borrowing Received) {
        if let delivery = Delivery(received, headers: headers, handle: handle) {
            take(delivery)
        } else if let status = received.status {
            take(
                status: status, pull: received.token ?? 0,
                description: received.header("Description") ?? "",
                unused: received.header("Nats-Pending-Messages").flatMap { Int($0) })
        }
    }

    func note(_ event: ConnectionEvent) {
        switch event {
        case .reconnected:
            // The server may be another one, or may have forgotten what was asked.
            pullAgain()
        case .closed: close()
        case .disconnected, .trouble: break
        }
    }

    private func take(_ delivery: Delivery) {
        var served: (Waiter, [Delivery])?
        let (isClosed, gathers) = state.withLock { state in
            state.window.noteMessage(at: .now)
            if state.isClosed { return (true, false) }
            state.buffer.append(delivery)
            if state.waiter == nil { return (false, false) }
            guard state.expectsMore(after: delivery) else {
                served = state.serve()
                return (false, false)
            }
            defer { state.isGathering = true }
            return (false, !state.isGathering)
        }
        if isClosed {
            delivery.nak()
            return
        }
        if let (waiter, batch) = served { waiter.resume(returning: batch) }
        if gathers { arrangeServing() }
        pull()
    }

    /// Hands out a batch that stays small, because the server had less to send than it said.
    private func arrangeServing() {
        handle.write(after: Self.gatherAtMost) { _ in
            let served = self.state.withLock { state in
                state.isGathering = false
                return state.serve()
            }
            if let (waiter, batch) = served { waiter.resume(returning: batch) }
            self.pull()
        }
    }

    private func take(status: Int, pull number: UInt64, description: String, unused: Int?) {
        switch status {
        case 100:
            state.withLock { $0.window.noteHeartbeat(at: .now) }
        case 404, 408:
            state.withLock { $0.window.notePullEnded(number, unused: unused, at: .now) }
            pull()
        default:
            let wait = state.withLock { $0.window.noteRefused(at: .now) }
            troubles.yield(trouble(status: status, description: description))
            handle.write(after: wait) { _ in self.pull() }
        }
    }

    private func trouble(status: Int, description: String) -> PullConsumer.Trouble {
        if status == 503 { return .unavailable }
        if status == 409, description.lowercased().contains("consumer deleted") {
            return .consumerDeleted
        }
        return .refused(status: status, description: description)
    }

    // MARK: Pulling

    /// Pulls as if nothing had been asked before.
    func pullAgain() {
        state.withLock { $0.window.forgetPulls() }
        pull()
    }

    private func pull() {
        let number: UInt64? = state.withLock { state in
            guard !state.isClosed else { return nil }
            return state.window.startPull(buffered: state.buffer.count, at: .now)
        }
        guard let number else { return }
        handle.write { handle in
            // Where it cannot be sent, silence is noticed and it is sent again.
            _ = handle.publish(
                subject: self.subject, reply: self.inbox + String(number), payload: self.request)
        }
    }

    private func arrangeCheck() {
        handle.write(after: heartbeat / 2) { [weak self] handle in
            guard let self else { return }
            let (isClosed, isSilent) = self.state.withLock { state in
                let isSilent =
                    handle.isConnected
                    && state.window.isSilent(longerThan: self.heartbeat * 2.5, at: .now)
                if isSilent { state.window.forgetPulls() }
                return (state.isClosed, isSilent)
            }
            guard !isClosed else { return }
            if isSilent { self.troubles.yield(.silent) }
            self.pull()
            self.arrangeCheck()
        }
    }
}
