import SagaCore

/// One step from a state of the model to the next.
struct Transition {
    /// What happened; nil at the start.
    var move: Move?
    /// How conditions turned out.
    var chosen: Choices
    /// What the rules made of it; nil where only time passed.
    var decision: Decision?
    /// The state afterwards.
    var state: ModelState
}

/// Takes the model from state to state by the daemon's own rules.
struct Stepper {
    /// The definition as it is modelled.
    let model: ModelDefinition
    /// What the world may do.
    let world: World
    /// Whether the events raised are part of a state.
    let tracksEvents: Bool
    private let rules: ChoosingDecider

    private static let never = Duration.seconds(2_000_000_000)
    private static let circumstances = Circumstances(
        now: SagaState.modelNow, jitter: 0.5, resend: ResendPolicy(initial: never, max: never))

    init(_ definition: SagaDefinition, isHostile: Bool, tracksEvents: Bool) {
        model = ModelDefinition(definition)
        world = World(definition: model.definition, isHostile: isHostile)
        self.tracksEvents = tracksEvents
        rules = ChoosingDecider(model)
    }

    /// Every way in which the saga may start.
    func starts() -> [Transition] {
        let id = SagaID(high: 1, low: 1)
        return rules.branches([:]) { decider in
            decider.start(
                .map(Members()), id: id, freshKey: "key", at: Self.circumstances)
        }.compactMap { branch in
            guard case .success(let decision) = branch.answer else {
                preconditionFailure("The model takes any input.")
            }
            let blank = ModelState(saga: decision.state)
            return transition(nil, blank, decision, branch.chosen)
        }
    }

    /// Every way to go on from a state that changes something.
    func transitions(from state: ModelState) -> [Transition] {
        world.moves(in: state).flatMap { transitions(from: state, by: $0) }
    }

    /// Every way in which a move may turn out, if it changes anything.
    func transitions(from state: ModelState, by move: Move) -> [Transition] {
        let prepared = move.prepared(state.saga)
        guard let input = move.input(in: prepared) else {
            var after = state
            after.saga = prepared
            return [Transition(move: move, chosen: state.chosen, decision: nil, state: after)]
        }
        return rules.branches(state.chosen) { decider in
            decider.decide(input, in: prepared, at: Self.circumstances)
        }.compactMap { branch in
            switch branch.answer {
            case .record(let decision): transition(move, state, decision, branch.chosen)
            case .ignore, .refuse: nil
            }
        }
    }

    private func transition(
        _ move: Move?, _ before: ModelState, _ decision: Decision, _ chosen: Choices
    ) -> Transition {
        var after = before
        var renaming: [CommandID: CommandID] = [:]
        after.saga = decision.state.collapsed(&renaming)
        after.chosen = rules.lasting(chosen)
        for command in after.saga.open where command.kind == .command {
            if after.truths[command.id] == nil {
                after.truths[command.id] = ModelState.Truth(path: command.path)
            }
        }
        if let move { learn(from: move, before, &after) }
        if tracksEvents {
            for case .raise(let event) in decision.effects { after.events.append(event.event) }
        }
        return Transition(move: move, chosen: chosen, decision: decision, state: after)
    }

    /// What an answer that counted says about what the participant has really done.
    private func learn(from move: Move, _ before: ModelState, _ after: inout ModelState) {
        guard case .answer(let id, let target, let answer, _) = move else { return }
        let original =
            before.saga.open.first { $0.id == id }?.originalID
            ?? before.saga.former.first { $0.id == id }?.originalID
        switch (target.kind, answer) {
        case (.compensation, .outcome):
            if let original { after.truths[original]?.isUndone = true }
        case (.command, .outcome(let name, _)):
            settle(&after, id, .outcome(name))
        case (.command, .error(_, _, false)): settle(&after, id, .finalNo)
        case (.probe, .outcome("never", _)): settle(&after, original, .finalNo)
        case (.probe, .outcome("pending", _)): break
        case (.probe, .outcome(let name, _)): settle(&after, original, .outcome(name))
        case (_, .error): break
        }
    }

    /// One who first says no and then that it is done has, by the last word, done it.
    private func settle(
        _ state: inout ModelState, _ id: CommandID?, _ answer: ModelState.Answer
    ) {
        guard let id, let known = state.truths[id] else { return }
        if known.answer == .finalNo, answer != .finalNo { state.truths[id]?.isUndone = false }
        state.truths[id]?.answer = answer
    }
}
