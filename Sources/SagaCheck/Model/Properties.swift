import SagaCore

/// What must hold of every saga of a definition.
package enum Property: Hashable, Sendable {
    /// From everywhere an end, or an operator, can be reached.
    case ends
    /// A compensated end leaves nothing done that could be taken back.
    case leavesNothingDone
    /// Only what was sent is compensated.
    case compensatesOnlyWhatWasSent
    /// Neither the pivot nor what follows it is compensated.
    case keepsWhatFollowsThePivot
    /// Every node is entered in some run.
    case reachesEveryNode
    /// Every outcome is taken in some run.
    case reachesEveryOutcome
    /// What the author says.
    case invariant(String)

    /// The property in words.
    package var words: String {
        switch self {
        case .ends: "every run can end"
        case .leavesNothingDone: "nothing is left done and not taken back in a compensated end"
        case .compensatesOnlyWhatWasSent: "nothing is taken back that was not sent"
        case .keepsWhatFollowsThePivot: "nothing from the pivot on is taken back"
        case .reachesEveryNode: "every node can be reached"
        case .reachesEveryOutcome: "every outcome can be reached"
        case .invariant(let name): "invariant: \(name)"
        }
    }
}

/// The rules by which single states and transitions are judged.
struct Judgement {
    let definition: SagaDefinition
    let invariants: [Invariant]
    let isHostile: Bool
    /// Of each invariant the steps that it reads.
    private let read: [[Step]]
    private let fromPivot: Set<String>

    init(_ definition: SagaDefinition, invariants: [Invariant], isHostile: Bool) {
        self.definition = definition
        self.invariants = invariants
        self.isHostile = isHostile
        let steps = definition.steps
        read = invariants.map { invariant in
            let observation = Observation([invariant])
            return steps.filter { observation.reads($0.name) }
        }
        let pivot = steps.firstIndex { $0.isPivot } ?? steps.endIndex
        fromPivot = Set(steps[pivot...].map(\.name))
    }

    /// What is wrong with a transition, with what is remarked.
    func violations(of transition: Transition, before: ModelState?) -> [(Property, String)] {
        var found: [(Property, String)] = []
        for case .commandOpened(let command) in transition.decision?.entries ?? [] {
            found += violations(of: command, before, transition.move)
        }
        return found
    }

    /// What is wrong with a state, with what is remarked.
    func violations(of state: ModelState) -> [(Property, String)] {
        var found: [(Property, String)] = []
        if let path = leftDone(state) {
            found.append((.leavesNothingDone, "\(path) may be done, and is not taken back"))
        }
        for (invariant, steps) in zip(invariants, read) {
            let words = invariant.violation(of: state.saga, events: state.events, steps: steps)
            if let words { found.append((.invariant(invariant.name), words)) }
        }
        return found
    }

    private func violations(
        of command: OpenCommand, _ before: ModelState?, _ move: Move?
    ) -> [(Property, String)] {
        guard command.kind == .compensation else { return [] }
        var found: [(Property, String)] = []
        // What is asked or awaited has no command; that it was reached, or told, must do.
        let wasSent =
            command.originalID.map { before?.truth(of: $0) != nil }
            ?? isKnown(command.path, before, move)
        if !wasSent {
            found.append((.compensatesOnlyWhatWasSent, "\(command.path) was never sent"))
        }
        if fromPivot.contains(NodeAddress(command.path).name) {
            found.append((.keepsWhatFollowsThePivot, "\(command.path) stands past the way back"))
        }
        return found
    }

    /// Whether a step was reached, or an event said what became of it.
    private func isKnown(_ path: NodePath, _ before: ModelState?, _ move: Move?) -> Bool {
        let name = NodeAddress(path).name
        let told: [AppendedOutcome]
        switch move {
        case .append(let one): told = [one]
        case .start(let early): told = early
        case .answer, .due, .report, .waitDue, .attention, .child, .deadline, .heldDeadline,
            .cancel, .retry, .settle, nil:
            told = []
        }
        return before?.saga.steps[path] != nil || told.contains { $0.step == name }
            || before?.saga.kept.contains { $0.step == name } ?? false
    }

    /// A step that may be done although the saga ended as compensated, or nil.
    ///
    /// What is still being taken back, or is stuck, is debt.
    func leftDone(_ state: ModelState) -> NodePath? {
        guard state.saga.status == .compensated else { return nil }
        return state.truths.sorted { $0.path < $1.path }.first { truth in
            guard let step = definition.step(at: truth.path), step.compensation != nil else {
                return false
            }
            switch state.saga.steps[truth.path]?.compensation {
            case .running, .stuck: return false
            case .done, nil: return !truth.isUndone && mayBeDone(truth, step)
            }
        }?.path
    }

    private func mayBeDone(_ truth: ModelState.Truth, _ step: Step) -> Bool {
        switch truth.answer {
        case .outcome(let name): step.outcomes.first { $0.name == name }?.then == .continue
        case .finalNo: false
        // One who breaks the contract may always have done it; only what it says counts.
        case nil: !isHostile
        }
    }
}
