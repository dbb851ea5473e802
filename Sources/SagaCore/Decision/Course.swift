/// One decision in the making: every entry is recorded and taken in at once, so that the next rule
/// sees the saga as it is by then.
struct Course {
    /// Why an input led to nothing.
    enum NotTaken: Error {
        /// It changes nothing.
        case ignored(String)
        /// The rules refuse it.
        case refused(Refusal)
    }

    let decider: Decider
    let circumstances: Circumstances
    var state: SagaState
    private var entries: [Entry] = []
    private var effects: [Effect] = []
    private var ordinal: UInt64 = 0

    init(of decider: Decider, from state: SagaState, at circumstances: Circumstances) {
        self.decider = decider
        self.state = state
        self.circumstances = circumstances
    }

    var definition: SagaDefinition { decider.definition }
    var now: Instant { circumstances.now }

    /// What was decided; the saga's version grows by one.
    var decision: Decision {
        var after = state
        after.version += 1
        return Decision(entries: entries, effects: effects, state: after)
    }

    mutating func record(_ entry: Entry) {
        entries.append(entry)
        state.evolve(by: entry)
    }

    /// An identity derived from the saga, the version in the making and an ordinal: the same
    /// however often the decision is made.
    mutating func nextID() -> UniqueID {
        ordinal += 1
        return state.identity.id.derived(UInt64(state.version + 1), ordinal)
    }

    /// Sends an open command as it stands in the state.
    mutating func send(_ id: CommandID) {
        guard let command = state.open.first(where: { $0.id == id }) else {
            preconditionFailure("Only an open command can be sent.")
        }
        effects.append(
            .send(
                OutgoingCommand(
                    saga: state.identity, command: command, document: state.input)))
    }

    /// Raises a domain event; members of its data that have no value go out as null.
    mutating func raise(_ event: RaisedEvent?, result: Value? = nil) {
        guard let event else { return }
        let scope = SagaScope(state: state, now: now, result: result)
        let (body, missing) = event.body.evaluateMembers(in: scope)
        raise(event.event, body: body.json, notes: missing.map { "\($0.name): \($0.message)" })
    }

    mutating func raise(_ event: String, body: Value, notes: [String] = []) {
        guard let aggregate = definition.aggregate else {
            preconditionFailure("The loader lets no event pass without an aggregate.")
        }
        let raised = DomainEvent(
            id: nextID(), aggregate: aggregate, aggregateID: state.identity.key, event: event,
            body: body)
        record(.eventRaised(id: raised.id, type: raised.type, notes: notes))
        effects.append(.raise(raised))
    }

    mutating func setStatus(_ status: SagaStatus) {
        if state.status != status { record(.statusChanged(status)) }
    }

    func step(_ path: NodePath) -> Step {
        guard let step = definition.step(at: path) else {
            preconditionFailure("A saga's state names a step that its definition does not have.")
        }
        return step
    }

    /// Opens a command and sends its first attempt.
    mutating func open(
        _ kind: CommandKind, of path: NodePath, subject: String, body: CommandBody,
        timeout: Duration, original: CommandID? = nil
    ) {
        let command = OpenCommand(
            id: nextID(), path: path, kind: kind, subject: subject, body: body,
            originalID: original, since: now, dueAt: now + timeout,
            resendAt: now + circumstances.resend.wait(after: 0))
        record(.commandOpened(command))
        send(command.id)
    }

    /// The body of a step's command.
    func body(of step: Step) throws(ExpressionError) -> CommandBody {
        guard case .command(_, let template) = step.work else {
            preconditionFailure("The loader lets no such step pass yet.")
        }
        return try body(template)
    }

    /// A command's body: what the template makes, or the document where there is none.
    func body(_ template: Template?) throws(ExpressionError) -> CommandBody {
        guard let template else { return .document }
        return .value(try template.evaluate(in: SagaScope(state: state, now: now)).json)
    }
}

// MARK: - Starting and going on

extension Course {
    mutating func start() {
        record(.started(deadline: definition.deadline.map { now + $0 }))
        if let event = definition.intake?.event { raise(event, body: state.input) }
        advance()
    }

    /// Goes on as far as the saga can without anybody's answer.
    mutating func advance() {
        compensateNews()
        if state.hasEnded { return }
        if state.failure == nil { goForward() }
        if state.failure != nil { goBack() }
    }

    private mutating func goForward() {
        for node in definition.nodes {
            switch node.body {
            case .step(let step):
                if state.steps[step.name] == nil { enter(step, when: node.condition) }
                if state.failure != nil { return }
                switch state.steps[step.name]?.phase {
                case .running, .probing: return setStatus(.running)
                case .stuck: return setStatus(.stuck)
                case .completed, .skipped, .rejected, .failed, .unknown: continue
                case nil: preconditionFailure("A step that was entered has a state.")
                }
            case .parallel, .each, .wait:
                preconditionFailure("The loader lets no such node pass yet.")
            }
        }
        end(.completed, definition.finish.completed)
    }

    private mutating func enter(_ step: Step, when condition: Expression?) {
        if let condition {
            let scope = SagaScope(state: state, now: now)
            switch decider.conditions(condition, scope) {
            case .success(true): break
            case .success(false): return record(.skipped(step.name))
            case .failure(let error): return failUnsent(step, "when: \(error.message)")
            }
        }
        do throws(ExpressionError) {
            send(step, try body(of: step))
        } catch {
            failUnsent(step, "with: \(error.message)")
        }
    }

    /// Opens the step's command; the pivot's holds the deadline.
    mutating func send(_ step: Step, _ body: CommandBody) {
        if step.isPivot, state.deadline != nil { record(.deadlineHeld) }
        open(
            .command, of: step.name, subject: step.subject, body: body,
            timeout: step.timeout ?? .seconds(30))
    }

    private mutating func failUnsent(_ step: Step, _ message: String) {
        record(.stepFailed(step.name, code: "expression", message: message))
        giveFinalNo(
            of: step,
            Failure(step: step.name, kind: .expression, code: "expression", message: message))
    }

    mutating func end(_ status: SagaStatus, _ event: RaisedEvent?) {
        raise(event)
        record(.ended(state.isSettledByHand ? .settled : status, at: now))
    }
}
