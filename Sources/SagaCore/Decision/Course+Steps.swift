/// What a step's answers, and its want of answers, lead to.
extension Course {
    /// The step has an outcome.
    mutating func settle(_ step: Step, _ outcome: Outcome, _ result: Value) {
        switch outcome.then {
        case .continue:
            record(.stepCompleted(step.name, outcome: outcome.name, result: result))
            raise(outcome.event, result: result)
        case .reject:
            record(.stepRejected(step.name, outcome: outcome.name, result: result))
            raise(outcome.event, result: result)
            if step.isOptional { return }
            fail(
                Failure(
                    step: step.name, kind: .outcome, outcome: outcome.name, reply: result))
        }
    }

    /// The step was not done and never will be, without an outcome that says so.
    mutating func giveFinalNo(of step: Step, _ failure: Failure) {
        if step.isOptional { return }
        switch step.failed {
        case .reject: fail(failure)
        case .stuck:
            if state.failure != nil {
                record(.failedFurther(failure))
            } else if step.isPivot, let held = state.heldDeadline, held <= now {
                missDeadline(held)
            } else {
                record(.stepStuck(step.name, reason: failure.reason))
            }
        }
    }

    /// An attempt in flight, of a step or of a compensation, had no final answer.
    mutating func endAttempt(of command: OpenCommand, _ failure: AttemptFailure) {
        record(
            .attemptFailed(command.id, command.path, attempt: command.attempt, failure))
        let step = step(command.path)
        switch command.kind {
        case .command:
            if state.failure != nil {
                record(.stepGivenUp(step.name, reason: failure.words))
            } else if hasAttemptsLeft(step.retry, command.attempt) {
                scheduleRetry(of: command, step.retry)
            } else {
                exhaust(step, command, failure)
            }
        case .compensation:
            let retry = step.compensation?.retry ?? .forever
            if hasAttemptsLeft(retry, command.attempt) {
                scheduleRetry(of: command, retry)
            } else {
                record(
                    .compensationStuck(
                        step.name,
                        reason: "\(command.attempt) attempts, the last: \(failure.words)"))
            }
        case .probe: preconditionFailure("Probes have no attempts.")
        }
    }

    private func hasAttemptsLeft(_ retry: RetryPolicy, _ attempt: Int) -> Bool {
        retry.attempts.map { attempt < $0 } ?? true
    }

    private mutating func scheduleRetry(of command: OpenCommand, _ retry: RetryPolicy) {
        let wait = retry.wait(after: command.attempt, jitter: circumstances.jitter)
        record(.retryScheduled(command.id, at: now, dueAt: now + wait))
    }

    /// The attempts are used up and none had a final answer.
    private mutating func exhaust(
        _ step: Step, _ command: OpenCommand, _ failure: AttemptFailure
    ) {
        if failure == .timeout, let outcome = step.outcomes.first(where: { $0.name == "timeout" }) {
            return takeTimeout(as: outcome, of: step)
        }
        switch step.unknown {
        case .compensate: giveUp(step, failure.words, failure.kind, code: failure.code)
        case .stuck: record(.stepStuck(step.name, reason: failure.words))
        case .probe(let policy):
            record(.probingBegan(step.name, until: now + policy.duration))
            probe(step, policy, body: command.body, original: command.id)
        }
    }

    /// A timeout that the file names as an outcome; the step may have happened all the same.
    private mutating func takeTimeout(as outcome: Outcome, of step: Step) {
        let nothing = Value.map(Members())
        switch outcome.then {
        case .continue: settle(step, outcome, nothing)
        case .reject:
            record(.stepGivenUp(step.name, reason: AttemptFailure.timeout.words))
            raise(outcome.event, result: nothing)
            if step.isOptional { return compensate(step.name) }
            fail(Failure(step: step.name, kind: .timeout, outcome: outcome.name))
        }
    }

    /// The step may have happened, and nobody waits for it any longer.
    private mutating func giveUp(
        _ step: Step, _ reason: String, _ kind: Failure.Kind, code: String? = nil
    ) {
        record(.stepGivenUp(step.name, reason: reason))
        if step.isOptional {
            compensate(step.name)
        } else {
            fail(Failure(step: step.name, kind: kind, code: code, message: reason))
        }
    }
}

// MARK: - Probing

extension Course {
    mutating func probe(
        _ step: Step, _ policy: ProbePolicy, body: CommandBody, original: CommandID?
    ) {
        open(
            .probe, of: step.name, subject: policy.subject, body: body, timeout: policy.every,
            original: original)
    }

    /// A probe was answered `pending`, or with an error.
    mutating func keepAsking(_ command: OpenCommand) {
        let (step, policy, endsAt) = probing(command)
        guard now < endsAt else { return stopAsking(step, policy) }
        let askAgainAt = max(now, command.since + policy.every)
        record(.probePending(command.id, step.name, askAgainAt: askAgainAt))
    }

    /// The time for the next probe has come.
    mutating func askAgain(_ command: OpenCommand) {
        let (step, policy, endsAt) = probing(command)
        guard now < endsAt else { return stopAsking(step, policy) }
        probe(step, policy, body: command.body, original: command.originalID)
    }

    private func probing(_ command: OpenCommand) -> (Step, ProbePolicy, Instant) {
        let step = step(command.path)
        guard case .probe(let policy) = step.unknown else {
            preconditionFailure("Only a step that says so is probed.")
        }
        return (step, policy, state.steps[step.name]?.probingEndsAt ?? now)
    }

    private mutating func stopAsking(_ step: Step, _ policy: ProbePolicy) {
        let reason = "no final answer, and none to probes for \(policy.duration.secondsText)"
        switch policy.otherwise {
        case .compensate: giveUp(step, reason, .timeout)
        case .stuck: record(.stepStuck(step.name, reason: reason))
        }
    }
}

extension AttemptFailure {
    fileprivate var kind: Failure.Kind {
        switch self {
        case .timeout: .timeout
        case .error: .error
        }
    }

    fileprivate var code: String? {
        switch self {
        case .timeout: nil
        case .error(let code, _): code
        }
    }
}

extension RetryPolicy {
    /// The wait after that many failures; `jitter` from 0 up to 1 spreads it by the policy's share.
    package func wait(after failures: Int, jitter random: Double) -> Duration {
        var wait = Double(initial.microseconds)
        let longest = Double(max.microseconds)
        for _ in 1..<Swift.max(failures, 1) where wait < longest { wait *= factor }
        let spread = 1 + jitter * (2 * random - 1)
        return .microseconds(Int64(Swift.max(0, Swift.min(wait, longest) * spread)))
    }
}
