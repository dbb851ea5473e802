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

extension SagaDefinition {
    /// The step at that path, or nil.
    package func step(at path: NodePath) -> Step? {
        for node in nodes {
            switch node.body {
            case .step(let step): if step.name == path { return step }
            }
        }
        return nil
    }

    /// All steps, in file order.
    package var steps: [Step] {
        nodes.map { node in
            switch node.body {
            case .step(let step): step
            }
        }
    }
}
