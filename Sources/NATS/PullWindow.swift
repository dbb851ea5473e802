/// How much has been asked of a consumer and not come yet, and when to ask again. Values only.
struct PullWindow {
    let batch: Int
    let capacity: Int
    let firstWait: Duration
    let longestWait: Duration

    /// Messages that the server may still send for the pulls under way.
    private(set) var outstanding = 0
    /// Pulls whose end the server has not told and that are not used up together.
    private(set) var openPulls: Set<UInt64> = []
    private(set) var heardAt: ContinuousClock.Instant
    /// Refusals since the last sign that the consumer serves us.
    private(set) var refusals = 0
    private var notBefore: ContinuousClock.Instant?
    private var nextPull: UInt64 = 0

    init(options: PullConsumer.Options, now: ContinuousClock.Instant) {
        batch = max(options.batch, 1)
        capacity = max(options.capacity, batch)
        firstWait = options.retryWait
        longestWait = options.retryMax
        heardAt = now
    }

    /// The number of a pull to send now, where one is due.
    mutating func startPull(buffered: Int, at now: ContinuousClock.Instant) -> UInt64? {
        if let notBefore {
            guard notBefore <= now else { return nil }
            self.notBefore = nil
        }
        guard outstanding <= batch / 4, buffered + outstanding + batch <= capacity else {
            return nil
        }
        nextPull += 1
        outstanding += batch
        openPulls.insert(nextPull)
        heardAt = now
        return nextPull
    }

    /// A message came for one of the pulls.
    mutating func noteMessage(at now: ContinuousClock.Instant) {
        heardAt = now
        refusals = 0
        outstanding = max(outstanding - 1, 0)
        if outstanding == 0 { openPulls = [] }
    }

    mutating func noteHeartbeat(at now: ContinuousClock.Instant) {
        heardAt = now
        refusals = 0
    }

    /// A pull ended by itself with `unused` messages not sent (`nil`: the server did not say).
    mutating func notePullEnded(_ pull: UInt64, unused: Int?, at now: ContinuousClock.Instant) {
        heardAt = now
        refusals = 0
        guard openPulls.remove(pull) != nil else { return }
        if openPulls.isEmpty {
            outstanding = 0
        } else {
            outstanding = max(outstanding - (unused ?? batch), 0)
        }
    }

    /// The server refused; nothing more will come for what was asked.
    ///
    /// - Returns: how long to wait before the next pull.
    mutating func noteRefused(at now: ContinuousClock.Instant) -> Duration {
        heardAt = now
        forgetPulls()
        let wait = min(firstWait * (1 << min(refusals, 10)), longestWait)
        refusals += 1
        notBefore = now + wait
        return wait
    }

    /// Nothing that was asked before counts any more: silence, or another connection.
    mutating func forgetPulls() {
        outstanding = 0
        openPulls = []
        notBefore = nil
    }

    /// Whether the server should have said something by now.
    func isSilent(longerThan silence: Duration, at now: ContinuousClock.Instant) -> Bool {
        !openPulls.isEmpty && heardAt + silence <= now
    }
}
