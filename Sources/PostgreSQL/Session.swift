import Cpq

/// One libpq connection, from its handshake to its end.
///
/// It is not Sendable: the `Connection` that holds it uses it on one thread only. The handle stays
/// inside and is freed in `deinit`; results are copied out and freed before a method returns.
final class Session {
    /// What is sent in one go.
    enum Request {
        /// Several statements without parameters; their results are dropped.
        case script(String)
        /// One statement by its text.
        case text(String, Parameters)
        /// A statement to be kept under a name by the server.
        case prepare(Statement, as: String)
        /// A statement that was prepared under the name.
        case prepared(String, Parameters)
    }

    /// How often the socket is emptied in one look at an idle connection.
    private static let readsPerLook = 8

    private let handle: OpaquePointer
    private let answerTimeout: Duration
    private let wornAt: ContinuousClock.Instant
    private var isCut = false
    /// What the server holds prepared, by the statement's name.
    private var prepared: [String: (sql: String, serverName: String)] = [:]
    /// How many prepared statements were discarded.
    private var replacements = 0

    /// Takes over a handle that has connected.
    init(adopting handle: OpaquePointer, settings: ConnectionSettings) {
        self.handle = handle
        answerTimeout = settings.answerTimeout
        wornAt = .now + settings.drawLifetime()
    }

    deinit {
        PQfinish(handle)
    }

    // MARK: State

    /// Whether it has lived longer than it should.
    var isWorn: Bool { ContinuousClock.now >= wornAt }

    /// Whether a transaction is open, be it a failed one.
    var isInTransaction: Bool {
        let status = PQtransactionStatus(handle)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// A parameter that the server reported, such as `server_version`; nil when it did not.
    func parameterStatus(_ name: String) -> String? {
        PQparameterStatus(handle, name).map { String(cString: $0) }
    }

    /// Whether it can be sent to; finds out without a round trip if the server has hung up.
    func isUsable() -> Bool {
        for _ in 0..<Self.readsPerLook {
            guard !isCut, PQstatus(handle) == CONNECTION_OK else { return false }
            guard Socket.hasUnread(PQsocket(handle)) else { return true }
            guard PQconsumeInput(handle) == 1 else { return false }
            // Takes what came unasked, such as a notice or the server's farewell, out of the buffer.
            _ = PQisBusy(handle)
        }
        return false
    }

    // MARK: Prepared statements

    /// The name under which the server holds the statement; nil when it is still to be prepared.
    func preparedName(of statement: Statement) throws(PostgresError) -> String? {
        guard let known = prepared[statement.name] else { return nil }
        guard known.sql == statement.sql else {
            throw PostgresError(
                kind: .other,
                message: "two different statements bear this name: give each its own")
        }
        return known.serverName
    }

    /// Has the server parse a statement and keep it; returns the name that it has there.
    func prepare(_ statement: Statement) throws(PostgresError) -> String {
        let serverName =
            replacements == 0 ? statement.name : "\(statement.name)#\(replacements)"
        _ = try run(.prepare(statement, as: serverName), reach: .commitsNothing)
        prepared[statement.name] = (statement.sql, serverName)
        return serverName
    }

    /// Takes a statement for unprepared, so that its next use prepares it under a new name.
    ///
    /// What the server may still hold under the old name goes with the connection: freeing it would
    /// fail, and spoil an open transaction, where the server has forgotten it.
    func discard(_ statement: Statement) {
        prepared[statement.name] = nil
        replacements += 1
    }

    // MARK: Sending

    /// Sends a request and waits for all of its answer; the last result counts.
    ///
    /// Throws the first error among the results. When the connection is lost or no answer comes in
    /// time, the session is at its end and the error's kind follows from the reach.
    func run(_ request: Request, reach: Reach) throws(PostgresError) -> Rows {
        guard isUsable() else {
            throw PostgresError(
                kind: .notSent, message: "the connection to the database was down already")
        }
        guard send(request) == 1 else { throw sendFailure(reach) }
        try awaitAnswer(reach)
        return try collect(reach)
    }

    private func send(_ request: Request) -> Int32 {
        switch request {
        case .script(let text):
            PQsendQuery(handle, text)
        case .text(let text, let parameters):
            parameters.withPointers { count, types, values, lengths, formats in
                PQsendQueryParams(handle, text, count, types, values, lengths, formats, 1)
            }
        case .prepare(let statement, let name):
            PQsendPrepare(
                handle, name, statement.sql, Int32(statement.parameters.count),
                statement.parameters.map(\.rawValue))
        case .prepared(let name, let parameters):
            parameters.withPointers { count, _, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            }
        }
    }

    private func sendFailure(_ reach: Reach) -> PostgresError {
        let message = currentMessage()
        guard PQstatus(handle) == CONNECTION_OK else {
            isCut = true
            return PostgresError(kind: reach.kindWhenLost, message: message)
        }
        return PostgresError(kind: .other, message: message)
    }

    /// Pushes out what is left to be sent and reads until a whole answer is there.
    private func awaitAnswer(_ reach: Reach) throws(PostgresError) {
        let deadline = Deadline(after: answerTimeout)
        while true {
            let unsent = PQflush(handle) == 1
            guard unsent || PQisBusy(handle) == 1 else { return }
            let readiness = Socket.wait(
                for: PQsocket(handle), reading: true, writing: unsent, until: deadline)
            switch readiness {
            case .ready(let readable):
                // On a failure the next result tells what happened, without waiting.
                if readable, PQconsumeInput(handle) == 0 { return }
            case .timedOut:
                isCut = true
                throw PostgresError(
                    kind: reach.kindWhenLost,
                    message: "no answer came within \(answerTimeout), so the connection was cut")
            case .failed:
                isCut = true
                throw PostgresError(kind: reach.kindWhenLost, message: currentMessage())
            }
        }
    }

    private func collect(_ reach: Reach) throws(PostgresError) -> Rows {
        var rows = Rows.none
        var failure: PostgresError?
        while let result = PQgetResult(handle) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                rows = Rows(copying: result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                isCut = true
                throw PostgresError(
                    kind: reach.kindWhenLost, message: "COPY was sent, which is not offered here")
            default:
                // The first error that has a code is the cause; what follows it is the hanging up.
                if failure?.sqlstate == nil { failure = error(from: result, reach) ?? failure }
            }
            // What follows is waited for here and not inside libpq. It matters: a lone statement
            // is complete before it is committed, and its commit can still fail or get lost.
            if PQstatus(handle) == CONNECTION_OK { try awaitAnswer(reach) }
        }
        if PQstatus(handle) != CONNECTION_OK { isCut = true }
        if let failure { throw failure }
        return rows
    }

    private func error(from result: OpaquePointer, _ reach: Reach) -> PostgresError? {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue else { return nil }
            return PQresultErrorField(result, Int32(ascii)).map { String(cString: $0) }
        }
        // The codes are those of the protocol: M message, D detail, H hint, n constraint.
        guard let sqlstate = field("C") else {
            return PostgresError(kind: reach.kindWhenLost, message: currentMessage())
        }
        return PostgresError(
            kind: .of(sqlstate: sqlstate, reach: reach, constraint: field("n") ?? ""),
            sqlstate: sqlstate,
            message: field("M") ?? currentMessage(),
            detail: field("D"),
            hint: field("H"))
    }

    /// What libpq says about the connection, in one line.
    private func currentMessage() -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").map { $0.trimmed }.joined(separator: "; ")
        return line.isEmpty ? "the connection to the database was lost" : line
    }
}
