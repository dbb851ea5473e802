import CoreMetrics
package import Logging
import SagaCore
import Synchronization

/// Sees to it that the broker's streams are whole: finds those that were lost, made anew by somebody,
/// emptied, or went back, and has sent again from the database what they lack.
///
/// What a stream was is remembered in the database: what tells it from another one, and places up to
/// which it was seen to be whole. Several daemons look; one of them repairs.
package final class StreamKeeper: Sendable {
    let store: any Store
    let bus: any Bus
    let clock: any SagaClock
    let limits: StreamLimits
    let logger: Logger
    private let aggregates: @Sendable () -> [String]
    /// This keeper among all that ever were.
    let owner: String
    private let witnesses = Mutex<[String: StreamWitnesses]>([:])

    /// A keeper of those streams; it works once ``run(resend:)`` is called.
    ///
    /// - Parameter aggregates: the streams of aggregates; asked again and again.
    package init(
        store: any Store, bus: any Bus, clock: any SagaClock,
        aggregates: @escaping @Sendable () -> [String],
        limits: StreamLimits = StreamLimits(), random: RandomSource = RandomSource(),
        logger: Logger
    ) {
        self.store = store
        self.bus = bus
        self.clock = clock
        self.aggregates = aggregates
        self.limits = limits
        self.logger = logger
        owner = String(random.number(), radix: 16)
        // Before the daemon says that it is ready: whoever asks then is told of all that is to come.
        StreamMetrics.uncompared.record(uncompared([:]))
    }

    /// Looks at the streams at once and then again and again, until the task is cancelled.
    ///
    /// - Parameter resend: sends the open commands again; answers of how many sagas.
    package func run(resend: () async -> Int) async {
        var watches: [String: StreamWatch] = [:]
        repeat {
            StreamMetrics.uncompared.record(await look(&watches, resend))
        } while (try? await clock.sleep(until: clock.now() + limits.check)) != nil
    }

    /// Tells of events that this daemon published: some of them are looked for at the next look.
    package func note(published events: [PublishedEvent]) {
        // The last of each stream, also where only the second acknowledgement of it came.
        var noted: Set<String> = []
        for last in events.reversed() where noted.insert(last.receipt.stream).inserted {
            witnesses.withLock { witnesses in
                witnesses[last.receipt.stream, default: StreamWitnesses()].add(
                    last.receipt.sequence, last.event.event.id, limit: limits.witnesses)
            }
        }
    }

    /// Looks at every stream once; answers how many streams of events this daemon has still to compare
    /// with the event store.
    @discardableResult
    func look(_ watches: inout [String: StreamWatch], _ resend: () async -> Int) async -> Int {
        for stream in bus.streams(of: aggregates()) {
            var watch = watches[stream.name] ?? StreamWatch()
            if watch.pausedUntil ?? clock.now() <= clock.now() {
                await look(at: stream, &watch, resend)
            }
            watches[stream.name] = watch
            if Task.isCancelled { break }
        }
        return uncompared(watches)
    }

    private func uncompared(_ watches: [String: StreamWatch]) -> Int {
        bus.streams(of: aggregates()).count {
            $0.content == .events && watches[$0.name]?.isCompared != true
        }
    }

    private func look(
        at stream: DaemonStream, _ watch: inout StreamWatch, _ resend: () async -> Int
    ) async {
        do {
            try await check(stream, &watch, resend)
            watch.isFailing = false
        } catch is CancellationError {
        } catch {
            // The broker or the database is away, which others tell; or a repair does not succeed.
            let isRepair = watch.isRepairing
            logger.log(
                level: isRepair && !watch.isFailing ? .warning : .debug,
                "cannot look after a stream; it is tried again",
                metadata: ["stream": "\(stream.name)", "problem": "\(error)"])
            watch.isFailing = isRepair
        }
    }

    private func check(
        _ stream: DaemonStream, _ watch: inout StreamWatch, _ resend: () async -> Int
    ) async throws {
        // What was seen comes first, and the stream as it is now last: it can only have grown since.
        let witnesses = witnesses(of: stream.name)
        let memory = try await store.memory(of: stream.name)
        let known: StreamKnowledge?
        do throws(StreamKnowledge.Unreadable) {
            known = try memory.map { (memory) throws(StreamKnowledge.Unreadable) in
                try StreamKnowledge(text: memory.content)
            }
        } catch {
            switch error {
            case .newer: return
            case .malformed: known = nil
            }
        }
        // The bus makes again what is missing.
        guard let standing = try await bus.standing(of: stream.name) else { return }
        let found = KnownStream(
            stream: stream, standing: standing, known: known, revision: memory?.revision ?? 0)
        switch stream.content {
        case .events: try await checkEvents(found, witnesses, &watch)
        case .commands, .replies, .deadLetters: try await checkMessages(found, resend)
        }
    }

    // MARK: Commands, replies and dead letters

    private func checkMessages(_ found: KnownStream, _ resend: () async -> Int) async throws {
        var now = StreamKnowledge(found.standing)
        // What lies in a work queue says nothing: it goes when it is taken.
        now.messages = 0
        guard let known = found.known else {
            _ = try await remember(now, found)
            return
        }
        guard let trouble = known.trouble(found.standing) else {
            if now.last > known.last { _ = try await remember(now, found) }
            return
        }
        guard try await remember(now, found) else { return }
        StreamMetrics.lost.increment()
        var metadata: Logger.Metadata = [
            "stream": "\(found.stream.name)", "found": "\(trouble)",
        ]
        switch found.stream.content {
        case .commands, .replies:
            metadata["sagas"] = "\(await resend())"
            logger.warning(
                "a stream lost messages; open commands were sent again", metadata: metadata)
        case .deadLetters:
            logger.warning(
                "the stream of dead letters lost what was in it", metadata: metadata)
        case .events: preconditionFailure("Events are looked after by themselves.")
        }
    }

    func remember(_ knowledge: StreamKnowledge, _ found: KnownStream) async throws -> Bool {
        try await store.remember(
            StreamMemory(
                stream: found.stream.name, revision: found.revision, content: knowledge.text))
    }

    // MARK: Events

    private func checkEvents(
        _ found: KnownStream, _ witnesses: [StreamWitnesses.One], _ watch: inout StreamWatch
    ) async throws {
        let now = clock.now()
        let own = witnesses.last ?? watch.own
        let trouble = try await trouble(
            found, witnesses + [watch.own, watch.newest].compactMap { $0 })
        forget(witnesses, of: found.stream.name)
        // What another daemon published and the broker lost, both at one stroke, nobody remembers.
        let doubt: StreamTrouble? = watch.isCompared ? nil : .unverified(from: mistrusted(found))
        if let trouble = trouble ?? watch.trouble ?? doubt {
            // What is remembered is found again; what only this daemon has seen is not.
            watch.trouble = trouble.isOfWitness ? trouble : nil
            try await repair(found, trouble, &watch)
            return
        }
        watch.isRepairing = false
        watch.wholeAt = now
        watch.own = own
        watch.newest = try await newest(of: found)
        try await mark(found, &watch)
    }

    /// The place from which a stream is compared that this daemon has not looked at yet: before its
    /// newest mark, since what was sent again may lie under the very number of what was lost.
    private func mistrusted(_ found: KnownStream) -> UInt64 {
        let marks = found.known?.marks ?? []
        // Of a stream that is too long to be compared as a whole, the only mark is believed.
        guard marks.count > 1 || found.standing.messages <= limits.idsMax else { return .max }
        return marks.last?.number ?? .max
    }

    /// Marks at that message and behind it are not to be trusted where this daemon misses a message
    /// that it knows of: those made since it last saw the stream whole. Who made them may not have
    /// known that message, and have taken a stream for whole that had lost it.
    func unseen(_ found: KnownStream, since wholeAt: Instant?) -> UInt64 {
        guard let wholeAt else { return mistrusted(found) }
        let marks = found.known?.marks ?? []
        return marks.first { $0.at + limits.clockTolerance > wholeAt }?.number ?? .max
    }

    private func witnesses(of stream: String) -> [StreamWitnesses.One] {
        witnesses.withLock { $0[stream]?.all ?? [] }
    }

    /// Forgets messages that were looked for; until then they stay, whatever is away meanwhile.
    private func forget(_ seen: [StreamWitnesses.One], of stream: String) {
        witnesses.withLock { witnesses in
            var rest = StreamWitnesses()
            for one in witnesses[stream]?.all ?? [] where !seen.contains(one) {
                rest.add(one.number, one.id, limit: limits.witnesses)
            }
            witnesses[stream] = rest.all.isEmpty ? nil : rest
        }
    }

    private func newest(of found: KnownStream) async throws -> StreamWitnesses.One? {
        let last = found.standing.last
        guard found.standing.messages > 0,
            let id = try await bus.messageID(last, in: found.stream.name)
        else { return nil }
        return StreamWitnesses.One(number: last, id: id)
    }

    private func trouble(
        _ found: KnownStream, _ witnesses: [StreamWitnesses.One]
    ) async throws -> StreamTrouble? {
        guard let known = found.known else { return .unknown }
        if let trouble = known.trouble(found.standing) { return trouble }
        if let mark = known.marks.last, try await !found.holds(mark, on: bus) {
            return .replaced(mark.number)
        }
        for witness in witnesses {
            if witness.number > found.standing.last {
                return .wentBack(from: witness.number, to: found.standing.last)
            }
            if try await !found.has(witness.number, witness.id, on: bus) {
                return .replaced(witness.number)
            }
        }
        return nil
    }

    /// Writes down from time to time up to where the stream is whole.
    private func mark(_ found: KnownStream, _ watch: inout StreamWatch) async throws {
        guard var known = found.known else { return }
        let now = clock.now()
        if let newest = known.marks.last {
            let isMoved = found.standing.last > newest.number
            guard isMoved, now - newest.at >= limits.markEvery else { return }
        }
        guard let pending = watch.pending else {
            let place = try await store.feedEnd()
            watch.pending = (place, found.standing.last, clock.now())
            return
        }
        // What was recorded up to then, and is not in the outbox, was acknowledged.
        let bound = pending.at + limits.clockTolerance
        guard now > bound, try await !store.hasUnpublished(before: bound),
            let standing = try await bus.standing(of: found.stream.name),
            known.trouble(standing) == nil
        else { return }
        let id = try await bus.messageID(standing.last, in: found.stream.name)
        guard id != nil || standing.last == 0 else { return }
        known.last = standing.last
        known.messages = standing.messages
        known.add(
            StreamKnowledge.Mark(
                number: standing.last, floor: pending.floor, messageID: id, place: pending.place,
                at: now),
            limit: limits.marks)
        _ = try await remember(known, found)
        watch.pending = nil
    }
}

