import PostgreSQL
import SagaCore
import SagaRuntime

extension CockroachStore {
    /// How often a statement is run at most; where many write to the same aggregates, each run has
    /// one winner, and the others come again.
    static let triesMax = 40
    /// The shortest and the longest wait before it is run again, and the time for all tries.
    static let waitMin: Duration = .milliseconds(5)
    static let waitMax: Duration = .seconds(1)
    static let budget: Duration = .seconds(10)

    /// Runs a statement until the database has an answer to it.
    ///
    /// Every statement here may be run again: a conflict is run again, and so is one whose outcome
    /// is unknown, since the version check and the unique keys let nothing happen twice.
    /// - Throws: ``PostgresError`` for what a single row is to blame for; ``StoreError`` otherwise.
    func run(
        _ pool: ConnectionPool, _ statement: Statement, _ parameters: Parameters = Parameters()
    ) async throws -> Rows {
        let end = ContinuousClock.now + Self.budget
        for attempt in 1... {
            do throws(PostgresError) {
                return try await pool.execute(statement, parameters)
            } catch {
                switch error.kind {
                case .uniqueViolation, .unencodable: throw error
                case .refused, .other: throw StoreError(error)
                case .retry, .unknownOutcome, .notSent, .resources: break
                }
                let wait = Self.wait(after: attempt)
                guard attempt < Self.triesMax, ContinuousClock.now + wait < end else {
                    throw StoreError(error)
                }
                try await pause(wait, after: error)
            }
        }
        preconditionFailure("The tries are counted.")
    }

    /// Runs a statement once: for questions whose answer is wanted now or not at all.
    func once(
        _ pool: ConnectionPool, _ statement: Statement, _ parameters: Parameters = Parameters()
    ) async throws -> Rows {
        do throws(PostgresError) {
            return try await pool.execute(statement, parameters)
        } catch {
            throw StoreError(error)
        }
    }

    /// Waits; a caller that is cancelled meanwhile is told the failure.
    private func pause(
        _ wait: Duration, after failure: PostgresError
    ) async throws(StoreError) {
        do {
            try await Task.sleep(for: wait)
        } catch {
            throw StoreError(failure)
        }
    }

    /// Full jitter over a doubling wait.
    private static func wait(after attempt: Int) -> Duration {
        let longest = min(waitMin * (1 << min(attempt, 10)), waitMax)
        return .microseconds(Int64.random(in: 0...longest.microseconds))
    }

    /// What of a row cannot be read is a bug or a foreign table.
    func decoded<Result>(
        _ body: () throws(PostgresError) -> Result
    ) throws(StoreError) -> Result {
        do throws(PostgresError) {
            return try body()
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    init(_ error: PostgresError) {
        switch error.kind {
        case .refused: self.init(.refused, "the database refuses: \(error)")
        case .other where error.sqlstate == "42P01" || error.sqlstate == "42703":
            self.init(
                .schema,
                "the tables are not those of this program: \(error.message): run `sagad migrate`")
        case .other where error.sqlstate == "25006":
            self.init(.unavailable, "the database takes no writes at present: \(error)")
        case .other where error.sqlstate == "42501":
            self.init(.refused, "the database does not allow it: \(error)")
        case .other, .uniqueViolation, .unencodable: self.init(.unexpected, "\(error)")
        case .retry, .unknownOutcome, .notSent, .resources:
            self.init(.unavailable, "the database does not answer: \(error)")
        }
    }
}
