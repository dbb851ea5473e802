/// What a step's answers, and its want of answers, lead to.
extension Course {
    /// The step has an outcome; the event of that identity, if one is given, said so, and is not
    /// raised again.
    mutating func settle(
        _ place: PlacedStep, _ outcome: Outcome, _ result: Value,
        because kind: Failure.Kind = .outcome, by eventID: String? = nil
    ) {
        let path = place.path
        switch outcome.then {
        case .continue:
            holdDeadline(for: place.step)
            record(.stepCompleted(path, outcome: outcome.name, result: result))
            tell(outcome, at: path, result, by: eventID)
        case .reject:
            record(.stepRejected(path, outcome: outcome.name, result: result))
            tell(outcome, at: path, result, by: eventID)
            if place.step.isOptional { return }
            let failure = Failure(step: path, kind: kind, outcome: outcome.name, reply: result)
            if isPastPivot, !place.step.isPivot {
                record(.stepStuck(path, reason: failure.reason))
            } else {
                fail(failure)
            }
        }
    }

    /// Raises an outcome's event, unless it is what told the outcome.
    private mutating func tell(
        _ outcome: Outcome, at path: NodePath, _ result: Value, by eventID: String?
    ) {
        guard let eventID, let event = outcome.event, let aggregate = definition.aggregate else {
            return raise(outcome.event, at: path, result: result)
        }
        record(.eventTaken(path, id: eventID, type: "\(aggregate.stream).\(event.event)"))
    }

    /// The step was not done and never will be, without an outcome that says so.
    mutating func giveFinalNo(of place: PlacedStep, _ failure: Failure) {
        if place.step.isOptional { return }
        switch place.step.failed {
        case .reject: fail(failure)
        case .stuck:
            if state.failure != nil {
                record(.failedFurther(failure))
            } else if place.step.isPivot, let held = state.heldDeadline, held <= now {
                missDeadline(held)
            } else {
                record(.stepStuck(place.path, reason: failure.reason))
            }
        }
    }

    /// An attempt in flight, of a step or of a compensation, had no final answer.
    mutating func endAttempt(of command: OpenCommand, _ failure: AttemptFailure) {
        record(
            .attemptFailed(command.id, command.path, attempt: command.attempt, failure))
        let place = step(command.path)
        switch command.kind {
        case .command:
            if state.failure != nil {
                record(.stepGivenUp(place.path, reason: failure.words))
            } else if hasAttemptsLeft(place.step.retry, command.attempt) {
                scheduleRetry(of: command, place.step.retry)
            } else {
                exhaust(place, command, failure)
            }
        case .compensation:
            let retry = place.step.compensation?.retry ?? .forever
            if hasAttemptsLeft(retry, command.attempt) {
                scheduleRetry(of: command, retry)
            } else {
                record(
                    .compensationStuck(
                        place.path,
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
        _ place: PlacedStep, _ command: OpenCommand, _ failure: AttemptFailure
    ) {
        if failure == .timeout, let outcome = place.outcome("timeout") {
            return takeTimeout(as: outcome, of: place)
        }
        switch place.step.unknown {
        case .compensate: giveUp(place, failure.words, failure.kind, code: failure.code)
        case .stuck: record(.stepStuck(place.path, reason: failure.words))
        case .probe(let policy):
            record(.probingBegan(place.path, until: now + policy.duration))
            probe(place, policy, body: command.body, original: command.id)
        }
    }

    /// A timeout that the file names as an outcome; the step may have happened all the same.
    mutating func takeTimeout(as outcome: Outcome, of place: PlacedStep) {
        let nothing = Value.map(Members())
        switch outcome.then {
        case .continue: settle(place, outcome, nothing)
        case .reject:
            record(.stepGivenUp(place.path, reason: AttemptFailure.timeout.words))
            raise(outcome.event, at: place.path, result: nothing)
            if place.step.isOptional { return compensate(place.path) }
            fail(Failure(step: place.path, kind: .timeout, outcome: outcome.name))
        }
    }

    /// The step may have happened, and nobody waits for it any longer.
    mutating func giveUp(
        _ place: PlacedStep, _ reason: String, _ kind: Failure.Kind, code: String? = nil
    ) {
        record(.stepGivenUp(place.path, reason: reason))
        if place.step.isOptional {
            compensate(place.path)
        } else {
            fail(Failure(step: place.path, kind: kind, code: code, message: reason))
        }
    }
}

// MARK: - Probing

extension Course {
    mutating func probe(
        _ place: PlacedStep, _ policy: ProbePolicy, body: CommandBody, original: CommandID?
    ) {
        open(
            .probe, of: place.path, target: .participant(subject: policy.subject), body: body,
            timeout: policy.every, original: original)
    }

    /// A probe was answered `pending`, or with an error.
    mutating func keepAsking(_ command: OpenCommand) {
        let (place, policy, endsAt) = probing(command)
        guard now < endsAt else { return stopAsking(place, policy) }
        let askAgainAt = max(now, command.since + policy.every)
        record(.probePending(command.id, place.path, askAgainAt: askAgainAt))
    }

    /// The time for the next probe has come.
    mutating func askAgain(_ command: OpenCommand) {
        let (place, policy, endsAt) = probing(command)
        guard now < endsAt else { return stopAsking(place, policy) }
        probe(place, policy, body: command.body, original: command.originalID)
    }

    private func probing(_ command: OpenCommand) -> (PlacedStep, ProbePolicy, Instant) {
        let place = step(command.path)
        guard case .probe(let policy) = place.step.unknown else {
            preconditionFailure("Only a step that says so is probed.")
        }
        return (place, policy, state.steps[place.path]?.probingEndsAt ?? now)
    }

    private mutating func stopAsking(_ place: PlacedStep, _ policy: ProbePolicy) {
        let reason = "no final answer, and none to probes for \(policy.duration.secondsText)"
        switch policy.otherwise {
        case .compensate: giveUp(place, reason, .timeout)
        case .stuck: record(.stepStuck(place.path, reason: reason))
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
