import CoreMetrics
package import Logging
import SagaCore
import Synchronization

/// Keeps the views: folds into them what happened to their aggregates.
///
/// It is told by this daemon's own publishing, by the news of the streams, and by a walk over all
/// aggregates that finds what both missed. What it is told only says where to look: a view is made
/// of the event store's events alone, and only ever moves forward, so that it does not matter who
/// tells what how often, or how many daemons do this at once.
package final class Projector: Sendable {
    let store: any Store
    let bus: any Bus
    let clock: any SagaClock
    let limits: ViewsLimits
    let logger: Logger
    let inbox: Inbox<ViewInput>
    private let streams: @Sendable () -> [String]
    private let isSweeper: @Sendable () -> Bool

    /// What this daemon published.
    private struct Own {
        /// How many events.
        var count = 0
        /// Their messages, by stream.
        var news: [String: OwnNews] = [:]
    }

    private let lag = ViewsLag()
    private let own = Mutex(Own())
    private let closing = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private let isClosed = Atomic(false)
    /// Wakes whoever sleeps between two rounds, once it is closed.
    private let ending = EventMarks()
    private let isStoreAway = Atomic(false)

    /// A projector of that store's events; it works once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - streams: the streams whose news are followed; asked again and again.
    ///   - isSweeper: whether it is this daemon that walks over all aggregates; asked again and again.
    package init(
        store: any Store, bus: any Bus, clock: any SagaClock,
        streams: @escaping @Sendable () -> [String],
        isSweeper: @escaping @Sendable () -> Bool = { true }, limits: ViewsLimits = ViewsLimits(),
        logger: Logger
    ) {
        self.store = store
        self.bus = bus
        self.clock = clock
        self.streams = streams
        self.isSweeper = isSweeper
        self.limits = limits
        self.logger = logger
        inbox = Inbox(capacity: limits.waiting, weight: \.weight)
    }

    /// Works until it is closed, then folds what it was told, and returns.
    package func run() async {
        await withTaskGroup { parts in
            parts.addTask { await self.work() }
            await withTaskGroup { sources in
                sources.addTask { await self.followStreams() }
                sources.addTask { await self.sweep() }
                for await _ in closing.stream {}
                sources.cancelAll()
                // Whoever waits for room is let go.
                inbox.close()
            }
        }
    }

    /// Takes nothing more.
    package func close() {
        isClosed.store(true, ordering: .relaxed)
        ending.announce()
        closing.continuation.finish()
    }

    /// Tells of events that this daemon published; returns at once. Where there is no room they are
    /// left to their news.
    package func note(published events: [PublishedEvent]) {
        let input = ViewInput.published(events.map(\.event))
        guard !events.isEmpty, inbox.offer(input) else { return }
        lag.note(input.oldest)
        let now = clock.now()
        own.withLock { own in
            own.count += events.count
            for one in events {
                own.news[one.receipt.stream, default: OwnNews()].add(
                    one.receipt.sequence, isDuplicate: one.isDuplicate, at: now)
            }
        }
    }

    /// How the views of this daemon stand.
    package var status: ViewsStatus {
        let lag = lag.now(clock.now())
        return ViewsStatus(state: lag > limits.behindAfter ? .behind : .up, lag: lag)
    }

    // MARK: Sources

    /// Takes the news of each stream, also of those that come later.
    private func followStreams() async {
        await withTaskGroup { group in
            var followed: Set<String> = []
            repeat {
                for stream in streams() where followed.insert(stream).inserted {
                    group.addTask { await self.follow(stream) }
                }
            } while await pause(limits.sweep)
        }
    }

    private func follow(_ stream: String) async {
        var count = 0
        while let batch = await bus.nextNews(of: stream) {
            let (foreign, published) = own.withLock { own in
                let ours = own.news[stream] ?? OwnNews()
                return (batch.news.filter { !ours.tells($0) }, own.count)
            }
            let input = ViewInput.news(batch, foreign: foreign)
            lag.note(input.oldest)
            if await !inbox.put(input) { return }
            let isBusy = published - count > limits.newsAtLeisure
            count = published
            if foreign.isEmpty, isBusy { guard await pause(limits.gather) else { return } }
        }
    }

    /// Walks over all aggregates, page by page, again and again.
    private func sweep() async {
        var cursor: ViewKey?
        while await pause(limits.sweep) {
            ViewsMetrics.lag.record(lag.now(clock.now()).seconds)
            // What is merely late needs no second telling.
            guard isSweeper(), lag.now(clock.now()) < limits.sweepAge else { continue }
            let query = AggregateQuery(
                after: cursor, behindSince: clock.now() + (.zero - limits.sweepAge))
            guard let page = try? await store.aggregates(query) else { continue }
            cursor = page.after
            guard !page.aggregates.isEmpty else { continue }
            ViewsMetrics.swept.increment(by: page.aggregates.count)
            if await !inbox.put(.behind(page.aggregates)) { return }
        }
    }

    // MARK: Rounds

    private func work() async {
        var shelf = ViewShelf(capacity: limits.cache)
        while true {
            let inputs = await inbox.take(limit: limits.waiting)
            if inputs.isEmpty { return }
            let round = ViewRound(inputs)
            lag.begin(round.oldest)
            let began = clock.now()
            if await project(round, &shelf) { await bus.acknowledge(news: round.news) }
            lag.end()
            ViewsMetrics.roundTime.recordMicroseconds((clock.now() - began).microseconds)
            await rest(for: min(limits.gatherPerEvent * round.weight, limits.gather))
        }
    }

    /// Brings the views of a round up to date; false where the daemon stopped before.
    private func project(_ round: ViewRound, _ shelf: inout ViewShelf) async -> Bool {
        for keys in round.batches {
            var wait = limits.storeRetry
            while true {
                do {
                    try await bring(keys, of: round, &shelf)
                    noteStore(isAway: false, nil)
                    break
                } catch {
                    noteStore(isAway: true, error)
                    if isClosed.load(ordering: .relaxed) || Task.isCancelled { return false }
                    await rest(for: wait)
                    wait = min(wait * 2, limits.storeRetryMax)
                }
            }
        }
        return true
    }

    private func noteStore(isAway: Bool, _ problem: (any Error)?) {
        if isStoreAway.exchange(isAway, ordering: .relaxed) == isAway { return }
        guard let problem else { return logger.notice("the views are written again") }
        logger.error(
            "the views cannot be written; they wait until the database answers",
            metadata: ["problem": "\(problem)"])
    }

    /// Waits that long, or until it is closed.
    private func rest(for duration: Duration) async {
        guard duration > .zero else { return }
        await withTaskGroup { group in
            // Woken early, it is simply over.
            group.addTask { _ = try? await self.clock.sleep(until: self.clock.now() + duration) }
            group.addTask { await self.ending.wait(since: EventMarks.first) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Waits that long; false once the task is cancelled.
    private func pause(_ duration: Duration) async -> Bool {
        do {
            try await clock.sleep(until: clock.now() + duration)
            return !Task.isCancelled
        } catch {
            return false
        }
    }
}

extension Duration {
    /// The length in seconds.
    fileprivate var seconds: Double { Double(microseconds) / 1_000_000 }
}
