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
        JSONWriter.bytes { json in
            json.object { json in
                json.set("version", whole: version)
                json.set("at", time: at)
                json.name("input")
                if let input { input.write(to: &json) } else { json.journal("start") }
                json.name("entries")
                json.list(entries) { $1.write(to: &$0) }
            }
        }
    }
}

extension Input {
    /// Writes the input as the journal shows it.
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .reply(let reply):
            json.journal("reply") {
                $0.set("command_id", id: reply.commandID)
                $0.set("attempt", whole: Int64(reply.attempt))
                $0.name("body")
                reply.answer.write(to: &$0)
            }
        case .due: json.journal("due")
        case .takenOver: json.journal("taken_over")
        case .cancel(let action): json.journal("cancel") { $0.set(action) }
        case .retry(let path, let body, let action):
            json.journal("retry") {
                $0.set("step", text: path)
                $0.set(action)
                $0.set("body", value: body)
            }
        case .settle(let path, let settlement, let action):
            json.journal("settle") {
                $0.set("step", text: path)
                $0.set(action)
                $0.set(settlement)
            }
        case .proposeSettling(let path, let settlement, let action):
            json.journal("propose_settling") {
                $0.set("step", text: path)
                $0.set(action)
                $0.set(settlement)
            }
        case .report(let path, let outcome, let data, let action):
            json.journal("report") {
                $0.set("step", text: path)
                $0.set(action)
                $0.set("outcome", text: outcome)
                $0.set("body", value: data)
            }
        case .childStuck(let id, let reason):
            json.journal("child_stuck") {
                $0.set("command_id", id: id)
                $0.set("reason", text: reason)
            }
        case .takeBack(let id, let reason):
            json.journal("take_back") {
                $0.set("command_id", id: id)
                $0.set("reason", text: reason)
            }
        case .appended(let event):
            json.journal("appended") {
                $0.set("event_id", text: event.id)
                $0.set("event", text: event.event)
                $0.set("body", value: event.data)
            }
        case .lookedBack(let events):
            json.journal("looked_back") { $0.set("event_ids", texts: events.map(\.id)) }
        }
    }
}

extension Reply.Answer {
    /// The answer as a participant writes it into the body of a reply, and as the journal shows it.
    package var jsonBytes: [UInt8] { JSONWriter.bytes(write) }

    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            switch self {
            case .outcome(let outcome, let result):
                json.set("outcome", text: outcome)
                json.set("data", value: result)
            case .error(let code, let message, let isRetriable):
                json.name("error")
                json.object { json in
                    json.set("code", text: code)
                    json.set("message", text: message)
                    json.set("retriable", truth: isRetriable)
                }
            }
        }
    }
}

extension Entry {
    /// Writes the entry as the journal shows it.
    func write(to json: inout JSONWriter) {
        switch self {
        case .started(let deadline): json.journal("started") { $0.set("deadline", time: deadline) }
        case .deadlineHeld: json.journal("deadline_held")
        case .eventRaised(let id, let type, let notes):
            json.journal("event_raised") {
                $0.set("type", text: type)
                $0.set("id", id: id)
                $0.set("notes", value: notes.isEmpty ? nil : .list(notes.map(Value.string)))
            }
        case .skipped(let path): json.journal("skipped") { $0.set("step", text: path) }
        case .commandOpened(let command): json.journal("command_opened") { $0.set(command) }
        case .attemptSent(let id, let attempt, _, let dueAt, _):
            json.journal("attempt_sent") {
                $0.set("command_id", id: id)
                $0.set("attempt", whole: Int64(attempt))
                $0.set("due_at", time: dueAt)
            }
        case .resent(let id, let resend, _):
            json.journal("resent") {
                $0.set("command_id", id: id)
                $0.set("resend", whole: Int64(resend))
            }
        case .attemptFailed(let id, let path, let attempt, let failure):
            json.journal("attempt_failed") {
                $0.set("step", text: path)
                $0.set("command_id", id: id)
                $0.set("attempt", whole: Int64(attempt))
                $0.set("reason", text: failure.words)
            }
        case .retryScheduled(let id, _, let dueAt):
            json.journal("retry_scheduled") {
                $0.set("command_id", id: id)
                $0.set("due_at", time: dueAt)
            }
        case .graceSet(let id, let dueAt):
            json.journal("grace_set") {
                $0.set("command_id", id: id)
                $0.set("due_at", time: dueAt)
            }
        case .probePending(let id, let path, let askAgainAt):
            json.journal("probe_pending") {
                $0.set("step", text: path)
                $0.set("command_id", id: id)
                $0.set("due_at", time: askAgainAt)
            }
        case .stepCompleted, .stepRejected, .stepFailed, .stepGivenUp, .probingBegan, .stepStuck,
            .turned, .failedFurther, .stepCompensated, .compensationStuck, .lateReply,
            .operatorActed, .settlementProposed, .statusChanged, .ended:
            writeTurningPoint(to: &json)
        case .startedByParent, .entered, .passed, .waitOpened, .waitClosed, .answered, .reminded,
            .escalated, .childCancelled, .childStuck, .takenBack:
            writeStructural(to: &json)
        case .eventTaken, .eventKept, .eventRepeated, .finishNoted, .eventHeldBack, .lookBackSet:
            writeAppended(to: &json)
        }
    }

