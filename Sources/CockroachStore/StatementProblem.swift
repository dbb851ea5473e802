import PostgreSQL

/// A statement that the database does not take.
package struct StatementProblem: Hashable, Sendable {
    /// The statement's name; empty where the database could not be asked.
    package var statement: String
    /// The five characters of the SQL standard, where the server gave them.
    package var sqlstate: String?
    /// What the server says.
    package var message: String
}

extension CockroachStore {
    /// The statements that the database does not take, found by preparing each without running it.
    ///
    /// Where the connection fails, that is the last problem, and the rest was not asked.
    package func unpreparable() async -> [StatementProblem] {
        var problems: [StatementProblem] = []
        do {
            try await reading.with { connection in
                for statement in Statements.all {
                    if let problem = try await self.problem(of: statement, on: connection) {
                        problems.append(problem)
                    }
                }
            }
        } catch let error as PostgresError {
            problems.append(
                StatementProblem(
                    statement: error.statement ?? "", sqlstate: error.sqlstate,
                    message: error.message))
        } catch {
            problems.append(StatementProblem(statement: "", message: "\(error)"))
        }
        return problems
    }

    private func problem(
        of statement: Statement, on connection: Connection
    ) async throws -> StatementProblem? {
        do throws(PostgresError) {
            try await connection.prepare(statement)
            return nil
        } catch {
            switch error.kind {
            case .notSent, .unknownOutcome, .refused: throw error
            case .retry, .uniqueViolation, .unencodable, .resources, .other:
                return StatementProblem(
                    statement: statement.name, sqlstate: error.sqlstate, message: error.message)
            }
        }
    }
}
