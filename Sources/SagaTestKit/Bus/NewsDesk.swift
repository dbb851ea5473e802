package import SagaRuntime
import Synchronization
import SagaCore

/// The news of an ``InMemoryBus``: a queue for each stream that was prepared.
struct NewsDesk {
    private let acknowledgeWithin: Duration
    private var queues: [String: RedeliveryQueue<EventNews>] = [:]
    /// The stream and the arrivals behind the token of a batch.
    private var batches: [String: (stream: String, tokens: [String])] = [:]
    private var batchNumber = 0
    private var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]
    private(set) var isClosed = false

    init(acknowledgeWithin: Duration) { self.acknowledgeWithin = acknowledgeWithin }

    /// How many news wait or were taken and not acknowledged.
    var count: Int { queues.values.reduce(0) { $0 + $1.count } }

    mutating func open(_ stream: String) {
        if queues[stream] == nil {
            queues[stream] = RedeliveryQueue(acknowledgeWithin: acknowledgeWithin)
        }
    }

    mutating func append(_ event: RecordedEvent, sequence: UInt64, at now: Instant) {
        let news = EventNews(
            key: ViewKey(event.event), version: event.version, at: now, sequence: sequence)
        queues[event.event.stream]?.append(news)
    }

    mutating func append(_ news: EventNews, to stream: String) { queues[stream]?.append(news) }

    mutating func take(of stream: String, at now: Instant, atMost limit: Int) -> NewsBatch? {
        let arrivals = queues[stream]?.take(at: now, atMost: limit) ?? []
        guard !arrivals.isEmpty else { return nil }
        batchNumber += 1
        let token = String(batchNumber)
        batches[token] = (stream, arrivals.map(\.token))
        return NewsBatch(news: arrivals.map(\.content), token: token)
    }

    mutating func acknowledge(_ batch: NewsBatch) {
        guard let (stream, tokens) = batches.removeValue(forKey: batch.token) else { return }
        for token in tokens { queues[stream]?.acknowledge(token) }
    }

    mutating func returnEverything() {
        for stream in queues.keys { queues[stream]?.returnEverything() }
    }

    mutating func forgetEverything() {
        for stream in queues.keys { queues[stream]?.forgetEverything() }
    }

    func hasNews(of stream: String, at now: Instant) -> Bool {
        isClosed || (queues[stream]?.hasNews(at: now) ?? false)
    }

    mutating func wait(for stream: String, _ waiter: CheckedContinuation<Void, Never>) {
        waiters[stream, default: []].append(waiter)
    }

    /// Those who wait for a stream's news; several daemons may.
    mutating func takeWaiters(of stream: String) -> [CheckedContinuation<Void, Never>] {
        waiters.removeValue(forKey: stream) ?? []
    }

    /// Those who wait for news that are there now.
    mutating func takeReady(at now: Instant) -> [CheckedContinuation<Void, Never>] {
        waiters.keys.filter { hasNews(of: $0, at: now) }.flatMap { takeWaiters(of: $0) }
    }

    mutating func close() -> [CheckedContinuation<Void, Never>] {
        isClosed = true
        return waiters.keys.flatMap { takeWaiters(of: $0) }
    }
}

extension InMemoryBus {
    /// The news of a stream that wait, or the first that come.
    package func nextNews(of stream: String) async -> NewsBatch? {
        while true {
            let (batch, isOver) = state.withLock { state in
                let batch = state.news.take(
                    of: stream, at: clock.now(), atMost: Self.batchReplies)
                return (batch, state.news.isClosed)
            }
            if batch != nil || isOver || Task.isCancelled { return batch }
            await newsSignal(of: stream)
        }
    }

    /// Forgets news.
    package func acknowledge(news batches: [NewsBatch]) async {
        state.withLock { state in
            for batch in batches { state.news.acknowledge(batch) }
        }
    }

    /// Puts news on a stream that no event stands behind, or of an event once more.
    package func injectNews(_ news: EventNews, of stream: String) {
        state.withLock { $0.news.append(news, to: stream) }
        wakeNews(at: clock.now())
    }

    /// How many news wait, or were taken and not acknowledged.
    package var openNews: Int { state.withLock { $0.news.count } }

    /// Loses the news that nobody took yet, and what was taken, as with its stream; the events stay.
    package func forgetNews() { state.withLock { $0.news.forgetEverything() } }

    func wakeNews(at now: Instant) {
        let waiters = state.withLock { $0.news.takeReady(at: now) }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until news may be there, the bus is closed or the task is cancelled.
    private func newsSignal(of stream: String) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if Task.isCancelled || state.news.hasNews(of: stream, at: clock.now()) {
                        return true
                    }
                    state.news.wait(for: stream, continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { $0.news.takeWaiters(of: stream) }
            for waiter in waiters { waiter.resume() }
        }
    }
}
