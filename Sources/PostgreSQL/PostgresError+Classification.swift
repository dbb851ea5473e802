/// What a statement can have done by the time its connection is lost.
enum Reach: Sendable {
    /// It commits nothing by itself: it prepares, or stands inside an open transaction.
    case commitsNothing
    /// It is a transaction of its own, or the commit of one.
    case mayCommit

    /// The words that begin a statement which never commits anything.
    private static let harmless: Set<String> = [
        "BEGIN", "START", "ROLLBACK", "ABORT", "SET", "SHOW", "RESET", "DEALLOCATE", "SAVEPOINT",
    ]
    /// The words that begin a statement which ends a transaction by committing it.
    private static let committing: Set<String> = ["COMMIT", "END", "RELEASE"]

    /// What a text can commit when it is sent inside or outside of an open transaction.
    ///
    /// A text that does not begin with a word, such as one under a comment, is taken to commit.
    init(of sql: String, inTransaction: Bool) {
        let word = sql.drop { $0.isWhitespace }.prefix { $0.isLetter }.uppercased()
        if word.isEmpty || Self.committing.contains(word) {
            self = .mayCommit
        } else if Self.harmless.contains(word) || inTransaction {
            self = .commitsNothing
        } else {
            self = .mayCommit
        }
    }

    /// The kind of a failure in which the connection was lost.
    var kindWhenLost: PostgresError.Kind {
        switch self {
        case .commitsNothing: .notSent
        case .mayCommit: .unknownOutcome
        }
    }
}

extension PostgresError.Kind {
    /// Sorts an error that the server reported.
    static func of(sqlstate: String, reach: Reach, constraint: String = "") -> Self {
        switch sqlstate {
        case "40001", "40P01": .retry
        case "40003": .unknownOutcome
        case "23505": .uniqueViolation(constraint: constraint)
        case "57014": reach == .mayCommit ? .unknownOutcome : .retry
        // The server gave up a transaction in which nothing was sent: it committed nothing.
        case "25P03": .notSent
        case "55P03": .resources
        // A row too large for an index or a page: it will not fit later either.
        case "54000": .unencodable
        case "3D000": .refused
        // Schema changes half committed: someone has to look, running it again is no answer.
        case "XXA00": .other
        default: of(sqlstateClass: String(sqlstate.prefix(2)), reach: reach)
        }
    }

    private static func of(sqlstateClass: String, reach: Reach) -> Self {
        switch sqlstateClass {
        case "08", "57": reach.kindWhenLost
        case "22": .unencodable
        case "28": .refused
        case "53": .resources
        // Internal errors say nothing about how far the statement came.
        case "58", "XX": reach == .mayCommit ? .unknownOutcome : .other
        default: .other
        }
    }

    /// Sorts an error met while connecting, when nothing of ours was sent yet.
    static func whileConnecting(sqlstate: String?, needsPassword: Bool) -> Self {
        if needsPassword { return .refused }
        guard let sqlstate else { return .notSent }
        return of(sqlstate: sqlstate, reach: .commitsNothing)
    }
}
