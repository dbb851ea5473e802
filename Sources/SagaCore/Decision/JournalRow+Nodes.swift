extension Entry {
    /// The entry as the journal shows it, where it is about a node that sends nothing itself, or
    /// about parent and child.
    var structural: Value {
        switch self {
        case .startedByParent(let parent):
            Fields("started_by_parent").text("parent_id", parent.sagaID.description)
                .text("command_id", parent.commandID.description).value
        case .entered(let path, let list):
            Fields("entered").text("step", path).value("list", list.map(Value.list)).value
        case .passed(let path): Fields("passed").text("step", path).value
        case .waitOpened(let wait): Fields("wait_opened").wait(wait).value
        case .waitClosed(let path, let reason):
            Fields("wait_closed").text("step", path).text("reason", reason).value
        case .answered(let path, let answer):
            Fields("answered").text("step", path).text("by", answer.by)
                .text("outcome", answer.outcome).value("data", answer.data).value
        case .reminded(let path, let nextAt):
            Fields("reminded").text("step", path).instant("remind_at", nextAt).value
        case .escalated(let path, let role):
            Fields("escalated").text("step", path).text("role", role).value
        case .childCancelled(let id, let path, _):
            Fields("child_cancelled").text("step", path).text("command_id", id.description).value
        case .childStuck(let path, let reason):
            Fields("child_stuck").text("step", path).text("reason", reason).value
        case .takenBack(let id):
            Fields("taken_back").text("command_id", id.description).value
        case .started, .deadlineHeld, .eventRaised, .skipped, .commandOpened, .attemptSent,
            .resent, .attemptFailed, .retryScheduled, .graceSet, .stepCompleted, .stepRejected,
            .stepFailed, .stepGivenUp, .probingBegan, .probePending, .stepStuck, .turned,
            .failedFurther, .stepCompensated, .compensationStuck, .lateReply, .operatorActed,
            .statusChanged, .ended:
            journalValue
        }
    }
}

extension Fields {
    fileprivate func wait(_ wait: OpenWait) -> Fields {
        let fields = text("step", wait.path)
        switch wait.kind {
        case .timer: return fields.text("wait", "timer").instant("due_at", wait.dueAt)
        case .event(let what):
            return fields.text("wait", "event").text("what", what).instant("due_at", wait.dueAt)
        case .question(let question):
            return fields.text("wait", "question").text("title", question.title)
                .text("role", question.role).value("show", question.show)
                .instant("due_at", wait.dueAt)
        }
    }
}
