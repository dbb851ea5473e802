import Synchronization

/// A fixed number of connections, handed out one caller each, in the order of asking.
///
/// A connection is checked without a round trip when it is handed out, and replaced when it is
/// broken or past its lifetime; that is tried once, and its failure is the caller's.
package final class ConnectionPool: Sendable {
    /// How the connections are in use at a moment.
    package struct Occupancy: Sendable, Equatable {
        /// How many are handed out.
        package let inUse: Int
        /// How many callers wait for one.
        package let waiting: Int
    }

    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Result<Connection, PostgresError>, Never>
    }

    private struct State {
        var idle: [Connection]
        var waiters: [Waiter] = []
        var nextTicket: UInt64 = 0
        var inUse = 0
        var isClosed = false
    }

    /// The most connections that a pool may have.
    package static let largestSize = 64
    /// How many callers may wait at once; the next is turned away with `.resources`.
    package static let longestQueue = 1_024

    /// How many connections there are at most.
    package let size: Int
    private let state: Mutex<State>

    /// Makes a pool of 1 to `largestSize` connections, none of them connected yet.
    ///
    /// Throws `.resources` when the machine has no threads for them.
    package init(settings: ConnectionSettings, size: Int) throws(PostgresError) {
        guard (1...Self.largestSize).contains(size) else {
            preconditionFailure("a pool has 1 to \(Self.largestSize) connections")
        }
        self.size = size
        var connections: [Connection] = []
        for _ in 0..<size {
            connections.append(try Connection(settings: settings))
        }
        state = Mutex(State(idle: connections))
    }

    /// How the connections are in use now.
    package var occupancy: Occupancy {
        state.withLock { Occupancy(inUse: $0.inUse, waiting: $0.waiters.count) }
    }

    /// Runs one statement on the next free connection, as a transaction of its own.
    ///
    /// Throws what connecting and the statement throw; also `.notSent` when the caller's task is
    /// cancelled while it waits or the pool is closed, and `.resources` when too many wait.
    package func execute(
        _ statement: Statement, _ parameters: Parameters = Parameters()
    ) async throws(PostgresError) -> Rows {
        let connection = try await checkOut()
        defer { checkIn(connection) }
        return try await connection.refreshAndExecute(statement, parameters)
    }

    /// Runs several statements in one transaction on the next free connection.
    ///
    /// Throws as `execute` does.
    package func transaction(
        _ steps: [Connection.Step]
    ) async throws(PostgresError) -> [Rows] {
        let connection = try await checkOut()
        defer { checkIn(connection) }
        try await connection.refresh()
        return try await connection.transaction(steps)
    }

    /// Lends the next free connection, connected, for the time of the closure.
    ///
    /// It must not be kept beyond it. A transaction left open is rolled back. Throws what the
    /// closure throws, and what `execute` throws before it.
    package func with<Value>(
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let connection = try await checkOut()
        defer { checkIn(connection) }
        try await connection.refresh()
        do {
            let value = try await body(connection)
            await connection.rollBack()
            return value
        } catch {
            await connection.rollBack()
            throw error
        }
    }

    /// Ends the idle connections and turns all waiting and later callers away with `.notSent`.
    ///
    /// A connection that is in use ends when it comes back.
    package func close() async {
        let (idle, waiters) = state.withLock { state in
            defer {
                state.isClosed = true
                state.idle = []
                state.waiters = []
            }
            return (state.idle, state.waiters)
        }
        for waiter in waiters {
            waiter.continuation.resume(returning: .failure(Self.closed))
        }
        for connection in idle {
            await connection.close()
        }
    }

    // MARK: Handing out

    private static let closed = PostgresError(
        kind: .notSent, message: "the connection pool was closed")
    private static let cancelled = PostgresError(
        kind: .notSent, message: "the caller was cancelled while it waited for a connection")

    private func checkOut() async throws(PostgresError) -> Connection {
        let ticket = state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                admit(Waiter(ticket: ticket, continuation: continuation))
            }
        } onCancel: {
            withdraw(ticket)
        }
        return try result.get()
    }

    /// Gives a caller a connection, a place in the queue, or a refusal.
    private func admit(_ waiter: Waiter) {
        let answer: Result<Connection, PostgresError>? = state.withLock { state in
            if state.isClosed { return .failure(Self.closed) }
            if Task.isCancelled { return .failure(Self.cancelled) }
            if let connection = state.idle.popLast() {
                state.inUse += 1
                return .success(connection)
            }
            guard state.waiters.count < Self.longestQueue else { return .failure(overcrowded) }
            state.waiters.append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func withdraw(_ ticket: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else {
                return nil
            }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: .failure(Self.cancelled))
    }

    private func checkIn(_ connection: Connection) {
        let next: Waiter? = state.withLock { state in
            if !state.waiters.isEmpty { return state.waiters.removeFirst() }
            state.inUse -= 1
            if !state.isClosed { state.idle.append(connection) }
            return nil
        }
        next?.continuation.resume(returning: .success(connection))
    }

    private var overcrowded: PostgresError {
        PostgresError(
            kind: .resources,
            message: "\(Self.longestQueue) callers wait already for one of \(size) connections")
    }
}
