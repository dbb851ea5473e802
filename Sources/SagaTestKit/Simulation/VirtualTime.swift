import Glibc
import SagaCore
import SagaRuntime
import Synchronization

/// One thread and one clock for all tasks of a simulation.
///
/// Among the jobs that can run, the dice choose. Where none can, time jumps to the next sleeper:
/// between two wake-ups everything takes no time at all.
final class VirtualTime: TaskExecutor, SagaClock {
    enum Waking {
        case task(UnsafeContinuation<Void, any Error>)
        case call(@Sendable () -> Void)
    }

    struct State {
        var now: Instant
        var ready: [UnownedJob] = []
        /// A binary heap of what is to come.
        var heap: [(at: Int64, number: Int)] = []
        var wakings: [Int: Waking] = [:]
        /// Sleepers whose task was cancelled before they lay down.
        var cancelled: Set<Int> = []
        var numbers = 0
        var steps = 0
        var thread: pthread_t?
        var isForeign = false
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var lines: [String]?
    }

    private let state: Mutex<State>
    private let dice: Dice
    private let start: Instant

    /// A clock that begins at that time.
    ///
    /// - Parameter keepsLines: whether what is told to ``trace(_:)`` is kept in words.
    init(_ start: Instant, dice: Dice, keepsLines: Bool) {
        self.start = start
        self.dice = dice
        state = Mutex(State(now: start, lines: keepsLines ? [] : nil))
    }

    // MARK: The clock

    func now() -> Instant { state.withLock { $0.now } }

    func uptime() -> Duration { now() - start }

    func sleep(until instant: Instant) async throws {
        let number = state.withLock { state in
            state.numbers += 1
            return state.numbers
        }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation {
                (continuation: UnsafeContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(number) != nil { return true }
                    state.set(number, max(instant, state.now), .task(continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> UnsafeContinuation<Void, any Error>? in
                guard case .task(let continuation)? = state.wakings.removeValue(forKey: number)
                else {
                    state.cancelled.insert(number)
                    return nil
                }
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
        state.withLock { _ = $0.cancelled.remove(number) }
    }

    /// Waits that long, whether or not the task is cancelled meanwhile.
    func wait(_ duration: Duration) async {
        await withUnsafeContinuation { continuation in
            after(duration) { continuation.resume() }
        }
    }

    /// Calls back after that time.
    func after(_ duration: Duration, _ call: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.numbers += 1
            state.set(state.numbers, state.now + duration, .call(call))
        }
    }

    // MARK: The thread

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { state in
            if let thread = state.thread, thread != pthread_self() { state.isForeign = true }
            state.ready.append(job)
        }
    }

    /// Runs everything on the calling thread until the body has returned; answers why it could not,
    /// or nil.
    func run(stepsMax: Int, _ body: @escaping @Sendable () async -> Void) -> String? {
        let isOver = Flag()
        state.withLock { $0.thread = pthread_self() }
        Task(executorPreference: self) {
            await body()
            isOver.raise()
        }
        while !isOver.isRaised {
            guard let job = takeJob() else {
                if wakeNext() { continue }
                return "nothing can go on, and nobody sleeps, although the simulation is not over"
            }
            job.runSynchronously(on: asUnownedTaskExecutor())
            if steps > stepsMax { return "the simulation did not end within \(stepsMax) steps" }
        }
        return state.withLock { state in
            // What is still to come holds on to all that it would touch.
            state.wakings = [:]
            return state.isForeign ? "a job came from another thread: seeds do not repeat" : nil
        }
    }

    /// How many jobs ran.
    var steps: Int { state.withLock { $0.steps } }

    private func takeJob() -> UnownedJob? {
        state.withLock { state in
            guard !state.ready.isEmpty else { return nil }
            state.steps += 1
            let place = state.ready.count == 1 ? 0 : dice.below(state.ready.count)
            state.ready.swapAt(place, state.ready.count - 1)
            return state.ready.removeLast()
        }
    }

    /// Wakes those whose time comes next; false where nobody sleeps.
    private func wakeNext() -> Bool {
        let due = state.withLock { $0.takeNext() }
        for waking in dice.shuffled(due) {
            switch waking {
            case .task(let continuation): continuation.resume()
            case .call(let call): call()
            }
        }
        return !due.isEmpty
    }

    // MARK: What happened

    /// Notes that something happened, for the hash by which two runs are compared.
    func trace(_ words: String) {
        state.withLock { state in
            state.mix(UInt64(bitPattern: state.now.microseconds))
            state.mix(UInt64(state.steps))
            for byte in words.utf8 { state.mix(UInt64(byte)) }
            state.lines?.append("\((state.now - start).secondsText) \(words)")
        }
    }

    /// A number that tells what happened in which order.
    var hash: UInt64 { state.withLock { $0.hash } }

    /// What happened in words, where these were kept.
    var lines: [String] { state.withLock { $0.lines ?? [] } }
}

extension VirtualTime.State {
    mutating func mix(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01B3 }

    mutating func set(_ number: Int, _ at: Instant, _ waking: VirtualTime.Waking) {
        wakings[number] = waking
        heap.append((at.microseconds, number))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes what comes next, all of it that comes at one time; moves the clock there.
    mutating func takeNext() -> [VirtualTime.Waking] {
        var taken: [VirtualTime.Waking] = []
        while let first = heap.first, taken.isEmpty || first.at <= now.microseconds {
            pop()
            guard let waking = wakings.removeValue(forKey: first.number) else { continue }
            now = max(now, Instant(microseconds: first.at))
            taken.append(waking)
        }
        return taken
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child] < heap[least] { least = child }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

/// Something that is raised once, and that may be waited for.
final class Flag: Sendable {
    struct State {
        var isRaised = false
        var waiting: [UnsafeContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isRaised: Bool { state.withLock { $0.isRaised } }

    func raise() {
        let waiting = state.withLock { state in
            state.isRaised = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until it is raised, whether or not the task is cancelled.
    func wait() async {
        await withUnsafeContinuation { continuation in
            let isRaised = state.withLock { state in
                if !state.isRaised { state.waiting.append(continuation) }
                return state.isRaised
            }
            if isRaised { continuation.resume() }
        }
    }
}
