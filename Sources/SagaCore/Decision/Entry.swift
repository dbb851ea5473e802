/// What the core records: one thing that happened to a saga. Folding a saga's entries gives its
/// state.
package enum Entry: Equatable, Sendable {
    /// The saga began.
    case started(deadline: Instant?)
    /// The pivot was sent: the deadline is held, and strikes only after a final no.
    case deadlineHeld
    /// A domain event was raised; `notes` name data members that had no value and went out as null.
    case eventRaised(id: UniqueID, type: String, notes: [String])
    /// The saga is the child of another.
    case startedByParent(ParentLink)
    /// A node's condition was false.
    case skipped(NodePath)
    /// A `parallel` or an `each` was entered; `list` is the latter's, frozen, JSON kinds only.
    case entered(NodePath, list: [Value]?)
    /// A timer's time has come, or all within a `parallel` or an `each` are done.
    case passed(NodePath)
    /// A question, an awaited event or a timer was opened.
    case waitOpened(OpenWait)
    /// A question or a timer was closed before anybody answered or its time came.
    case waitClosed(NodePath, reason: String)
    /// A person answered a question.
    case answered(NodePath, OpenQuestion.Answer)
    /// Those who may decide were reminded, and are again then.
    case reminded(NodePath, nextAt: Instant)
    /// Others may decide as well from now on.
    case escalated(NodePath, role: String)
    /// A command was opened and its first attempt sent.
    case commandOpened(OpenCommand)
    /// The next attempt of an open command was sent.
    case attemptSent(CommandID, attempt: Int, at: Instant, dueAt: Instant, resendAt: Instant)
    /// An attempt in flight was sent again.
    case resent(CommandID, resend: Int, resendAt: Instant)
    /// An attempt had no final answer.
    case attemptFailed(CommandID, NodePath, attempt: Int, AttemptFailure)
    /// The next attempt waits.
    case retryScheduled(CommandID, at: Instant, dueAt: Instant)
    /// A child saga is cancelled: from now on that is what is ordered of it.
    case childCancelled(CommandID, NodePath, resendAt: Instant)
    /// A child saga is stuck for that reason, or is no more.
    case childStuck(NodePath, reason: String?)
    /// The saga turned round and waits for a command in flight no longer than that.
    case graceSet(CommandID, dueAt: Instant)
    /// The step has a continuing outcome.
    case stepCompleted(NodePath, outcome: String, result: Value)
    /// The step has a rejecting outcome.
    case stepRejected(NodePath, outcome: String, result: Value)
    /// The step has a final no without an outcome, or could not be sent.
    case stepFailed(NodePath, code: String, message: String)
    /// The step was given up and may have happened.
    case stepGivenUp(NodePath, reason: String)
    /// The participant is asked what became of the step.
    case probingBegan(NodePath, until: Instant)
    /// The participant does not know yet; it is asked again then.
    case probePending(CommandID, NodePath, askAgainAt: Instant)
    /// An operator is needed to bring the step to an end.
    case stepStuck(NodePath, reason: String)
    /// The saga turned round to compensation.
    case turned(Failure)
    /// One more failure after the one that turned the saga.
    case failedFurther(Failure)
    /// The step's compensation is done; of which of its commands, nil of all.
    case stepCompensated(NodePath, of: CommandID? = nil)
    /// An operator is needed to take the step back.
    case compensationStuck(NodePath, reason: String)
    /// A reply, or for an awaited event a report, came for a step that had been given up;
    /// `asksCompensation` where it says done.
    case lateReply(
        NodePath, CommandID?, outcome: String, result: Value, asksCompensation: Bool)
    /// An operator acted.
    case operatorActed(OperatorAction, verb: String, NodePath?)
    /// An operator says what became of a stuck step; it counts once another says so, too.
    case settlementProposed(NodePath, Settlement, OperatorAction)
    /// The parent takes the completed saga back, by that command.
    case takenBack(CommandID)
    /// An event that a participant appended says what became of the step: its outcome, or late news.
    case eventTaken(NodePath, id: String, type: String)
    /// An event that a participant appended is kept until its step opens.
    case eventKept(KeptEvent, type: String)
    /// A participant appended an outcome event of a step that has that outcome; it is not stored.
    case eventRepeated(NodePath, id: String, outcome: String)
    /// A participant appended the event of one of the saga's ends.
    case finishNoted(String, id: String)
    /// The event of the saga's end is not raised, since a participant appended it; `data` is what it
    /// would have had.
    case eventHeldBack(type: String, data: Value)
    /// The saga is to look at its aggregate's events then; nil where it has.
    case lookBackSet(Instant?)
    /// The saga's status changed.
    case statusChanged(SagaStatus)
    /// The saga ended.
    case ended(SagaStatus, at: Instant)
}

/// Why an attempt had no final answer.
package enum AttemptFailure: Hashable, Sendable {
    /// No answer came in time.
    case timeout
    /// The participant answered with an error that may pass.
    case error(code: String, message: String)

    /// The failure in words.
    package var words: String {
        switch self {
        case .timeout: "no answer in time"
        case .error(let code, let message): message.isEmpty ? code : "\(code): \(message)"
        }
    }
}
