import SagaCore
import SagaRuntime
import Synchronization

/// What a broker loses.
extension Broker {
    /// Forgets what repeated publishes are recognised by.
    func forgetWindow() {
        state.withLock { state in
            for stream in state.streams.keys { state.streams[stream]?.known = [:] }
        }
    }

    /// Loses the newest messages of a stream, as a broker does that crashed before it wrote them.
    func loseTail(of stream: String, _ count: UInt64) {
        state.withLock { state in
            guard let last = state.streams[stream]?.last, last > 0 else { return }
            let kept = last - min(count, last)
            state.streams[stream]?.goBack(to: kept)
            if stream == Self.commands {
                state.waitingCommands = state.waitingCommands.filter { $0.key <= kept }
            }
        }
    }

    /// Deletes a stream, which somebody makes anew at once.
    func lose(_ stream: String) {
        state.withLock { state in
            guard state.streams[stream] != nil else { return }
            state.makings += 1
            state.streams[stream] = MessageStream(identity: String(state.makings))
            if stream == Self.commands { state.waitingCommands = [:] }
            if stream == Self.replies { state.replies.forgetEverything() }
            state.news[stream]?.forgetEverything()
        }
    }

    /// The events that were published, and are not among these; their ids.
    func strangers(_ events: [RecordedEvent]) -> [String] {
        let known = Set(events.map(\.event.id))
        return state.withLock { $0.events.keys.filter { !known.contains($0) } }.sorted()
    }

    /// The streams, by name.
    var streamNames: [String] { state.withLock { $0.streams.keys.sorted() } }
}

extension Broker.State {
    /// Stores a message, or recognises it; a message without id is never recognised.
    mutating func store(
        _ id: String?, in stream: String, at now: Instant
    ) -> (PublishReceipt, isNew: Bool) {
        guard var found = streams[stream] else {
            preconditionFailure("A message goes to a stream that was prepared.")
        }
        if let id, let known = found.known[id], now - known.at < Broker.window {
            return (PublishReceipt(stream: stream, sequence: known.number), false)
        }
        found.last += 1
        if let id {
            found.known[id] = (found.last, now)
            found.ids[found.last] = id
        }
        streams[stream] = found
        return (PublishReceipt(stream: stream, sequence: found.last), true)
    }
}

/// One stream of a ``Broker``.
struct MessageStream {
    /// What tells it from another stream under its name.
    let identity: String
    /// The number of the newest message that it ever had.
    var last: UInt64 = 0
    /// The ids of the messages that lie in it, by number.
    var ids: [UInt64: String] = [:]
    /// What repeated publishes are recognised by, and since when.
    var known: [String: (number: UInt64, at: Instant)] = [:]

    mutating func remove(_ number: UInt64) { ids[number] = nil }

    /// Loses the messages behind that number, and goes on with the next.
    mutating func goBack(to number: UInt64) {
        last = number
        ids = ids.filter { $0.key <= number }
        known = known.filter { $0.value.number <= number }
    }

    var standing: StreamStanding {
        StreamStanding(
            identity: identity, first: ids.keys.min() ?? last + 1, last: last,
            messages: UInt64(ids.count))
    }
}

/// A reply on its way.
struct ReplyLetter: Sendable {
    var subject: String
    var body: [UInt8]
}

/// Letters that wait for whoever takes them, and those that were taken and not acknowledged.
struct Mailbox<Content: Sendable> {
    struct Letter {
        let content: Content
        var count: Int
    }

    private var ready: [Letter] = []
    private var taken: [Int: Letter] = [:]
    private var tokens = 0
    private var waiting: [(ticket: Int, continuation: UnsafeContinuation<Void, Never>)] = []
    private var cancelled: Set<Int> = []

    var isEmpty: Bool { ready.isEmpty && taken.isEmpty }

    mutating func put(_ content: Content) { ready.append(Letter(content: content, count: 0)) }

    /// Takes some letters in any order.
    mutating func take(_ dice: Dice) -> [(token: Int, letter: Letter)] {
        guard !ready.isEmpty else { return [] }
        let count = min(ready.count, dice.among(1...8))
        ready = dice.shuffled(ready)
        let batch = ready.suffix(count)
        ready.removeLast(count)
        return batch.map { letter in
            tokens += 1
            var letter = letter
            letter.count += 1
            taken[tokens] = letter
            return (tokens, letter)
        }
    }

    mutating func acknowledge(_ token: Int) { taken[token] = nil }

    mutating func giveBack(_ token: Int) {
        if let letter = taken.removeValue(forKey: token) { ready.append(letter) }
    }

    mutating func forgetEverything() {
        ready = []
        taken = [:]
    }

    /// Waits for letters, unless some are there, or the ticket was cancelled.
    mutating func wait(_ ticket: Int, _ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        if cancelled.remove(ticket) != nil || !ready.isEmpty { return false }
        waiting.append((ticket, continuation))
        return true
    }

    mutating func cancel(_ ticket: Int) -> UnsafeContinuation<Void, Never>? {
        guard let place = waiting.firstIndex(where: { $0.ticket == ticket }) else {
            cancelled.insert(ticket)
            return nil
        }
        return waiting.remove(at: place).continuation
    }

    /// All who wait, where there are letters: one alone might be dying.
    mutating func takeReady() -> [UnsafeContinuation<Void, Never>] {
        ready.isEmpty ? [] : takeWaiters()
    }

    /// All who wait.
    mutating func takeWaiters() -> [UnsafeContinuation<Void, Never>] {
        defer { waiting = [] }
        return waiting.map(\.continuation)
    }
}
