package import FaultyWire

/// Something that is killed, deleted or disturbed, at a moment drawn before.
package struct Strike: Sendable, Equatable {
    /// What is struck.
    package enum Target: String, Sendable {
        /// `sagad`, by SIGKILL.
        case daemon
        /// `sagad`, by SIGSTOP and, later, SIGCONT.
        case standstill = "daemon stopped"
        /// PostgreSQL, as by `pg_ctl restart -m immediate`.
        case database
        /// All of the daemon's connections to PostgreSQL, by `pg_terminate_backend`.
        case sessions
        /// One commit on its way to PostgreSQL.
        case wire
        /// nats-server.
        case broker
        /// nats-server, and its storage directory while it is down.
        case storage = "broker's storage"
        /// The disk on which nats-server has its storage.
        case disk = "broker's disk"
        /// The stream of the orders' events.
        case orders = "ORDERS"
        /// The stream of commands.
        case commands = "SAGA_COMMANDS"
        /// The stream of replies.
        case replies = "SAGA_REPLIES"
        /// The stream of dead letters.
        case deadLetters = "SAGA_DEAD"
    }

    /// What is struck.
    package var target: Target
    /// After how many answered orders.
    package var afterAnswers: Int
    /// How long after that.
    package var delay: Duration
    /// Which of the daemons, from 0.
    package var daemon = 0
    /// How long it is away, stands still or is full.
    package var lasting: Duration = .zero
    /// What happens to a commit.
    package var fault: WireProxy.Fault?

    /// The strike, as a list names it.
    package var title: String {
        var title = target.rawValue
        if let fault { title += " \(fault)" }
        if lasting > .zero { title += " for \(lasting)" }
        return title
    }
}

/// A strike that was made.
package struct Struck: Sendable {
    /// What was meant.
    package var strike: Strike
    /// When it was made, in microseconds since 1970.
    package var at: Int64
    /// How many orders had been answered then.
    package var answers: Int
    /// How many events were stored and did not lie on the stream, where that was counted.
    package var unpublished: Int?
    /// How many connections were terminated.
    package var sessions = 0
}
