package import SagaCore

/// A failure that is provoked on purpose: what strikes, which sagas and where, and until when.
package struct FaultRule: Equatable, Sendable {
    /// The rule's name: 1 to 63 small letters, digits and hyphens.
    package var name: String
    /// Only sagas of this definition; nil is any.
    package var saga: String?
    /// Only this step, by its name or by the path of one element; nil is any.
    package var step: String?
    /// Only what is about the step's commands of this kind.
    package var kind: CommandKind
    /// Only the saga with this key; nil is any.
    package var key: String?
    /// Only sagas of whose document this holds; nil is any.
    package var when: Expression?
    /// The share of the sagas, 0 to 1, that are struck; those whose start asked for the rule are
    /// struck in any case.
    package var share: Double
    /// How often it strikes, by all daemons together; nil is without limit.
    package var times: Int?
    /// When it is over.
    package var until: Instant
    /// What strikes.
    package var fault: Fault

    /// How long a rule lasts that does not say.
    package static let standardLife: Duration = .seconds(3600)

    /// The rule with these parts.
    package init(
        name: String, saga: String? = nil, step: String? = nil, kind: CommandKind = .command,
        key: String? = nil, when: Expression? = nil, share: Double = 1, times: Int? = nil,
        until: Instant, fault: Fault
    ) {
        self.name = name
        self.saga = saga
        self.step = step
        self.kind = kind
        self.key = key
        self.when = when
        self.share = share
        self.times = times
        self.until = until
        self.fault = fault
    }
}

/// What strikes.
package enum Fault: Equatable, Sendable {
    /// The command is not sent, and answered with that outcome and data.
    case outcome(String, Value)
    /// The command is not sent, and answered with that error.
    case error(code: String, message: String, isRetriable: Bool)
    /// The command is dropped.
    case timeout
    /// The reply is dropped.
    case loseReply
    /// The reply comes that much later.
    case lateReply(Duration)
    /// The command is sent so many times, from 2.
    case duplicate(Int)
    /// The command is sent that much later.
    case delay(Duration)
    /// The command is sent after the one that follows it.
    case reorder
    /// The daemon's process ends at once.
    case crash(CrashPoint)
    /// The store fails at the commit.
    case store(StoreTrouble)
    /// The broker fails as the command is sent.
    case bus(BusTrouble)

    /// Where the process ends.
    package enum CrashPoint: String, CaseIterable, Hashable, Sendable {
        /// Decided, and not stored yet.
        case beforeCommit = "before_commit"
        /// Stored, and nothing done about it yet.
        case afterCommit = "after_commit"
        /// The command is with the broker.
        case afterPublish = "after_publish"
        /// What the reply led to is stored, and the reply not acknowledged yet.
        case beforeAck = "before_ack"
    }

    /// How a store fails.
    package enum StoreTrouble: Hashable, Sendable {
        /// The saga is said to be at another version.
        case conflict
        /// The connection is lost before anything was stored.
        case lostConnection
        /// Everything is stored, and the answer is lost.
        case lostCommitAnswer
        /// The commit takes that much longer.
        case slow(Duration)
    }

    /// How a broker fails.
    package enum BusTrouble: String, CaseIterable, Hashable, Sendable {
        /// Nothing goes out for ``FaultLimits/disconnection``.
        case disconnect
        /// The command is refused.
        case publishRefused = "publish_refused"
    }

    /// What strikes, in a word or two: `timeout`, `crash before_commit`.
    package var name: String {
        switch self {
        case .outcome(let outcome, _): "outcome \(outcome)"
        case .error(let code, _, _): "error \(code)"
        case .timeout: "timeout"
        case .loseReply: "lose_reply"
        case .lateReply: "late_reply"
        case .duplicate: "duplicate"
        case .delay: "delay"
        case .reorder: "reorder"
        case .crash(let point): "crash \(point.rawValue)"
        case .store(.conflict): "store conflict"
        case .store(.lostConnection): "store lost_connection"
        case .store(.lostCommitAnswer): "store lost_commit_answer"
        case .store(.slow): "store slow"
        case .bus(let trouble): "bus \(trouble.rawValue)"
        }
    }

    /// What strikes by its key in a rule, for metrics.
    package var key: String { String(name.prefix { $0 != " " }) }

    /// The edge of the daemon at which it strikes.
    package var edge: Edge {
        switch self {
        case .outcome, .error, .timeout, .duplicate, .delay, .reorder, .bus,
            .crash(.afterPublish):
            .command
        case .loseReply, .lateReply: .reply
        case .crash(.beforeAck): .acknowledgement
        case .crash(.beforeCommit), .crash(.afterCommit), .store: .commit
        }
    }

    /// An edge of the daemon.
    package enum Edge: Hashable, Sendable {
        /// A command goes out.
        case command
        /// A reply comes in.
        case reply
        /// A reply is acknowledged.
        case acknowledgement
        /// A transition is stored.
        case commit
    }
}

/// The bounds of failures that are provoked.
package enum FaultLimits {
    /// The most rules that are kept at once.
    package static let rules = 256
    /// The most rules that the start of a saga may ask for.
    package static let perSaga = 8
    /// How long nothing goes out after a lost connection to the broker.
    package static let disconnection: Duration = .seconds(1)
    /// The longest that a command waits for one that it is to be sent after.
    package static let reordering: Duration = .seconds(1)
    /// The longest delay of a command, a reply or a commit.
    package static let delay: Duration = .seconds(3600)
    /// The most times that a command is sent at once.
    package static let duplicates = 100
    /// The most commands and replies that are held back at once; further ones are let through.
    package static let held = 4096
    /// The most replies that wait to be taken.
    package static let replies = 1024
    /// The most sagas whose assigned rules are remembered, and the most commits that were struck.
    package static let remembered = 10_000
    /// The time from one look at the rules to the next.
    package static let look: Duration = .seconds(1)
}