    private func writeTurningPoint(to json: inout JSONWriter) {
        switch self {
        case .stepCompleted(let path, let outcome, let result):
            json.journal("step_completed") {
                $0.set("step", text: path)
                $0.set("outcome", text: outcome)
                $0.set("result", value: result)
            }
        case .stepRejected(let path, let outcome, let result):
            json.journal("step_rejected") {
                $0.set("step", text: path)
                $0.set("outcome", text: outcome)
                $0.set("result", value: result)
            }
        case .stepFailed(let path, let code, let message):
            json.journal("step_failed") {
                $0.set("step", text: path)
                $0.set("code", text: code)
                $0.set("message", text: message)
            }
        case .stepGivenUp(let path, let reason):
            json.journal("step_given_up") {
                $0.set("step", text: path)
                $0.set("reason", text: reason)
            }
        case .probingBegan(let path, let until):
            json.journal("probing_began") {
                $0.set("step", text: path)
                $0.set("until", time: until)
            }
        case .stepStuck(let path, let reason):
            json.journal("step_stuck") {
                $0.set("step", text: path)
                $0.set("reason", text: reason)
            }
        case .turned(let failure):
            json.journal("turned") { $0.set("failure", value: failure.value) }
        case .failedFurther(let failure):
            json.journal("failed_further") { $0.set("failure", value: failure.value) }
        case .stepCompensated(let path, _):
            json.journal("step_compensated") { $0.set("step", text: path) }
        case .compensationStuck(let path, let reason):
            json.journal("compensation_stuck") {
                $0.set("step", text: path)
                $0.set("reason", text: reason)
            }
        case .lateReply(let path, let id, let outcome, let result, let asksCompensation):
            json.journal("late_reply") {
                $0.set("step", text: path)
                $0.set("command_id", id: id)
                $0.set("outcome", text: outcome)
                $0.set("result", value: result)
                $0.set("asks_compensation", truth: asksCompensation)
            }
        case .operatorActed(let action, let verb, let path):
            json.journal("operator_acted") {
                $0.set("verb", text: verb)
                $0.set("step", text: path)
                $0.set(action)
            }
        case .settlementProposed(let path, let settlement, let action):
            json.journal("settlement_proposed") {
                $0.set("step", text: path)
                $0.set(action)
                $0.set(settlement)
            }
        case .statusChanged(let status):
            json.journal("status_changed") { $0.set("status", text: status.rawValue) }
        case .ended(let status, let at):
            json.journal("ended") {
                $0.set("status", text: status.rawValue)
                $0.set("at", time: at)
            }
        case .started, .deadlineHeld, .eventRaised, .startedByParent, .skipped, .entered, .passed,
            .waitOpened, .waitClosed, .answered, .reminded, .escalated, .commandOpened,
            .attemptSent, .resent, .attemptFailed, .retryScheduled, .childCancelled, .childStuck,
            .graceSet, .probePending, .takenBack, .eventTaken, .eventKept, .eventRepeated,
            .finishNoted, .eventHeldBack, .lookBackSet:
            write(to: &json)
        }
    }
}
