extension SagaState {
    /// The saga after that entry; total: an entry about something unknown changes nothing.
    package func evolved(by entry: Entry) -> SagaState {
        var state = self
        state.evolve(by: entry)
        return state
    }

    /// Takes that entry in.
    package mutating func evolve(by entry: Entry) {
        switch entry {
        case .started(let deadline): self.deadline = deadline
        case .eventRaised: break
        case .startedByParent(let link): parent = link
        case .skipped(let path): steps[path] = StepState(phase: .skipped)
        case .entered, .passed, .waitOpened, .waitClosed, .answered, .reminded, .escalated:
            evolve(byNode: entry)
        case .commandOpened(let command): take(opened: command)
        case .attemptSent(let id, let attempt, let at, let dueAt, let resendAt):
            take(sent: id, attempt: attempt, at: at, dueAt: dueAt, resendAt: resendAt)
        case .resent(let id, let resend, let resendAt):
            change(id) { command in
                command.resend = resend
                command.resendAt = resendAt
            }
        case .attemptFailed: break
        case .retryScheduled(let id, let at, let dueAt): wait(id, since: at, until: dueAt)
        case .graceSet(let id, let dueAt): change(id) { $0.dueAt = dueAt }
        case .childCancelled(let id, _, let resendAt):
            change(id) { command in
                command.order(.cancel)
                command.resend = 0
                command.dueAt = nil
                command.resendAt = resendAt
            }
        case .childStuck(let path, let reason): steps[path]?.childStuckReason = reason
        case .deadlineHeld:
            heldDeadline = deadline
            deadline = nil
        case .stepCompleted(let path, let outcome, let result):
            settle(path, .completed, outcome, result)
            note(inOrder: path)
        case .stepRejected(let path, let outcome, let result):
            settle(path, .rejected, outcome, result)
            noteUndone(path)
        case .stepFailed(let path, _, _):
            settle(path, .failed)
            noteUndone(path)
        case .stepGivenUp(let path, _):
            settle(path, .unknown)
            note(inOrder: path)
        case .stepStuck(let path, let reason): settle(path, .stuck, stuckReason: reason)
        case .probingBegan(let path, let until):
            closeCommands(of: path, [.command])
            steps[path]?.phase = .probing
            steps[path]?.probingEndsAt = until
        case .probePending(let id, _, let askAgainAt):
            change(id) { command in
                command.phase = .waiting
                command.dueAt = askAgainAt
            }
        case .turned(let failure):
            self.failure = failure
            deadline = nil
            heldDeadline = nil
        case .failedFurther: break
        case .stepCompensated(let path, let id): take(compensated: path, of: id)
        case .compensationStuck(let path, let reason):
            closeCommands(of: path, [.compensation])
            steps[path]?.childStuckReason = nil
            steps[path]?.compensation = .stuck
            steps[path]?.compensatesAgain = false
            steps[path]?.stuckReason = reason
            steps[path]?.proposal = nil
        case .lateReply(let path, let id, let outcome, let result, let asksCompensation):
            take(late: outcome, result, of: path, id, asksCompensation: asksCompensation)
        case .operatorActed(_, let verb, let path):
            if verb == "settle" { isSettledByHand = true }
            if let path { steps[path]?.proposal = nil }
        case .settlementProposed(let path, let settlement, let action):
            steps[path]?.proposal = SettlementProposal(settlement: settlement, by: action.by)
        case .takenBack(let id):
            parent?.takeBackID = id
            endedAt = nil
        case .eventTaken, .eventKept, .eventRepeated, .finishNoted, .eventHeldBack, .lookBackSet:
            evolve(byAppended: entry)
        case .statusChanged(let status): self.status = status
        case .ended(let status, let at):
            self.status = status
            endedAt = at
            deadline = nil
            looksBackAt = nil
        }
    }

    private mutating func take(opened command: OpenCommand) {
        if command.kind == .probe { closeCommands(of: command.path, [.probe]) }
        open.append(command)
        switch command.kind {
        case .command:
            var step = steps[command.path] ?? StepState(phase: .running)
            if let replaced = step.commandID, !step.isUndone { step.doubts.append(replaced) }
            step.phase = .running
            step.attempt = command.attempt
            step.commandID = command.id
            step.isUndone = false
            step.isTakenBack = false
            step.stuckReason = nil
            if step.compensation == .done { step.compensation = nil }
            steps[command.path] = step
        case .compensation:
            steps[command.path]?.compensation = .running
            steps[command.path]?.stuckReason = nil
            if command.originalID == steps[command.path]?.commandID {
                steps[command.path]?.compensatesAgain = false
            }
        case .probe: break
        }
    }

