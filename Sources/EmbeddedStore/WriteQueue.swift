import GRDB
import SagaRuntime
import Synchronization

/// The calls that wait to write, and what lets them share transactions.
///
/// While one transaction is synced to disk, calls gather; the next takes all of them at once. The
/// work runs on the writing connection's own queue, never on a task's thread.
final class WriteQueue: Sendable {
    /// The most calls that wait; one more is refused as ``StoreError/Kind/unavailable``.
    static let waitingCallsMax = 4096
    /// The rows after which a transaction takes no further call.
    static let groupRowsMax = 1024

    /// A call that waits. Its answer is handed out only once its transaction is on disk.
    private struct Call: Sendable {
        let rows: Int
        /// Writes, and answers what hands the answer out.
        let attempt: @Sendable (Writer) throws -> @Sendable () -> Void
        let fail: @Sendable (StoreError) -> Void
    }

    private struct State {
        var waiting: [Call] = []
        /// Whether a transaction runs or is about to, which will look at `waiting` afterwards.
        var isRunning = false
    }

    private let pool: DatabasePool
    private let path: String
    private let state = Mutex(State())

    init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    /// How many calls wait that no transaction took yet.
    var waitingCalls: Int { state.withLock { $0.waiting.count } }

    /// Whether a transaction runs or is about to.
    var isBusy: Bool { state.withLock { $0.isRunning } }

    /// Writes in a transaction that may be shared; answers once it is on disk.
    ///
    /// The work may run more than once, but its writes are kept once. A cancelled task still waits
    /// for its answer: others share the transaction.
    func perform<Answer: Sendable>(
        rows: Int = 1, _ work: @escaping @Sendable (Writer) throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            add(
                Call(
                    rows: rows,
                    attempt: { writer in
                        let answer = try work(writer)
                        return { continuation.resume(returning: answer) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    /// Runs something on the writing connection, outside of any transaction.
    func exclusively(_ work: @escaping @Sendable (Database) throws -> Void) async throws {
        let path = path
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Result { try work(database) }.mapError { StoreError($0, path: path) })
            }
        }
    }

    /// Waits for what runs and closes all connections.
    func close() async {
        let pool = pool
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { _ in continuation.resume() }
        }
        await Self.closeConnections(of: pool)
    }

    /// Closing waits for the readers, so it is kept off the tasks' threads.
    private static func closeConnections(of pool: DatabasePool) async {
        await withCheckedContinuation { continuation in
            pool.asyncRead { _ in continuation.resume() }
        }
        // Fails only where a statement still runs, which then ends with the process.
        try? pool.close()
    }

    private func add(_ call: Call) {
        enum Verdict { case waits, begins, refused }
        let verdict: Verdict = state.withLock { state in
            guard state.waiting.count < Self.waitingCallsMax else { return .refused }
            state.waiting.append(call)
            defer { state.isRunning = true }
            return state.isRunning ? .waits : .begins
        }
        switch verdict {
        case .waits: break
        case .begins: runNext()
        case .refused:
            call.fail(
                StoreError(
                    .unavailable,
                    "\(Self.waitingCallsMax) calls wait to write to \(path) already: try later"))
        }
    }

    private func runNext() {
        pool.asyncWriteWithoutTransaction { database in
            self.run(self.takeGroup(), in: database)
            let isMore = self.state.withLock { state in
                state.isRunning = !state.waiting.isEmpty
                return state.isRunning
            }
            if isMore { self.runNext() }
        }
    }

    private func takeGroup() -> [Call] {
        state.withLock { state in
            var rows = 0
            let group = state.waiting.prefix { call in
                let fits = rows == 0 || rows + call.rows <= Self.groupRowsMax
                rows += call.rows
                return fits
            }
            state.waiting.removeFirst(group.count)
            return Array(group)
        }
    }

    /// Runs a group as one transaction; where a row breaks a rule of the tables, again with each
    /// row under a savepoint, so that only that row is left out.
    private func run(_ group: [Call], in database: Database) {
        do {
            let answers: [@Sendable () -> Void]
            do {
                answers = try attempt(group, in: database, guardsRows: false)
            } catch let error as DatabaseError where error.isOfOneRow {
                answers = try attempt(group, in: database, guardsRows: true)
            }
            for answer in answers { answer() }
        } catch {
            let fault = StoreError(error, path: path)
            for call in group { call.fail(fault) }
        }
    }

    private func attempt(
        _ group: [Call], in database: Database, guardsRows: Bool
    ) throws -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        answers.reserveCapacity(group.count)
        try database.inTransaction(.immediate) {
            let writer = Writer(database, guardsRows: guardsRows)
            for call in group { answers.append(try call.attempt(writer)) }
            return .commit
        }
        return answers
    }
}
