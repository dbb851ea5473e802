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
    private let statusBefore: SagaStatus
    private var entries: [Entry] = []
    private var effects: [Effect] = []
    private var ordinal: UInt64 = 0

    init(of decider: Decider, from state: SagaState, at circumstances: Circumstances) {
        self.decider = decider
        self.state = state
        self.circumstances = circumstances
        statusBefore = state.status
    }

    var definition: SagaDefinition { decider.definition }
    var now: Instant { circumstances.now }

    /// What was decided; the saga's version grows by one.
    var decision: Decision {
        var after = state
        after.version += 1
        var decision = Decision(entries: entries, effects: effects, state: after)
        if let news = newsOfStanding(since: statusBefore) { decision.effects.append(news) }
        return decision
    }

    mutating func record(_ entry: Entry) {
        entries.append(entry)
        state.evolve(by: entry)
    }

    mutating func perform(_ effect: Effect) { effects.append(effect) }

    /// Has an effect come before all others.
    mutating func performFirst(_ effect: Effect) { effects.insert(effect, at: 0) }

    /// An identity derived from the saga, the version in the making and an ordinal: the same
    /// however often the decision is made.
    mutating func nextID() -> UniqueID {
        ordinal += 1
        return state.identity.id.neighbour(UInt64(state.version + 1), ordinal)
    }

    /// Sends an open command as it stands in the state.
    mutating func send(_ id: CommandID) {
        guard let command = state.open.first(where: { $0.id == id }) else {
            preconditionFailure("Only an open command can be sent.")
        }
        switch command.target {
        case .participant:
            perform(
                .send(
                    OutgoingCommand(
                        saga: state.identity, command: command, document: state.input)))
        case .child(let child): perform(.order(order(command, child)))
        }
    }

    /// Raises a domain event of a node, or of the saga itself; members of its data that have no
    /// value go out as null.
    mutating func raise(_ event: RaisedEvent?, at path: NodePath? = nil, result: Value? = nil) {
        guard let event else { return }
        let (body, missing) = event.body.evaluateMembers(in: scope(at: path, result: result))
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
        perform(.raise(raised))
    }

    mutating func setStatus(_ status: SagaStatus) {
        if state.status != status { record(.statusChanged(status)) }
    }

    /// The step at the path of something that the saga has.
    func step(_ path: NodePath) -> PlacedStep {
        guard case .step(let step)? = decider.outline.place(of: path)?.node.body else {
            preconditionFailure("A saga's state names a step that its definition does not have.")
        }
        return PlacedStep(step: step, path: path)
    }

    /// What expressions of the node at a path, or of the saga itself, see.
    func scope(at path: NodePath?, result: Value? = nil) -> SagaScope {
        SagaScope(state: state, now: now, result: result, outline: decider.outline, path: path)
    }

    /// Opens a command and sends its first attempt.
    mutating func open(
        _ kind: CommandKind, of path: NodePath, target: CommandTarget, body: CommandBody,
        timeout: Duration?, original: CommandID? = nil
    ) {
        let command = OpenCommand(
            id: nextID(), path: path, kind: kind, target: target, body: body,
            originalID: original, since: now, dueAt: timeout.map { now + $0 },
            resendAt: now + circumstances.resend.wait(after: 0))
        record(.commandOpened(command))
        send(command.id)
    }

    /// The body of a command of the node at a path: what the template makes, or the document where
    /// there is none.
    func body(_ template: Template?, at path: NodePath) throws(ExpressionError) -> CommandBody {
        guard let template else { return .document }
        do throws(ExpressionError) {
            return .value(try template.evaluate(in: scope(at: path)).json)
        } catch {
            throw ExpressionError("with: \(error.message)")
        }
    }
}

// MARK: - Starting and going on

extension Course {
    mutating func start(
        _ parent: ParentLink?, _ cancellation: OperatorAction?, _ early: EarlyEvents?
    ) {
        record(.started(deadline: definition.deadline.map { now + $0 }))
        if let parent { record(.startedByParent(parent)) }
        if let event = definition.intake?.event { raise(event, body: state.input) }
        if let early { take(early: early) }
        if let cancellation { turn(by: cancellation) }
        advance()
    }

    /// Goes on as far as the saga can without anybody's answer.
    mutating func advance() {
        compensateNews()
        if state.hasEnded { return }
        if state.failure == nil {
            goForward()
            // Where a node just turned it round, what was kept is late news by now.
            if state.failure != nil { compensateNews() }
        }
        if state.failure != nil { goBack() }
    }

    mutating func end(_ status: SagaStatus, _ event: RaisedEvent?) {
        if !state.kept.isEmpty {
            giveUpKept()
            compensateNews()
        }
        raise(endWith: event)
        record(.ended(state.isSettledByHand ? .settled : status, at: now))
        tellParentOfEnd()
    }
}
