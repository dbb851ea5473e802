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
    /// What the world may do.
    let world: World
    /// What tells states apart.
    let coder: StateCoder
    private let rules: ChoosingDecider
    private let observation: Observation
    /// Whether events are told only up to where an operator acts.
    private let tellsStories: Bool

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
        let layout = Layout(model, observation)
        let patience = Patience(
            layout: layout, observation: observation, reduction: reduction, isHostile: isHostile,
            noReturn: NoReturn(model.definition, observation))
        world = World(layout: layout, patience: patience, isHostile: isHostile)
        coder = StateCoder(patience: patience, tellsAided: tellsStories)
        rules = ChoosingDecider(model, reduction)
        self.observation = observation
        self.tellsStories = tellsStories
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
        note(decision, &after)
        return Transition(move: move, chosen: chosen, decision: decision, state: after)
    }

    // MARK: Events

    private func note(_ decision: Decision, _ after: inout ModelState) {
        if after.isAided, observation.events == .nothing {
            after.events = []
            return
        }
        for case .raise(let event) in decision.effects {
            switch (tellsStories ? .sequence : observation.events, event.event) {
            case (.nothing, _): break
            case (.sequence, let name): after.events.append(name)
            case (.names(let names), let name):
                guard names.contains(name), !after.events.contains(name) else { break }
                after.events.append(name)
                after.events.sort()
            }
        }
    }

    // MARK: Truths

    /// What an answer that counted says about what the participant has really done.
    ///
    /// An operator settles what is stuck as it is: the participant says nothing else later.
    private func learn(from move: Move, _ before: ModelState, _ after: inout ModelState) {
        if case .settle(let target, let outcome) = move {
            return settle(target, outcome, &after)
        }
        guard case .answer(let id, let target, let answer, _) = move else { return }
        let original =
            before.saga.open.first { $0.id == id }?.originalID
            ?? before.saga.former.first { $0.id == id }?.originalID
        switch (target.kind, answer) {
        case (.compensation, .outcome):
            if let original { after.learn(of: original) { $0.isUndone = true } }
        case (.command, .outcome(let name, _)):
            settle(&after, id, .outcome(name))
        case (.command, .error(_, _, false)): settle(&after, id, .finalNo)
        case (.probe, .outcome("never", _)): settle(&after, original, .finalNo)
        case (.probe, .outcome("pending", _)): break
        case (.probe, .outcome(let name, _)): settle(&after, original, .outcome(name))
        case (_, .error): break
        }
    }

    private func settle(_ target: Target, _ outcome: String, _ state: inout ModelState) {
        switch target.kind {
        case .compensation:
            for place in state.truths.indices where state.truths[place].path == target.path {
                state.truths[place].isUndone = true
            }
        case .command, .probe:
            guard let id = state.saga.steps[target.path]?.commandID else { return }
            state.learn(of: id) { $0.answer = .outcome(outcome) }
        }
    }

    /// One who first says no and then that it is done has, by the last word, done it.
    private func settle(
        _ state: inout ModelState, _ id: CommandID?, _ answer: ModelState.Answer
    ) {
        guard let id else { return }
        state.learn(of: id) { truth in
            if truth.answer == .finalNo, answer != .finalNo { truth.isUndone = false }
            truth.answer = answer
        }
    }
}
