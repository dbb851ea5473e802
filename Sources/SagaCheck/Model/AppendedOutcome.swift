import SagaCore

/// An outcome that a participant may tell by appending its event to the event store.
struct AppendedOutcome: Hashable, Sendable {
    /// The step's name.
    let step: String
    /// The outcome.
    let outcome: String
    /// The outcome's event.
    let event: String
    /// Whether the step stands in a list.
    let isInList: Bool

    /// How many events are kept at most for a step of a list, one for each element that is explored.
    static let keptMax = Layout.elements

    /// What may be appended: the outcome events of awaited steps; of those that send commands, too,
    /// where participants break their contract.
    ///
    /// As the core has it, an event is an outcome of the first step that names it. Time, not a
    /// participant, says `timeout`.
    static func all(of definition: SagaDefinition, isHostile: Bool) -> [AppendedOutcome] {
        var known: Set<String> = []
        return definition.steps.flatMap { step -> [AppendedOutcome] in
            guard let isAwaited = step.isAwaited else { return [] }
            let isInList = definition.nodes.contains { $0.hasInList(step.name) }
            return step.outcomes.compactMap { outcome in
                guard let event = outcome.event?.event, known.insert(event).inserted,
                    outcome.name != "timeout",
                    isAwaited || isHostile
                else { return nil }
                return AppendedOutcome(
                    step: step.name, outcome: outcome.name, event: event, isInList: isInList)
            }
        }
    }
}

extension Step {
    /// Whether its outcome is awaited, or else answered to a command; nil where neither.
    fileprivate var isAwaited: Bool? {
        switch work {
        case .await: true
        case .command: false
        case .ask, .child: nil
        }
    }
}

extension World {
    /// The outcome events that a participant may append now: before their step is open, while it is,
    /// and after it has its outcome or was given up.
    func appends(in state: ModelState) -> [Move] {
        layout.appended.filter { told in
            mayTell(told, in: state.saga) && mayRepeat(told, in: state)
                && (told.isInList || mayFollow(told.outcome, at: told.step, in: state.saga))
        }.map(Move.append)
    }

    /// Where sequences are seen, who has told an outcome tells no other: else there is no end of
    /// them.
    func mayFollow(_ outcome: String, at path: NodePath, in saga: SagaState) -> Bool {
        guard layout.isSequence, let known = saga.steps[path]?.outcome, known != "timeout" else {
            return true
        }
        return outcome == known
    }

    /// For the same reason an event is appended once at most, or once for each element.
    private func mayRepeat(_ told: AppendedOutcome, in state: ModelState) -> Bool {
        guard layout.isSequence else { return true }
        let limit = told.isInList ? AppendedOutcome.keptMax : 1
        return state.events.count { $0 == told.event } < limit
    }

    /// Left out is what is beyond the bound and, where states are reduced, what changes nothing: a
    /// further event of a step for which one is kept, or that has its outcome.
    private func mayTell(_ told: AppendedOutcome, in saga: SagaState) -> Bool {
        let kept = saga.kept.count { $0.step == told.step }
        if told.isInList { return kept < AppendedOutcome.keptMax }
        guard patience.reduction >= .states else { return true }
        let known = saga.steps[told.step]
        return kept == 0 && (known?.phase != .completed || known?.outcome == "timeout")
    }
}

// MARK: Before the start

extension Stepper {
    /// Every way in which the saga may start: where others may know its key, also with events that
    /// its aggregate has already.
    ///
    /// Only events of steps that are entered at the start are tried; others are kept, as they are
    /// when they are appended after it.
    func starts() -> [Transition] {
        var starts: [Transition] = []
        var pending: [[AppendedOutcome]] = [[]]
        var seen: Set<Set<AppendedOutcome>> = []
        while let early = pending.popLast() {
            guard seen.insert(Set(early)).inserted else { continue }
            let ways = self.starts(after: early)
            starts += ways
            guard mayBeKnownEarly else { continue }
            pending += world.layout.appended.filter { told in
                !early.contains { $0.step == told.step }
                    && ways.contains { $0.state.saga.hasEntered(told.step) }
            }.map { early + [$0] }
        }
        return starts
    }
}

extension SagaState {
    /// Whether a step of that name was entered.
    fileprivate func hasEntered(_ name: String) -> Bool {
        steps.keys.contains { NodeAddress($0).name == name }
    }
}
