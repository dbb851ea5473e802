/// What expressions see of a saga.
package struct SagaScope: Scope {
    /// The saga.
    package var state: SagaState
    /// When the transition is decided.
    package var now: Instant
    /// The data of the reply at hand, if there is one.
    package var result: Value?

    /// What that saga shows at that time.
    package init(state: SagaState, now: Instant, result: Value? = nil) {
        self.state = state
        self.now = now
        self.result = result
    }

    /// The variable's value, or nil where it has none.
    package func value(of variable: Variable) -> Value? {
        switch variable {
        case .input: state.input
        case .key: .string(state.identity.key)
        case .sagaID: .string(state.identity.id.description)
        case .sagaName: .string(state.identity.name)
        case .sagaVersion: .int(Int64(state.identity.definitionVersion))
        case .stepOutcome(let name): state.steps[name]?.outcome.map(Value.string)
        case .stepResult(let name): state.steps[name]?.result
        case .result: result
        case .now: .timestamp(now)
        case .failure: state.failure?.value
        case .stepResults, .element: nil
        }
    }
}

extension Node {
    /// The steps in the node, in file order.
    package var steps: [Step] {
        switch body {
        case .step(let step): [step]
        case .parallel(let parallel): parallel.branches.flatMap { $0.nodes.flatMap(\.steps) }
        case .each(let each): each.nodes.flatMap(\.steps)
        case .wait: []
        }
    }
}

extension SagaDefinition {
    /// The step at that path, or nil.
    package func step(at path: NodePath) -> Step? {
        let name = String(path.prefix { $0 != "[" })
        return steps.first { $0.name == name }
    }

    /// All steps, in file order, those in branches and lists included.
    package var steps: [Step] { nodes.flatMap(\.steps) }
}
