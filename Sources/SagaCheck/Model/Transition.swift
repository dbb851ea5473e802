import SagaCore

/// One step from a state of the model to the next.
struct Transition {
    /// What happened; at the start nil, or what its aggregate has before it.
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
    /// What the world may do.
    let world: World
    /// What tells states apart.
    let coder: StateCoder
    private let rules: ChoosingDecider
    private let observation: Observation
    /// Whether events are told only up to where an operator acts.
    private let tellsStories: Bool
    /// Whether others may know the saga's key before it starts.
    let mayBeKnownEarly: Bool

    private static let never = Duration.seconds(2_000_000_000)
    private static let circumstances = Circumstances(
        now: SagaState.modelNow, jitter: 0.5, resend: ResendPolicy(initial: never, max: never))

    init(
        _ definition: SagaDefinition, isHostile: Bool = false, tellsStories: Bool = false,
        observation: Observation = Observation(), reduction: Reduction = .statesAndOrders
    ) {
        let isSequence = tellsStories || observation.events == .sequence
        let reduction = isSequence ? min(reduction, .states) : reduction
        let model = ModelDefinition(definition, reduction)
        let layout = Layout(
            model, observation, isSequence: isSequence, isReduced: reduction >= .states,
            appended: AppendedOutcome.all(of: definition, isHostile: isHostile))
        let patience = Patience(
            layout: layout, observation: observation, reduction: reduction, isHostile: isHostile,
            noReturn: NoReturn(model.definition, observation))
        world = World(layout: layout, patience: patience, isHostile: isHostile)
        coder = StateCoder(
            patience: patience, tellsAided: tellsStories,
            tellsFinish: isSequence || reduction < .states)
        rules = ChoosingDecider(model, reduction)
        self.observation = observation
        self.tellsStories = tellsStories
        mayBeKnownEarly = definition.key != nil || definition.intake == nil
    }

    /// Every way in which the saga may start when its aggregate has those events.
    func starts(after told: [AppendedOutcome]) -> [Transition] {
        let id = SagaID(high: 1, low: 1)
        let events = told.enumerated().map { place, told in
            AppendedEvent(
                id: "early-\(place)", event: told.event, data: .map(Members()), isStored: true)
        }
        let early =
            told.isEmpty
            ? nil : EarlyEvents(events: events, looksBackAt: SagaState.modelFar)
        return rules.branches([:]) { decider in
            decider.start(
                .map(Members()), id: id, freshKey: "key", early: early, at: Self.circumstances)
        }.compactMap { branch in
            guard case .success(let decision) = branch.answer else {
                preconditionFailure("The model takes any input.")
            }
            let blank = ModelState(saga: decision.state)
            let move = told.isEmpty ? nil : Move.start(after: told)
            return transition(move, blank, decision, branch.chosen)
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
        after.saga = decision.state
        after.chosen = rules.lasting(chosen, in: after.saga)
        for command in after.saga.open
        where command.kind == .command && after.truth(of: command.id) == nil {
            after.truths.append(ModelState.Truth(id: command.id, path: command.path))
        }
        if let move {
            learn(from: move, before, &after)
            if move.aids { after.isAided = true }
        }
        learn(from: decision.entries, &after)
        note(events(of: decision, move), &after)
        return Transition(move: move, chosen: chosen, decision: decision, state: after)
    }

    // MARK: Events

    /// What goes out on the stream with a decision, in order.
    private func events(of decision: Decision, _ move: Move?) -> [String] {
        var events: [String] = []
        if case .start(let early)? = move { events = early.map(\.event) }
        for effect in decision.effects {
            switch (effect, move) {
            case (.raise(let event), _): events.append(event.event)
            case (.storeAppended, .append(let told)?): events.append(told.event)
            case (.storeAppended, _), (.send, _), (.order, _), (.tellParent, _): break
            }
        }
        return events
    }

    private func note(_ events: [String], _ after: inout ModelState) {
        if after.isAided, observation.events == .nothing {
            after.events = []
            return
        }
        for event in events {
            switch (tellsStories ? .sequence : observation.events, event) {
            case (.nothing, _): break
            case (.sequence, let name): after.events.append(name)
            case (.names(let names), let name):
                guard names.contains(name), !after.events.contains(name) else { break }
                after.events.append(name)
                after.events.sort()
            }
        }
    }
}
