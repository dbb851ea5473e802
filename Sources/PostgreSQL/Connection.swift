/// One connection to the database; its calls run on a thread of its own and wait there.
///
/// It connects on `open` or `refresh`, survives the loss of its connection, and can then be opened
/// again. Calls run one after the other in the order of their arrival.
package actor Connection {
    /// A statement with its parameters, to be run in a transaction with others.
    package struct Step: Sendable {
        /// What to run.
        package let statement: Statement
        /// The values of its placeholders.
        package let parameters: Parameters

        /// Pairs a statement with its parameters.
        package init(_ statement: Statement, _ parameters: Parameters = Parameters()) {
            self.statement = statement
            self.parameters = parameters
        }
    }

    private let settings: ConnectionSettings
    private let thread: ConnectionThread
    private var session: Session?

    /// The connection's own thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Starts the thread, not yet the connection; throws `.resources` when there is no thread.
    package init(settings: ConnectionSettings) throws(PostgresError) {
        self.settings = settings
        thread = try ConnectionThread.start()
    }

    isolated deinit {
        session = nil
        thread.stop()
    }

    // MARK: Opening and closing

    /// Connects anew, giving up a present connection.
    ///
    /// Takes at most the connect timeout for each host of the URL. Throws `.refused` when the
    /// server does not admit us, `.notSent` when it cannot be reached, `.resources` when it is full.
    package func open() throws(PostgresError) {
        session = nil
        session = try Session.open(settings)
    }

    /// Makes sure of a connection: connects when there is none, or it is broken, or past its lifetime.
    ///
    /// Tries once; throws as `open` does. Costs no round trip when the connection is in order.
    package func refresh() throws(PostgresError) {
        if let session, session.isUsable(), !session.isWorn { return }
        try open()
    }

    /// Ends the connection; an open transaction is rolled back by the server.
    package func close() {
        session = nil
    }

    /// Whether there is a connection and the server has not hung up.
    package func isOpen() -> Bool {
        session?.isUsable() ?? false
    }

    /// CockroachDB's version; nil on PostgreSQL and without a connection.
    package func cockroachVersion() -> String? {
        session?.parameterStatus("crdb_version")
    }

    // MARK: Statements

    /// Prepares a statement without running it, unless it is prepared already.
    package func prepare(_ statement: Statement) throws(PostgresError) {
        try using(statement.name) { (session) throws(PostgresError) in
            if try session.preparedName(of: statement) == nil { _ = try session.prepare(statement) }
        }
    }

    /// Runs a prepared statement, preparing it first where this connection has not yet done so.
    ///
    /// When the schema has changed under a prepared statement, it is prepared again, once.
    package func execute(
        _ statement: Statement, _ parameters: Parameters = Parameters()
    ) throws(PostgresError) -> Rows {
        try using(statement.name) { (session) throws(PostgresError) in
            try Self.run(statement, parameters, in: session)
        }
    }

    /// Runs one statement by its text, such as one of a migration, or `BEGIN` and `COMMIT`.
    package func execute(
        _ sql: String, _ parameters: Parameters = Parameters()
    ) throws(PostgresError) -> Rows {
        try using(nil) { (session) throws(PostgresError) in
            let reach = Reach(of: sql, inTransaction: session.isInTransaction)
            return try session.run(.text(sql, parameters), reach: reach)
        }
    }

    /// Runs the steps in one transaction and commits it; the rows of each step come in order.
    ///
    /// On an error nothing is committed, but for the kind `.unknownOutcome` of the commit itself.
    package func transaction(_ steps: [Step]) throws(PostgresError) -> [Rows] {
        _ = try execute("BEGIN")
        var results: [Rows] = []
        do throws(PostgresError) {
            for step in steps {
                results.append(try execute(step.statement, step.parameters))
            }
            let end = try execute("COMMIT")
            guard end.tag == "COMMIT" else {
                throw PostgresError(
                    kind: .retry, message: "the server answered COMMIT with \(end.tag)")
            }
        } catch {
            rollBack()
            throw error
        }
        return results
    }

    /// Rolls back an open transaction; when that fails, the connection is given up.
    package func rollBack() {
        guard let session, session.isInTransaction else { return }
        do {
            _ = try session.run(.text("ROLLBACK", Parameters()), reach: .commitsNothing)
        } catch {
            self.session = nil
        }
    }

    /// Does what `refresh` and `execute` do, in one visit to the thread.
    ///
    /// When the server hangs up just before the statement is sent, it is sent on a new connection.
    func refreshAndExecute(
        _ statement: Statement, _ parameters: Parameters
    ) throws(PostgresError) -> Rows {
        try refresh()
        do throws(PostgresError) {
            return try execute(statement, parameters)
        } catch {
            guard error.kind == .notSent else { throw error }
            try open()
            return try execute(statement, parameters)
        }
    }

    // MARK: Running

    /// Lends the session, gives it up when it turns out broken, and names the statement in errors.
    private func using<Value>(
        _ name: String?, _ body: (Session) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        guard let session else {
            throw PostgresError(
                kind: .notSent, message: "there is no connection to the database: open it first",
                statement: name)
        }
        do throws(PostgresError) {
            return try body(session)
        } catch {
            if !session.isUsable() { self.session = nil }
            guard let name else { throw error }
            throw error.of(statement: name)
        }
    }

    private static func run(
        _ statement: Statement, _ parameters: Parameters, in session: Session
    ) throws(PostgresError) -> Rows {
        if let mismatch = statement.mismatch(with: parameters) {
            throw PostgresError(kind: .other, message: mismatch)
        }
        let known = try session.preparedName(of: statement)
        let name: String
        if let known { name = known } else { name = try session.prepare(statement) }
        let inTransaction = session.isInTransaction
        let reach = Reach(of: statement.sql, inTransaction: inTransaction)
        do throws(PostgresError) {
            return try session.run(.prepared(name, parameters), reach: reach)
        } catch {
            guard known != nil, Self.stalePlanCodes.contains(error.sqlstate ?? "") else {
                throw error
            }
            session.discard(statement)
            if inTransaction { throw error.madeRetryable }
            let newName = try session.prepare(statement)
            return try session.run(.prepared(newName, parameters), reach: reach)
        }
    }

    /// The plan no longer fits the schema, or the server has forgotten the statement.
    private static let stalePlanCodes: Set<String> = ["0A000", "26000"]
}
