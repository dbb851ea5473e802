/// A step: what somebody is asked for, the outcomes, and what takes it back.
package struct Step: Equatable, Sendable {
    /// The step's name, unique in its definition.
    package var name: String
    /// Whom it asks, and for what.
    package var work: Work
    /// The time from asking, an attempt where there are several, until the outcome; nil is no
    /// limit, which only questions, awaited events and children have.
    package var timeout: Duration?
    /// How technical failures are tried again.
    package var retry: RetryPolicy
    /// What happens when the attempts are used up and none had a final answer.
    package var unknown: UnknownPolicy
    /// What a final no without an outcome leads to.
    package var failed: FailedPolicy
    /// Whether the saga goes on when the step does not succeed.
    package var isOptional: Bool
    /// The answers, in file order; at least one continues.
    package var outcomes: [Outcome]
    /// What takes the step back; nil where there is nothing to undo.
    package var compensation: Compensation?
    /// Whether the step is the point of no return.
    package var isPivot: Bool

    /// A step with these parts.
    package init(
        name: String, work: Work, timeout: Duration? = .seconds(30),
        retry: RetryPolicy = RetryPolicy(), unknown: UnknownPolicy = .compensate,
        failed: FailedPolicy = .reject, isOptional: Bool = false,
        outcomes: [Outcome] = [Outcome(name: "done")], compensation: Compensation? = nil,
        isPivot: Bool = false
    ) {
        self.name = name
        self.work = work
        self.timeout = timeout
        self.retry = retry
        self.unknown = unknown
        self.failed = failed
        self.isOptional = isOptional
        self.outcomes = outcomes
        self.compensation = compensation
        self.isPivot = isPivot
    }

    /// A step that sends a command.
    package init(
        name: String, subject: String, body: Template? = nil,
        timeout: Duration = .seconds(30), retry: RetryPolicy = RetryPolicy(),
        unknown: UnknownPolicy = .compensate, failed: FailedPolicy = .reject,
        isOptional: Bool = false, outcomes: [Outcome] = [Outcome(name: "done")],
        compensation: Compensation? = nil, isPivot: Bool = false
    ) {
        self.init(
            name: name, work: .command(subject: subject, body: body), timeout: timeout,
            retry: retry, unknown: unknown, failed: failed, isOptional: isOptional,
            outcomes: outcomes, compensation: compensation, isPivot: isPivot)
    }
}

extension Step {
    /// What follows `saga.command.` in the step's command; empty where it sends none.
    package var subject: String {
        guard case .command(let subject, _) = work else { return "" }
        return subject
    }

    /// The command's body; nil sends the document.
    package var body: Template? {
        guard case .command(_, let body) = work else { return nil }
        return body
    }
}

extension Compensation {
    /// What follows `saga.command.` in the command; empty where it sends none.
    package var subject: String {
        guard case .command(let subject, _) = work else { return "" }
        return subject
    }

    /// The command's body; nil sends the document.
    package var body: Template? {
        guard case .command(_, let body) = work else { return nil }
        return body
    }
}

/// One answer that a participant may give to a step.
package struct Outcome: Equatable, Sendable {
    /// The outcome's name as the reply has it.
    package var name: String
    /// The domain event that it raises; nil raises none.
    package var event: RaisedEvent?
    /// Where the saga goes from it.
    package var then: Direction

    /// Where a saga goes from an outcome.
    package enum Direction: String, Hashable, Sendable {
        /// To the next step.
        case `continue`
        /// Round to compensation: the step says that it did nothing.
        case reject
    }

    /// The outcome of that name.
    package init(name: String, event: RaisedEvent? = nil, then: Direction = .continue) {
        self.name = name
        self.event = event
        self.then = then
    }
}

/// How technical failures are tried again: the attempt after n failures waits
/// `initial × factor^(n-1)`, at most `max`, spread by `jitter`.
package struct RetryPolicy: Hashable, Sendable {
    /// How many attempts there are at most, the first sending included; nil is no limit.
    package var attempts: Int?
    /// The wait after the first failure.
    package var initial: Duration
    /// What each further wait is multiplied by, at least 1.
    package var factor: Double
    /// The longest wait before jitter.
    package var max: Duration
    /// The share of a wait, 0 to 1, by which it may be longer or shorter.
    package var jitter: Double

    /// A policy; the defaults are the language's.
    package init(
        attempts: Int? = 5, initial: Duration = .milliseconds(200), factor: Double = 2,
        max: Duration = .seconds(30), jitter: Double = 0.2
    ) {
        self.attempts = attempts
        self.initial = initial
        self.factor = factor
        self.max = max
        self.jitter = jitter
    }

    /// A single attempt.
    package static let none = RetryPolicy(attempts: 1)
    /// Attempts without end, with capped backoff.
    package static let forever = RetryPolicy(attempts: nil)
}

/// What happens when nobody knows whether a step was done.
package enum UnknownPolicy: Hashable, Sendable {
    /// Turns the saga round, this step included.
    case compensate
    /// Waits for an operator.
    case stuck
    /// Asks the participant.
    case probe(ProbePolicy)
}

/// How a participant is asked what became of a command.
package struct ProbePolicy: Hashable, Sendable {
    /// What follows `saga.command.` in the probe's subject.
    package var subject: String
    /// The time from one probe to the next.
    package var every: Duration
    /// The time from the first probe after which asking ends.
    package var duration: Duration
    /// What happens then.
    package var otherwise: Otherwise

    /// What happens when the probes had no final answer either.
    package enum Otherwise: String, Hashable, Sendable {
        /// Turns the saga round, this step included.
        case compensate
        /// Waits for an operator.
        case stuck
    }

    /// A policy with these parts.
    package init(subject: String, every: Duration, for duration: Duration, otherwise: Otherwise) {
        self.subject = subject
        self.every = every
        self.duration = duration
        self.otherwise = otherwise
    }
}

/// What a final no without an outcome leads to.
package enum FailedPolicy: String, Hashable, Sendable {
    /// Turns the saga round.
    case reject
    /// Waits for an operator.
    case stuck
}

/// What takes a step back.
package struct Compensation: Equatable, Sendable {
    /// Whom it asks, and for what.
    package var work: Work
    /// The time from sending an attempt until its answer; nil is no limit.
    package var timeout: Duration?
    /// How technical failures are tried again; without limit unless the file says otherwise.
    package var retry: RetryPolicy
    /// The event raised when it is done; nil raises none.
    package var event: RaisedEvent?
    /// Whether earlier steps' compensations wait while this one is stuck.
    package var blocks: Bool

    /// What a compensation asks for.
    package enum Work: Equatable, Sendable {
        /// A participant is sent a command; a nil body sends the document.
        case command(subject: String, body: Template?)
        /// The completed child saga takes itself back as a whole.
        case child
    }

    /// A compensation with these parts.
    package init(
        work: Work, timeout: Duration? = .seconds(30), retry: RetryPolicy = .forever,
        event: RaisedEvent? = nil, blocks: Bool = false
    ) {
        self.work = work
        self.timeout = timeout
        self.retry = retry
        self.event = event
        self.blocks = blocks
    }

    /// A compensation that sends a command.
    package init(
        subject: String, body: Template? = nil, timeout: Duration = .seconds(30),
        retry: RetryPolicy = .forever, event: RaisedEvent? = nil, blocks: Bool = false
    ) {
        self.init(
            work: .command(subject: subject, body: body), timeout: timeout, retry: retry,
            event: event, blocks: blocks)
    }
}