/// A stream as it stands, and what is remembered of it.
struct KnownStream {
    let stream: DaemonStream
    let standing: StreamStanding
    let known: StreamKnowledge?
    let revision: Int64

    /// Whether a mark still says that the stream is whole up to it.
    func holds(_ mark: StreamKnowledge.Mark, on bus: any Bus) async throws -> Bool {
        guard mark.number <= standing.last else { return false }
        guard let id = mark.messageID else { return true }
        return try await has(mark.number, id, on: bus)
    }

    /// Whether the message of that number is the one of that id, or was dropped by the limits.
    func has(_ number: UInt64, _ id: String, on bus: any Bus) async throws -> Bool {
        if let found = try await bus.messageID(number, in: stream.name) {
            return found.utf8.elementsEqual(id.utf8)
        }
        return standing.limits.dropMessages
    }
}

/// What a keeper knows of a stream beside what is remembered.
struct StreamWatch {
    /// A place of the event store, the stream's newest message before it, and when it was its end.
    var pending: (place: FeedPlace, floor: UInt64, at: Instant)?
    /// The newest message at the last look. Lost unacknowledged, it is sent again, and may come to
    /// lie under its number again when what lay before it does not.
    var newest: StreamWitnesses.One?
    /// What this daemon published last before a look. It was acknowledged: lost, it stays away.
    var own: StreamWitnesses.One?
    /// What was found to be wrong, until the stream is whole.
    var trouble: StreamTrouble?
    /// Whether this daemon has compared the stream with the event store behind its last mark.
    var isCompared = false
    /// When this daemon last saw the stream whole.
    var wholeAt: Instant?
    var isRepairing = false
    var isFailing = false
    /// Until when a repair that did not succeed is not tried again, and how long it waited last.
    var pausedUntil: Instant?
    var pause: Duration?
}

/// Some of the messages that a daemon published to a stream since the last look.
struct StreamWitnesses {
    struct One: Equatable {
        var number: UInt64
        var id: String
    }

    /// In the order in which they were published.
    private(set) var all: [One] = []
    /// Of how many one is kept, and how many have been passed over since.
    private var stride = 1
    private var passed = 0

    /// Adds one; where there are too many, every other one goes, and from then on as many come.
    mutating func add(_ number: UInt64, _ id: String, limit: Int) {
        passed += 1
        guard passed >= stride else { return }
        passed = 0
        all.append(One(number: number, id: id))
        guard all.count > limit else { return }
        all = all.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        if limit % 2 == 0 { passed = stride }
        stride *= 2
    }
}

/// What is counted of streams.
enum StreamMetrics {
    static let lost = Counter(label: "sagad_streams_lost_total")
    static let uncompared = Gauge(label: "sagad_streams_uncompared")
    static let resent = Counter(label: "sagad_events_resent_total")
}
