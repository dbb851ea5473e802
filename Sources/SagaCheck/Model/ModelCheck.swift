package import SagaCore

/// Checks a definition by exploring every state that its sagas can reach.
package struct ModelCheck: Sendable {
    /// How much is explored, and how participants behave.
    package struct Options: Sendable {
        /// How many states are explored at most.
        package var limit = 200_000
        /// Whether participants break their contract.
        package var isHostile = false
        /// Whether the sequences of events are collected.
        package var collectsStories = false
        /// What is left out because it cannot matter; where sequences of events are observed, no
        /// orders are.
        package var reduction = Reduction.statesAndOrders

        /// The usual bounds, participants that keep the contract.
        package init() {}
    }

    /// A property that does not hold, with a shortest way to where it fails.
    package struct Counterexample: Sendable {
        /// The property.
        package var property: Property
        /// What it fails of, where that is no run.
        package var subjects: [String] = []
        /// A shortest way there; empty where the property is about all runs together.
        package var timeline = Timeline()
        /// How many moves it takes.
        package var depth = 0
    }

    /// A sequence of events that a saga can tell.
    package struct Story: Hashable, Sendable {
        /// How the saga ended, or `stuck`.
        package var status: SagaStatus
        /// The events, in order.
        package var events: [String]
    }

    /// What came of a check.
    package struct Result: Sendable {
        /// How many states were explored.
        package var states = 0
        /// How many transitions lead from one to another.
        package var transitions = 0
        /// How many moves the longest shortest way has.
        package var depth = 0
        /// Whether there are states that were not explored.
        package var hasHitLimit = false
        /// What was checked, in order.
        package var properties: [Property] = []
        /// What does not hold.
        package var counterexamples: [Counterexample] = []
        /// What may have to wait for an operator, as a scenario writes it.
        package var needOperator: [String] = []
        /// Steps of which late news may leave debt after the end.
        package var debts: [NodePath] = []
        /// Whether events were appended that are outcomes.
        package var appendsEvents = false
        /// The sequences of events, where they were asked for.
        package var stories: Set<Story> = []

        /// Whether everything holds, and everything was explored.
        package var hasPassed: Bool { counterexamples.isEmpty && !hasHitLimit }
    }

    /// An outcome of the step at a path.
    private struct Taken: Hashable {
        var path: NodePath
        var outcome: String
    }

    private let definition: SagaDefinition
    private let options: Options
    private let judgement: Judgement
    private var result = Result()
    /// The first violation of each property: the number of the state before, and what happened.
    private var found: [Property: (before: Int, transition: Transition, remark: String)] = [:]
    private var entered: Set<NodePath> = []
    private var outcomes: Set<Taken> = []
    private var needOperator: Set<String> = []
    private var debts: Set<NodePath> = []

    /// How many states are explored from one telling of progress to the next.
    package static let progressInterval = 256

    /// Checks a definition and its author's invariants.
    ///
    /// - Parameter progress: is told now and then how many states were found so far.
    package static func run(
        _ definition: SagaDefinition, invariants: [Invariant] = [], options: Options = Options(),
        progress: (Int) -> Void = { _ in }
    ) -> Result {
        var check = ModelCheck(definition, invariants, options)
        check.explore(invariants, progress)
        return check.result
    }

    private init(_ definition: SagaDefinition, _ invariants: [Invariant], _ options: Options) {
        self.definition = definition
        self.options = options
        judgement = Judgement(
            definition, invariants: invariants, isHostile: options.isHostile)
    }

    private mutating func explore(_ invariants: [Invariant], _ progress: (Int) -> Void) {
        let stepper = Stepper(
            definition, isHostile: options.isHostile, tellsStories: options.collectsStories,
            observation: Observation(invariants), reduction: options.reduction)
        var space = StateSpace(stepper, limit: options.limit)
        var seen = 0
        space.explore { before, number, transition, isNew in
            look(before, number, transition)
            guard isNew else { return }
            look(at: transition, after: number)
            seen += 1
            if seen % Self.progressInterval == 0 { progress(seen) }
        }
        result.states = space.records.count
        result.transitions = space.edges.count
        result.depth = Int(space.records.map(\.depth).max() ?? 0)
        result.hasHitLimit = space.hasHitLimit
        result.appendsEvents = !stepper.world.layout.appended.isEmpty
        result.needOperator = needOperator.sorted()
        result.debts = debts.sorted()
        result.properties =
            [
                .ends, .leavesNothingDone, .compensatesOnlyWhatWasSent, .keepsWhatFollowsThePivot,
                .reachesEveryNode, .reachesEveryOutcome,
            ] + invariants.map { .invariant($0.name) }
        conclude(space)
    }

    // MARK: While exploring

    private mutating func look(_ before: ModelState?, _ number: Int, _ transition: Transition) {
        for (property, remark) in judgement.violations(of: transition, before: before) {
            note(property, remark, number, transition)
        }
        cover(transition)
        let state = transition.state
        guard options.collectsStories, !state.isAided, state.rests, before?.rests != true else {
            return
        }
        result.stories.insert(Story(status: state.saga.status, events: state.events))
    }

    /// Looks at a state that was not seen before, and that the transition leads to.
    private mutating func look(at transition: Transition, after number: Int) {
        for (property, remark) in judgement.violations(of: transition.state) {
            note(property, remark, number, transition)
        }
        let saga = transition.state.saga
        guard saga.hasEnded else { return }
        for command in saga.open where command.kind == .compensation {
            debts.insert(NodeAddress(command.path).name)
        }
    }

    private mutating func note(
        _ property: Property, _ remark: String, _ number: Int, _ transition: Transition
    ) {
        if found[property] == nil { found[property] = (number, transition, remark) }
    }

    private mutating func cover(_ transition: Transition) {
        for entry in transition.decision?.entries ?? [] {
            switch entry {
            case .stepCompleted(let path, let outcome, _), .stepRejected(let path, let outcome, _):
                outcomes.insert(Taken(path: path, outcome: outcome))
            case .turned(let failure), .failedFurther(let failure):
                if let path = failure.step { entered.insert(path) }
                if let path = failure.step, let outcome = failure.outcome {
                    outcomes.insert(Taken(path: path, outcome: outcome))
                }
            case .entered(let path, _), .passed(let path), .stepFailed(let path, _, _):
                entered.insert(path)
            case .stepStuck(let path, _): needOperator.insert(NodeAddress(path).name)
            case .compensationStuck(let path, _):
                needOperator.insert(Target(NodeAddress(path).name, .compensation).written)
            case .waitOpened(let wait): entered.insert(wait.path)
            case .commandOpened(let command): entered.insert(command.path)
            case .startedByParent, .waitClosed, .answered, .reminded, .escalated,
                .childCancelled, .childStuck, .takenBack, .eventTaken, .eventKept,
                .eventRepeated, .finishNoted, .eventHeldBack, .lookBackSet:
                break
            case .started, .deadlineHeld, .eventRaised, .skipped, .attemptSent, .resent,
                .attemptFailed, .retryScheduled, .graceSet, .stepGivenUp, .probingBegan,
                .probePending, .stepCompensated,
                .lateReply, .operatorActed, .settlementProposed, .statusChanged, .ended:
                break
            }
        }
    }

    // MARK: Afterwards

    private mutating func conclude(_ space: StateSpace) {
        if !space.hasHitLimit, let number = space.firstWithoutEnd {
            add(.ends, number, nil, "from here no end can be reached", space)
        }
        for property in result.properties {
            guard let (before, transition, remark) = found[property] else { continue }
            add(property, before, transition, remark, space)
        }
        let entered = Set(self.entered.map { NodeAddress($0).name })
        let nodes = definition.nodes.flatMap(\.names)
        addUnreached(.reachesEveryNode, nodes.filter { !entered.contains($0) })
        let taken = Set(outcomes.map { "\(NodeAddress($0.path).name): \($0.outcome)" })
        let wanted = definition.steps.flatMap { step in
            step.outcomes.filter { $0.name != "timeout" || !step.isOptional }
                .map { "\(step.name): \($0.name)" }
        }
        addUnreached(.reachesEveryOutcome, wanted.filter { !taken.contains($0) })
    }

    private mutating func add(
        _ property: Property, _ number: Int, _ last: Transition?, _ remark: String,
        _ space: StateSpace
    ) {
        let depth = number < 0 ? -1 : Int(space.records[number].depth)
        result.counterexamples.append(
            Counterexample(
                property: property,
                timeline: space.timeline(to: number, then: last, remark: remark),
                depth: depth + (last == nil ? 0 : 1)))
    }

    private mutating func addUnreached(_ property: Property, _ subjects: [String]) {
        // What was not explored may well be where they are reached.
        guard !subjects.isEmpty, !result.hasHitLimit else { return }
        result.counterexamples.append(Counterexample(property: property, subjects: subjects))
    }
}
