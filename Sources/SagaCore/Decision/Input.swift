/// Anything that can change a saga that runs.
package enum Input: Equatable, Sendable {
    /// A participant answered a command, or a child saga an order.
    case reply(Reply)
    /// Time passed; commands in `unconsumed` are known to lie in the stream still, and are not
    /// sent again.
    case due(unconsumed: Set<CommandID> = [])
    /// A daemon took the saga over and does not know what was sent: every command in flight is
    /// sent again.
    case takenOver
    /// An operator cancels the saga.
    case cancel(OperatorAction)
    /// An operator has a stuck step, or its compensation, tried again.
    case retry(NodePath, body: Value?, OperatorAction)
    /// An operator settles a stuck step by hand.
    case settle(NodePath, Settlement, OperatorAction)
    /// An operator settles a stuck step by hand, where two have to: the first proposes, and the
    /// same of another carries it out.
    case proposeSettling(NodePath, Settlement, OperatorAction)
    /// Somebody reports the outcome, with its data, of an open question or awaited event.
    case report(NodePath, outcome: String, data: Value, OperatorAction)
    /// A child saga that answers this command is stuck for that reason, or is no more.
    case childStuck(CommandID, reason: String?)
    /// The parent's command of that identity takes the completed saga back.
    case takeBack(CommandID, reason: String)
    /// A participant appended an event of the saga's aggregate to the event store.
    case appended(AppendedEvent)
    /// These are the events that the saga's aggregate has from participants, by version.
    case lookedBack([AppendedEvent])
}

/// A participant's answer to a command.
package struct Reply: Hashable, Sendable {
    /// The command that is answered.
    package var commandID: CommandID
    /// The attempt that is answered, from 1.
    package var attempt: Int
    /// What the participant says.
    package var answer: Answer

    /// What a participant says.
    package enum Answer: Hashable, Sendable {
        /// An outcome with its data, a map.
        case outcome(String, Value)
        /// A failure; one that is not retriable asserts that the work is not done and never will be.
        case error(code: String, message: String, isRetriable: Bool)
    }

    /// The answer to that attempt of that command.
    package init(commandID: CommandID, attempt: Int, answer: Answer) {
        self.commandID = commandID
        self.attempt = attempt
        self.answer = answer
    }
}

/// Who asked for something, or reports it, and why.
package struct OperatorAction: Hashable, Sendable {
    /// Who asked.
    package var by: String
    /// Why, in words.
    package var reason: String
    /// What shows it, such as a link or a reference; nil where nothing was given.
    package var evidence: String?

    /// The action of that person for that reason.
    package init(by: String, reason: String, evidence: String? = nil) {
        self.by = by
        self.reason = reason
        self.evidence = evidence
    }
}

/// What an operator says became of a stuck step.
package enum Settlement: Hashable, Sendable {
    /// The step has this outcome.
    case outcome(String, Value)
    /// The step's compensation is done.
    case compensated
}

/// What a decision needs besides the saga and the input: nothing else enters it.
package struct Circumstances: Hashable, Sendable {
    /// When the transition is decided.
    package var now: Instant
    /// A random number from 0 up to 1, for backoff.
    package var jitter: Double
    /// How commands without an answer are sent again.
    package var resend: ResendPolicy

    /// Circumstances with these parts.
    package init(now: Instant, jitter: Double = 0.5, resend: ResendPolicy = ResendPolicy()) {
        self.now = now
        self.jitter = jitter
        self.resend = resend
    }
}

/// How a command in flight is sent again under its attempt: first after `initial`, then after twice
/// as long each time, at most `max`.
package struct ResendPolicy: Hashable, Sendable {
    /// The time from sending to sending again.
    package var initial: Duration
    /// The longest time between two sendings.
    package var max: Duration

    /// A policy; the defaults are 30 s and 10 min.
    package init(initial: Duration = .seconds(30), max: Duration = .seconds(600)) {
        self.initial = initial
        self.max = max
    }

    /// The wait after the sending with that number, from 0.
    package func wait(after resend: Int) -> Duration {
        let doubled = initial * (1 << Swift.min(resend, 20))
        return Swift.min(doubled, Swift.max(max, initial))
    }
}
