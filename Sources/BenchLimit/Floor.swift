import Glibc
import NATS
import SagaCore
import SagaRuntime
import Synchronization

/// Stores and sends what a daemon does for order sagas, in the same batches, and decides nothing:
/// which transition comes next stands in the reply's subject.
final class Floor: Sendable {
    /// How much there is to do.
    struct Limits: Sendable {
        var sagas: Int
        /// The number of the first of them.
        var first: Int
        /// The most sagas that are on their way.
        var inFlight: Int
        /// How many pipelines of commits run side by side.
        var lanes: Int
    }

    /// What a lane does next.
    enum Work: Sendable {
        case start(NumberedSaga)
        case reply(NumberedSaga, place: Int, Delivery)
    }

    /// An event that is stored.
    struct StoredEvent: Sendable {
        var saga: NumberedSaga
        var place: Int
        var recordedAt: Instant
    }

    /// The daemon's own bounds.
    private static let batch = CoordinatorLimits().batchTransitions
    private static let replyConsumer = "sagad"
    private static let replyStream = "SAGA_REPLIES"
    private static let wakeUpAfter: Duration = .seconds(24 * 3600)

    let copies: Copies
    let store: any Store
    let limits: Limits
    let sending: Sending
    private let replies: PullConsumer
    private let lanes: [Mailbox<Work>]
    private let progress = Mutex(Progress())

    private struct Progress {
        var started = 0
        var ended = 0
        var commits = 0
        var finish: ContinuousClock.Instant?
        /// Processor time at that moment, in seconds.
        var processor = 0.0
    }

    init(
        store: any Store, connection: Connection, recording: Recording, limits: Limits
    ) async throws {
        self.store = store
        self.limits = limits
        copies = Copies(recording: recording, wakeAt: Self.now() + Self.wakeUpAfter)
        sending = Sending(
            copies: copies, store: store, publisher: try await Publisher(connection))
        var options = PullConsumer.Options()
        options.headers = []
        replies = try await PullConsumer(
            connection, stream: Self.replyStream, durable: Self.replyConsumer, options: options)
        lanes = (0..<limits.lanes).map { _ in Mailbox() }
    }

    /// Runs all sagas; tells what they took as soon as the last one has ended, and returns once
    /// everything of them is stored and sent.
    func run(tell: @escaping @Sendable (FloorFigures) -> Void) async throws {
        let before = Self.processorSeconds()
        let start = ContinuousClock.now
        let reading = Task { @concurrent in await self.readReplies() }
        admit(limits.inFlight)
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.sending.run() }
            try await withThrowingTaskGroup { pipelines in
                for lane in lanes { pipelines.addTask { try await self.work(lane) } }
                try await pipelines.waitForAll()
            }
            let progress = progress.withLock { $0 }
            tell(
                FloorFigures(
                    sagas: limits.sagas, elapsed: (progress.finish ?? .now) - start,
                    processorSeconds: progress.processor - before, commits: progress.commits))
            sending.close()
            try await group.waitForAll()
        }
        replies.close()
        await reading.value
    }

    /// Lets that many more sagas start, as far as there are any.
    private func admit(_ count: Int) {
        let numbers = progress.withLock { progress in
            let first = progress.started
            progress.started = min(limits.sagas, first + count)
            return (limits.first + first)..<(limits.first + progress.started)
        }
        for (place, lane) in lanes.enumerated() {
            let own = numbers.filter { $0 % lanes.count == place }
            lane.put(own.map { .start(NumberedSaga($0)) })
        }
    }

    private func readReplies() async {
        for await batch in replies {
            var works = [[Work]](repeating: [], count: lanes.count)
            for delivery in batch {
                // What came before was dealt with, or is under way.
                guard delivery.deliveryCount == 1, let work = Self.work(delivery) else {
                    delivery.ack()
                    continue
                }
                works[work.saga.number % lanes.count].append(
                    .reply(work.saga, place: work.place, delivery))
            }
            for (lane, own) in zip(lanes, works) { lane.put(own) }
        }
    }

    private static func work(_ delivery: Delivery) -> (saga: NumberedSaga, place: Int)? {
        let parts = delivery.subject.split(separator: ".")
        guard parts.count == 5, let command = CommandID(String(parts[3])) else { return nil }
        return NumberedSaga.reading(command)
    }

    private func work(_ lane: Mailbox<Work>) async throws {
        while true {
            let batch = await lane.take(limit: Self.batch)
            if batch.isEmpty { return }
            let starts = batch.compactMap { work -> NumberedSaga? in
                if case .start(let saga) = work { return saga }
                return nil
            }
            async let stored: Void = start(starts)
            try await commit(batch)
            try await stored
        }
    }

    private func start(_ sagas: [NumberedSaga]) async throws {
        guard !sagas.isEmpty else { return }
        let now = Self.now()
        let answers = try await store.start(sagas.map { copies.start($0, at: now) })
        guard answers.allSatisfy({ if case .started = $0 { true } else { false } }) else {
            throw FloorFailure(what: "a start was not stored: \(answers.prefix(3))")
        }
        progress.withLock { $0.commits += 1 }
        sending.commands.put(sagas.map { ($0, 0) })
        sending.put(sagas.map { StoredEvent(saga: $0, place: 0, recordedAt: now) })
    }

    private func commit(_ batch: [Work]) async throws {
        var told: [(saga: NumberedSaga, place: Int, delivery: Delivery)] = []
        for case .reply(let saga, let place, let delivery) in batch {
            told.append((saga, place + 1, delivery))
        }
        guard !told.isEmpty else { return }
        let now = Self.now()
        let answers = try await store.commit(
            told.map { copies.transition($0.saga, $0.place, at: now) })
        guard answers.allSatisfy({ if case .committed = $0 { true } else { false } }) else {
            throw FloorFailure(what: "a transition was not stored: \(answers.prefix(3))")
        }
        told.map(\.delivery).ackAll()
        let last = Recording.transitions - 1
        sending.commands.put(told.filter { $0.place < last }.map { ($0.saga, $0.place) })
        sending.put(told.map { StoredEvent(saga: $0.saga, place: $0.place, recordedAt: now) })
        note(ended: told.count { $0.place == last })
    }

    private func note(ended: Int) {
        let isOver = progress.withLock { progress in
            progress.commits += 1
            progress.ended += ended
            guard progress.ended == limits.sagas, progress.finish == nil else { return false }
            progress.finish = .now
            progress.processor = Self.processorSeconds()
            return true
        }
        admit(ended)
        if isOver { for lane in lanes { lane.close() } }
    }

    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What the floor took.
struct FloorFigures: Sendable {
    var sagas: Int
    /// Until the last saga had ended.
    var elapsed: Duration
    /// The processor time of this half meanwhile, in seconds.
    var processorSeconds: Double
    /// How many transactions stored starts or transitions.
    var commits: Int

    /// The line that the bench reads.
    var json: Value {
        .map(
            Members([
                ("sagas", .int(Int64(sagas))), ("seconds", .double(elapsed / .seconds(1))),
                ("processor_seconds", .double(processorSeconds)), ("commits", .int(Int64(commits))),
            ]))
    }
}

/// Why the floor gave up.
struct FloorFailure: Error, CustomStringConvertible {
    var what: String

    var description: String {
        "\(what): the database or the broker holds something else of these sagas"
    }
}