    private mutating func take(
        sent id: CommandID, attempt: Int, at: Instant, dueAt: Instant, resendAt: Instant
    ) {
        guard let command = open.first(where: { $0.id == id }) else { return }
        if command.kind == .command { steps[command.path]?.attempt = attempt }
        change(id) { command in
            command.attempt = attempt
            command.resend = 0
            command.since = at
            command.phase = .inFlight
            command.dueAt = dueAt
            command.resendAt = resendAt
        }
    }

    private mutating func wait(_ id: CommandID, since: Instant, until dueAt: Instant) {
        change(id) { command in
            command.phase = .waiting
            command.since = since
            command.dueAt = dueAt
        }
    }

    /// What is left to take back of the step is taken back by further compensations.
    private mutating func take(compensated path: NodePath, of id: CommandID?) {
        closeCommands(of: path, [.compensation])
        guard var step = steps[path] else { return }
        step.stuckReason = nil
        step.childStuckReason = nil
        if let id { step.doubts.removeAll { $0 == id } } else { step.doubts = [] }
        if id == nil || id == step.commandID { step.isTakenBack = true }
        let isAllTaken = step.doubts.isEmpty && (step.isTakenBack || step.isUndone)
        step.compensation = isAllTaken ? .done : nil
        steps[path] = step
    }

    private mutating func take(
        late outcome: String, _ result: Value, of path: NodePath, _ id: CommandID?,
        asksCompensation: Bool
    ) {
        if steps[path]?.commandID != id {
            if asksCompensation, let id { steps[path]?.doubts.append(id) }
            return
        }
        guard steps[path]?.phase != .completed else { return }
        if steps[path] == nil, asksCompensation { steps[path] = StepState(phase: .unknown) }
        steps[path]?.outcome = outcome
        steps[path]?.result = result
        guard asksCompensation else { return }
        if !order.contains(path) { order.append(path) }
        steps[path]?.phase = .unknown
        steps[path]?.isUndone = false
        steps[path]?.isTakenBack = false
        steps[path]?.compensatesAgain = true
    }

    private mutating func settle(
        _ path: NodePath, _ phase: StepPhase, _ outcome: String? = nil, _ result: Value? = nil,
        stuckReason: String? = nil
    ) {
        closeCommands(of: path, [.command, .probe])
        waits.removeAll { $0.path == path }
        var step = steps[path] ?? StepState(phase: phase)
        if phase == .rejected || phase == .failed { step.isUndone = true }
        if phase == .completed { step.isUndone = false }
        step.phase = phase
        step.outcome = outcome
        step.result = result
        step.probingEndsAt = nil
        step.stuckReason = stuckReason
        step.childStuckReason = nil
        step.proposal = nil
        steps[path] = step
    }

    /// The step itself is not done; commands of it that were replaced may be.
    private mutating func noteUndone(_ path: NodePath) {
        order.removeAll { $0 == path }
        if steps[path]?.doubts.isEmpty == false { order.append(path) }
    }

    private mutating func note(inOrder path: NodePath) {
        order.removeAll { $0 == path }
        order.append(path)
    }

    /// Closes the open commands of a node, and remembers them for late replies.
    private mutating func closeCommands(of path: NodePath, _ kinds: Set<CommandKind>) {
        for command in open where command.path == path && kinds.contains(command.kind) {
            former.append(
                FormerCommand(
                    id: command.id, path: command.path, kind: command.kind,
                    originalID: command.originalID))
        }
        open.removeAll { $0.path == path && kinds.contains($0.kind) }
        while former.count > Self.formerCommandsMax {
            former.remove(at: former.firstIndex { $0.kind == .probe } ?? 0)
        }
    }

    private mutating func change(_ id: CommandID, _ body: (inout OpenCommand) -> Void) {
        guard let place = open.firstIndex(where: { $0.id == id }) else { return }
        body(&open[place])
    }
}
