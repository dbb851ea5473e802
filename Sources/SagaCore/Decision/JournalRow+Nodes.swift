extension Entry {
    /// Writes the entry as the journal shows it, where it is about a node that sends nothing itself,
    /// or about parent and child.
    func writeStructural(to json: inout JSONWriter) {
        switch self {
        case .startedByParent(let parent):
            json.journal("started_by_parent") {
                $0.set("parent_id", id: parent.sagaID)
                $0.set("command_id", id: parent.commandID)
            }
        case .entered(let path, let list):
            json.journal("entered") {
                $0.set("step", text: path)
                $0.set("list", value: list.map(Value.list))
            }
        case .passed(let path): json.journal("passed") { $0.set("step", text: path) }
        case .waitOpened(let wait): json.journal("wait_opened") { $0.set(wait) }
        case .waitClosed(let path, let reason):
            json.journal("wait_closed") {
                $0.set("step", text: path)
                $0.set("reason", text: reason)
            }
        case .answered(let path, let answer):
            json.journal("answered") {
                $0.set("step", text: path)
                $0.set("by", text: answer.by)
                $0.set("outcome", text: answer.outcome)
                $0.set("data", value: answer.data)
            }
        case .reminded(let path, let nextAt):
            json.journal("reminded") {
                $0.set("step", text: path)
                $0.set("remind_at", time: nextAt)
            }
        case .escalated(let path, let role):
            json.journal("escalated") {
                $0.set("step", text: path)
                $0.set("role", text: role)
            }
        case .childCancelled(let id, let path, _):
            json.journal("child_cancelled") {
                $0.set("step", text: path)
                $0.set("command_id", id: id)
            }
        case .childStuck(let path, let reason):
            json.journal("child_stuck") {
                $0.set("step", text: path)
                $0.set("reason", text: reason)
            }
        case .takenBack(let id):
            json.journal("taken_back") { $0.set("command_id", id: id) }
        case .started, .deadlineHeld, .eventRaised, .skipped, .commandOpened, .attemptSent,
            .resent, .attemptFailed, .retryScheduled, .graceSet, .stepCompleted, .stepRejected,
            .stepFailed, .stepGivenUp, .probingBegan, .probePending, .stepStuck, .turned,
            .failedFurther, .stepCompensated, .compensationStuck, .lateReply, .operatorActed,
            .settlementProposed,
            .eventTaken, .eventKept, .eventRepeated, .finishNoted, .eventHeldBack, .lookBackSet,
            .statusChanged, .ended:
            write(to: &json)
        }
    }

    /// Writes the entry as the journal shows it, where it is about events that participants append.
    func writeAppended(to json: inout JSONWriter) {
        switch self {
        case .eventTaken(let path, let id, let type):
            json.journal("event_taken") {
                $0.set("step", text: path)
                $0.set("event_id", text: id)
                $0.set("type", text: type)
            }
        case .eventKept(let kept, let type):
            json.journal("event_kept") {
                $0.set("step", text: kept.step)
                $0.set("event_id", text: kept.id)
                $0.set("type", text: type)
                $0.set("outcome", text: kept.outcome)
                $0.set("result", value: kept.result)
            }
        case .eventRepeated(let path, let id, let outcome):
            json.journal("event_repeated") {
                $0.set("step", text: path)
                $0.set("event_id", text: id)
                $0.set("outcome", text: outcome)
            }
        case .finishNoted(let event, let id):
            json.journal("finish_noted") {
                $0.set("event", text: event)
                $0.set("event_id", text: id)
            }
        case .eventHeldBack(let type, let data):
            json.journal("event_held_back") {
                $0.set("type", text: type)
                $0.set("data", value: data)
            }
        case .lookBackSet(let at): json.journal("look_back_set") { $0.set("at", time: at) }
        case .started, .deadlineHeld, .eventRaised, .startedByParent, .skipped, .entered, .passed,
            .waitOpened, .waitClosed, .answered, .reminded, .escalated, .commandOpened,
            .attemptSent, .resent, .attemptFailed, .retryScheduled, .childCancelled, .childStuck,
            .graceSet, .stepCompleted, .stepRejected, .stepFailed, .stepGivenUp, .probingBegan,
            .probePending, .stepStuck, .turned, .failedFurther, .stepCompensated,
            .compensationStuck, .lateReply, .operatorActed, .settlementProposed, .takenBack,
            .statusChanged, .ended:
            write(to: &json)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func set(_ wait: OpenWait) {
        set("step", text: wait.path)
        switch wait.kind {
        case .timer: set("wait", text: "timer")
        case .event(let what):
            set("wait", text: "event")
            set("what", text: what)
        case .question(let question):
            set("wait", text: "question")
            set("title", text: question.title)
            set("role", text: question.role)
            set("show", value: question.show)
        }
        set("due_at", time: wait.dueAt)
    }
}
