/// A statement or a connection that failed, with what the caller has to know to go on.
package struct PostgresError: Error, Sendable, Equatable {
    /// What the caller may do about a failure.
    package enum Kind: Sendable, Equatable {
        /// The database gave the transaction up in favour of another: run all of it again.
        case retry
        /// It may or may not have been committed: find out, or run again what can be run again.
        case unknownOutcome
        /// The connection was down before anything that commits was sent: certainly nothing happened.
        case notSent
        /// A unique key exists already; the constraint's name may be empty.
        case uniqueViolation(constraint: String)
        /// A value among the parameters cannot be stored, now or later: find the row and leave it out.
        case unencodable
        /// The server lacks memory, disk, connections or a lock: wait, then run it again.
        case resources
        /// The server does not admit us (credentials, database, URL): for good, until someone acts.
        case refused
        /// Anything else, mostly a mistake in a statement or in the schema.
        case other
    }

    /// What the caller may do about it.
    package var kind: Kind
    /// The five characters of the SQL standard; nil when the failure did not come from the server.
    package var sqlstate: String?
    /// What failed, in the server's or in our words.
    package var message: String
    /// More from the server. It can hold values of rows, so it is no part of `description`.
    package var detail: String?
    /// The server's advice.
    package var hint: String?
    /// The name of the statement, or what was done with the connection.
    package var statement: String?

    /// Describes a failure; only kind and message are required.
    package init(
        kind: Kind, sqlstate: String? = nil, message: String, detail: String? = nil,
        hint: String? = nil, statement: String? = nil
    ) {
        self.kind = kind
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint
        self.statement = statement
    }

    /// The same failure, told to belong to a statement, unless it already belongs to one.
    func of(statement name: String) -> PostgresError {
        var error = self
        error.statement = statement ?? name
        return error
    }

    /// The same failure as one that running the whole transaction again cures.
    var madeRetryable: PostgresError {
        var error = self
        error.kind = .retry
        return error
    }
}

extension PostgresError: CustomStringConvertible {
    /// One sentence for a log, without values of rows and without the password.
    package var description: String {
        let place = statement.map { "\($0) failed: " } ?? ""
        let state = sqlstate.map { " (SQLSTATE \($0))" } ?? ""
        let advice = hint.map { "; hint: \($0)" } ?? ""
        return "\(place)\(message)\(state)\(advice); \(consequence)"
    }

    private var consequence: String {
        switch kind {
        case .retry: "nothing was committed, it can be run again"
        case .unknownOutcome: "whether it was committed is unknown"
        case .notSent: "nothing was committed, the connection was down"
        case .uniqueViolation: "nothing was committed, such a row exists already"
        case .unencodable: "nothing was committed, a value cannot be stored"
        case .resources: "nothing was committed, the server is short of something"
        case .refused: "the server will go on refusing until the configuration is changed"
        case .other: "nothing was committed"
        }
    }
}
