/// What entries about nodes that send nothing themselves make of a state.
extension SagaState {
    mutating func evolve(byNode entry: Entry) {
        switch entry {
        case .entered(let path, let list):
            steps[path] = StepState(phase: .entered)
            steps[path]?.list = list
        case .passed(let path):
            waits.removeAll { $0.path == path }
            var node = steps[path] ?? StepState(phase: .completed)
            node.phase = .completed
            node.isUndone = false
            node.stuckReason = nil
            steps[path] = node
        case .waitOpened(let wait): take(opened: wait)
        case .waitClosed(let path, _):
            waits.removeAll { $0.path == path }
            steps[path]?.phase = .failed
            steps[path]?.isUndone = true
            steps[path]?.stuckReason = nil
        case .answered(let path, let answer): change(path) { $0.answers.append(answer) }
        case .reminded(let path, let nextAt): change(path) { $0.remindAt = nextAt }
        case .escalated(let path, let role):
            change(path) { question in
                question.escalatesAt = nil
                question.escalatedTo = role
            }
        case .started, .deadlineHeld, .eventRaised, .startedByParent, .skipped, .commandOpened,
            .attemptSent, .resent, .attemptFailed, .retryScheduled, .childCancelled, .childStuck,
            .graceSet, .stepCompleted, .stepRejected, .stepFailed, .stepGivenUp, .probingBegan,
            .probePending, .stepStuck, .turned, .failedFurther, .stepCompensated,
            .compensationStuck, .lateReply, .operatorActed, .settlementProposed, .takenBack,
            .eventTaken, .eventKept,
            .eventRepeated, .finishNoted, .eventHeldBack, .lookBackSet, .statusChanged, .ended:
            preconditionFailure("Only an entry about such a node comes here.")
        }
    }

    /// What entries about events that participants appended make of a state.
    mutating func evolve(byAppended entry: Entry) {
        switch entry {
        case .eventTaken(let path, let id, _):
            kept.removeAll { $0.id == id }
            steps[path]?.eventID = id
        case .eventKept(let event, _): kept.append(event)
        case .finishNoted(let event, let id): finishEvents[event] = id
        case .eventRepeated, .eventHeldBack: break
        case .lookBackSet(let at): looksBackAt = at
        case .started, .deadlineHeld, .eventRaised, .startedByParent, .skipped, .entered, .passed,
            .waitOpened, .waitClosed, .answered, .reminded, .escalated, .commandOpened,
            .attemptSent, .resent, .attemptFailed, .retryScheduled, .childCancelled, .childStuck,
            .graceSet, .stepCompleted, .stepRejected, .stepFailed, .stepGivenUp, .probingBegan,
            .probePending, .stepStuck, .turned, .failedFurther, .stepCompensated,
            .compensationStuck, .lateReply, .operatorActed, .settlementProposed, .takenBack,
            .statusChanged, .ended:
            preconditionFailure("Only an entry about an appended event comes here.")
        }
    }

    private mutating func take(opened wait: OpenWait) {
        waits.removeAll { $0.path == wait.path }
        waits.append(wait)
        var node = steps[wait.path] ?? StepState(phase: .running)
        node.phase = .running
        node.isUndone = false
        node.stuckReason = nil
        steps[wait.path] = node
    }

    /// Changes the open question of a node.
    private mutating func change(_ path: NodePath, _ body: (inout OpenQuestion) -> Void) {
        guard let place = waits.firstIndex(where: { $0.path == path }),
            var question = waits[place].question
        else { return }
        body(&question)
        waits[place].kind = .question(question)
    }
}
