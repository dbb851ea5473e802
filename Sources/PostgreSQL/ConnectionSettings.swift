/// Where and how to connect; holds the URL with its password, so it prints as nothing but its type.
package struct ConnectionSettings: Sendable {
    /// How transactions are isolated when they do not say it themselves.
    package enum Isolation: String, Sendable {
        /// CockroachDB's default: conflicts come back as `.retry`.
        case serializable
        /// PostgreSQL's default.
        case readCommitted = "read committed"
    }

    /// `postgresql://user:password@host:port/database?sslmode=…`, also with several hosts.
    package var url: String
    /// The name under which the server lists the connection, unless the URL has another.
    package var applicationName = "sagad"
    /// How long connecting to one host may take; a `connect_timeout` in the URL goes before.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server works on one statement before it gives up.
    package var statementTimeout: Duration = .seconds(10)
    /// How long the server keeps an open transaction in which nothing is sent.
    package var idleInTransactionTimeout: Duration = .seconds(10)
    /// How long after `statementTimeout` an answer is still waited for before the connection is cut.
    package var answerGrace: Duration = .seconds(5)
    /// How long sent bytes may stay unacknowledged by the server's machine.
    package var unacknowledgedTimeout: Duration = .seconds(15)
    /// How long a connection is used before it is replaced; each takes ±10 % of it, at random.
    package var lifetime: Duration = .seconds(300)
    /// The isolation of all transactions; nil leaves it to the server.
    package var isolation: Isolation?
    /// Whether PostgreSQL is told `READ COMMITTED` where ``isolation`` leaves it to the server: for
    /// statements that need no more, so that they stand in no other transaction's way.
    ///
    /// CockroachDB, whose conflicts are those of rows and not of pages, is told nothing.
    package var readsCommitted = false
    /// Whether PostgreSQL plans each prepared statement once, and by way of indexes, instead of anew
    /// for the parameters of each call: for statements that reach their rows by whole keys.
    ///
    /// CockroachDB keeps plans by itself and is told nothing.
    package var plansOnce = false

    /// Names the database; everything else has a default.
    package init(url: String) {
        self.url = url
    }

    /// The longest that the answer to one statement is waited for.
    var answerTimeout: Duration { statementTimeout + answerGrace }

    /// What is set right after connecting, in one round trip.
    func sessionScript(isCockroach: Bool) -> String {
        var script = """
            SET statement_timeout = \(statementTimeout.milliseconds);
            SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.milliseconds);
            SET TimeZone = 'UTC';
            """
        let relaxed: Isolation? = readsCommitted && !isCockroach ? .readCommitted : nil
        if let isolation = isolation ?? relaxed {
            script += "SET default_transaction_isolation = '\(isolation.rawValue)';"
        }
        if plansOnce, !isCockroach {
            // A plan that was made while a table was empty must not read all of it later.
            script += "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
        }
        return script
    }

    /// A lifetime for one connection: the configured one ±10 %, so that not all end at once.
    func drawLifetime() -> Duration {
        lifetime * Double.random(in: 0.9...1.1)
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Only the type: the URL holds a password.
    package var description: String { "ConnectionSettings" }

    /// Only the type: the URL holds a password.
    package var debugDescription: String { description }

    /// Nothing: the URL holds a password.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Duration {
    /// Whole milliseconds, at least 1, so that a timeout never turns into the server's "none".
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }

    /// Whole seconds, at least 1.
    var wholeSeconds: Int64 { max(1, components.seconds) }
}
