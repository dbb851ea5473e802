/// One transition as the journal keeps it: what came in and what was recorded because of it.
package struct JournalRow: Equatable, Sendable {
    /// The version that the transition made, from 1.
    package var version: Int64
    /// When it was decided.
    package var at: Instant
    /// What came in; nil is the start.
    package var input: Input?
    /// What was recorded, in order.
    package var entries: [Entry]

    /// The row of that transition.
    package init(version: Int64, at: Instant, input: Input?, entries: [Entry]) {
        self.version = version
        self.at = at
        self.input = input
        self.entries = entries
    }

    /// The row as JSON text: `{version, at, input: {kind, …}, entries: [{kind, …}]}`, as operators
    /// read it and as it is stored.
    package var encoded: [UInt8] {
        Value.map(
            Members([
                ("version", .double(Double(version))), ("at", .string(at.description)),
                ("input", input?.journalValue ?? ["kind": "start"]),
                ("entries", .list(entries.map(\.journalValue))),
            ])
        ).jsonBytes
    }
}

extension Input {
    /// The input as the journal shows it.
    var journalValue: Value {
        switch self {
        case .reply(let reply):
            Fields("reply").text("command_id", reply.commandID.description)
                .whole("attempt", reply.attempt).value("body", reply.answer.journalValue).value
        case .due: Fields("due").value
        case .takenOver: Fields("taken_over").value
        case .cancel(let action): Fields("cancel").action(action).value
        case .retry(let path, let body, let action):
            Fields("retry").text("step", path).action(action).value("body", body).value
        case .settle(let path, .outcome(let outcome, let result), let action):
            Fields("settle").text("step", path).action(action).text("outcome", outcome)
                .value("body", result).value
        case .settle(let path, .compensated, let action):
            Fields("settle").text("step", path).action(action).value
        case .report(let path, let outcome, let data, let action):
            Fields("report").text("step", path).action(action).text("outcome", outcome)
                .value("body", data).value
        case .childStuck(let id, let reason):
            Fields("child_stuck").text("command_id", id.description).text("reason", reason).value
        case .takeBack(let id, let reason):
            Fields("take_back").text("command_id", id.description).text("reason", reason).value
        }
    }
}

extension Reply.Answer {
    fileprivate var journalValue: Value {
        switch self {
        case .outcome(let outcome, let result):
            ["outcome": .string(outcome), "data": result]
        case .error(let code, let message, let isRetriable):
            [
                "error": [
                    "code": .string(code), "message": .string(message),
                    "retriable": .bool(isRetriable),
                ]
            ]
        }
    }
}

extension Entry {
    /// The entry as the journal shows it.
    var journalValue: Value {
        switch self {
        case .started(let deadline): Fields("started").instant("deadline", deadline).value
        case .deadlineHeld: Fields("deadline_held").value
        case .eventRaised(let id, let type, let notes):
            Fields("event_raised").text("type", type).text("id", id.description)
                .value("notes", notes.isEmpty ? nil : .list(notes.map(Value.string))).value
        case .skipped(let path): Fields("skipped").text("step", path).value
        case .commandOpened(let command): Fields("command_opened").command(command).value
        case .attemptSent(let id, let attempt, _, let dueAt, _):
            Fields("attempt_sent").text("command_id", id.description).whole("attempt", attempt)
                .instant("due_at", dueAt).value
        case .resent(let id, let resend, _):
            Fields("resent").text("command_id", id.description).whole("resend", resend).value
        case .attemptFailed(let id, let path, let attempt, let failure):
            Fields("attempt_failed").text("step", path).text("command_id", id.description)
                .whole("attempt", attempt).text("reason", failure.words).value
        case .retryScheduled(let id, _, let dueAt):
            Fields("retry_scheduled").text("command_id", id.description)
                .instant("due_at", dueAt).value
        case .graceSet(let id, let dueAt):
            Fields("grace_set").text("command_id", id.description).instant("due_at", dueAt).value
        case .probePending(let id, let path, let askAgainAt):
            Fields("probe_pending").text("step", path).text("command_id", id.description)
                .instant("due_at", askAgainAt).value
        case .stepCompleted, .stepRejected, .stepFailed, .stepGivenUp, .probingBegan, .stepStuck,
            .turned, .failedFurther, .stepCompensated, .compensationStuck, .lateReply,
            .operatorActed, .statusChanged, .ended:
            turningPoint
        case .startedByParent, .entered, .passed, .waitOpened, .waitClosed, .answered, .reminded,
            .escalated, .childCancelled, .childStuck, .takenBack:
            structural
        }
    }

    private var turningPoint: Value {
        switch self {
        case .stepCompleted(let path, let outcome, let result):
            Fields("step_completed").text("step", path).text("outcome", outcome)
                .value("result", result).value
        case .stepRejected(let path, let outcome, let result):
            Fields("step_rejected").text("step", path).text("outcome", outcome)
                .value("result", result).value
        case .stepFailed(let path, let code, let message):
            Fields("step_failed").text("step", path).text("code", code)
                .text("message", message).value
        case .stepGivenUp(let path, let reason):
            Fields("step_given_up").text("step", path).text("reason", reason).value
        case .probingBegan(let path, let until):
            Fields("probing_began").text("step", path).instant("until", until).value
        case .stepStuck(let path, let reason):
            Fields("step_stuck").text("step", path).text("reason", reason).value
        case .turned(let failure): Fields("turned").value("failure", failure.value).value
        case .failedFurther(let failure):
            Fields("failed_further").value("failure", failure.value).value
        case .stepCompensated(let path, _): Fields("step_compensated").text("step", path).value
        case .compensationStuck(let path, let reason):
            Fields("compensation_stuck").text("step", path).text("reason", reason).value
        case .lateReply(let path, let id, let outcome, let result, let asksCompensation):
            Fields("late_reply").text("step", path).text("command_id", id?.description)
                .text("outcome", outcome).value("result", result)
                .value("asks_compensation", .bool(asksCompensation)).value
        case .operatorActed(let action, let verb, let path):
            Fields("operator_acted").text("verb", verb).text("step", path).action(action).value
        case .statusChanged(let status):
            Fields("status_changed").text("status", status.rawValue).value
        case .ended(let status, let at):
            Fields("ended").text("status", status.rawValue).instant("at", at).value
        case .started, .deadlineHeld, .eventRaised, .startedByParent, .skipped, .entered, .passed,
            .waitOpened, .waitClosed, .answered, .reminded, .escalated, .commandOpened,
            .attemptSent, .resent, .attemptFailed, .retryScheduled, .childCancelled, .childStuck,
            .graceSet, .probePending, .takenBack:
            journalValue
        }
    }
}
