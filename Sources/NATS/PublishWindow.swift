/// What a publisher has been given, what of it is under way, and what became of it. No I/O.
struct PublishWindow {
    typealias Finish = CheckedContinuation<[PublishOutcome], Never>

    /// A class, as each outcome changes one in its place: through a dictionary's value that
    /// took five allocations.
    private final class Batch {
        let messages: [Message]
        var next = 0
        var outcomes: [PublishOutcome]
        /// How many of them are still to come.
        var open: Int
        let givenAt: ContinuousClock.Instant
        let finish: Finish

        init(_ messages: [Message], at now: ContinuousClock.Instant, finish: Finish) {
            self.messages = messages
            outcomes = Array(repeating: .unknown("not sent"), count: messages.count)
            open = messages.count
            givenAt = now
            self.finish = finish
        }
    }

    private struct Flight {
        var batch: UInt64
        var index: Int
        var due: ContinuousClock.Instant
    }

    /// A batch whose last outcome has come: resume it outside any lock.
    struct Finished {
        let finish: Finish
        let outcomes: [PublishOutcome]
    }

    let limit: Int
    let timeout: Duration
    /// Whether messages may be sent now.
    var isConnected = true
    /// Whether nothing can be sent ever again.
    var isClosed = false
    /// Whether somebody is sending at the moment.
    var isPumping = false
    /// Whether a look for what is overdue has been arranged.
    var isSweepArranged = false

    private var nextBatch: UInt64 = 0
    private var nextToken: UInt64 = 0
    private var batches: [UInt64: Batch] = [:]
    /// Batches with unsent messages, oldest first.
    private var queue: [UInt64] = []
    private var flights: [UInt64: Flight] = [:]

    init(limit: Int, timeout: Duration) {
        self.limit = limit
        self.timeout = timeout
    }

    var isIdle: Bool { batches.isEmpty }
    /// Whether a pump would find something to send.
    var canSend: Bool { isConnected && !isClosed && !queue.isEmpty && flights.count < limit }
    /// How many messages are sent and have no outcome yet.
    var underWay: Int { flights.count }
    /// Whether nothing else is under way than that many messages, and nothing waits to be.
    func isAllUnderWay(_ count: Int) -> Bool { flights.count == count && queue.isEmpty }
    /// Whether it pays to start sending: not for each single place that becomes free.
    var isHalfFree: Bool { flights.count <= limit / 2 }

    /// Whether the caller has to pump now; notes that somebody does.
    mutating func startPump() -> Bool {
        guard canSend, !isPumping else { return false }
        isPumping = true
        return true
    }

    mutating func add(_ messages: [Message], at now: ContinuousClock.Instant, finish: Finish) {
        nextBatch += 1
        batches[nextBatch] = Batch(messages, at: now, finish: finish)
        queue.append(nextBatch)
    }

    /// Takes what may be sent now, at most the free part of the window.
    mutating func take(at now: ContinuousClock.Instant) -> [(token: UInt64, message: Message)] {
        var taken: [(token: UInt64, message: Message)] = []
        while canSend, let number = queue.first, let batch = batches[number] {
            let count = min(limit - flights.count, batch.messages.count - batch.next)
            taken.reserveCapacity(taken.count + count)
            for index in batch.next..<(batch.next + count) {
                nextToken += 1
                flights[nextToken] = Flight(batch: number, index: index, due: now + timeout)
                taken.append((nextToken, batch.messages[index]))
            }
            batch.next += count
            if batch.next == batch.messages.count { queue.removeFirst() }
        }
        return taken
    }

    /// Notes one outcome; a token that is not under way any more is ignored.
    mutating func settle(_ token: UInt64, _ outcome: PublishOutcome) -> Finished? {
        guard let flight = flights.removeValue(forKey: token) else { return nil }
        guard let batch = batches[flight.batch] else { return nil }
        batch.outcomes[flight.index] = outcome
        batch.open -= 1
        return finished(flight.batch)
    }

    /// Gives up everything under way; what is not sent yet goes on waiting.
    mutating func settleFlights(_ outcome: PublishOutcome) -> [Finished] {
        flights.keys.sorted().compactMap { settle($0, outcome) }
    }

    /// Gives up what has waited too long: sent without an answer, or unsent while disconnected.
    mutating func sweep(at now: ContinuousClock.Instant) -> [Finished] {
        let timeout = timeout
        let late = flights.filter { $0.value.due <= now }.keys
        var finished = late.compactMap { settle($0, .unknown("no acknowledgement in time")) }
        if isClosed {
            finished += abandon()
        } else if !isConnected {
            finished += giveUpUnsent("not connected") { $0.givenAt + timeout <= now }
        }
        return finished
    }

    /// Gives up everything, for a connection that is closed for good.
    mutating func abandon() -> [Finished] {
        settleFlights(.unknown("the connection was closed"))
            + giveUpUnsent("the connection is closed") { _ in true }
    }

    private mutating func giveUpUnsent(
        _ reason: String, where isHopeless: (Batch) -> Bool
    ) -> [Finished] {
        var gone: [Finished] = []
        for number in queue {
            guard let batch = batches[number], isHopeless(batch) else { continue }
            for index in batch.next..<batch.messages.count {
                batch.outcomes[index] = .unknown(reason)
            }
            batch.open -= batch.messages.count - batch.next
            batch.next = batch.messages.count
            if let finished = finished(number) { gone.append(finished) }
        }
        queue = queue.filter { number in
            batches[number].map { $0.next < $0.messages.count } ?? false
        }
        return gone
    }

    private mutating func finished(_ number: UInt64) -> Finished? {
        guard let batch = batches[number], batch.open == 0 else { return nil }
        batches[number] = nil
        return Finished(finish: batch.finish, outcomes: batch.outcomes)
    }
}
