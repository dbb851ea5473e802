/// What expressions see of a saga, from one place in its definition.
package struct SagaScope: Scope {
    /// The saga.
    package var state: SagaState
    /// When the transition is decided.
    package var now: Instant
    /// The data of the reply at hand, if there is one.
    package var result: Value?
    /// The element of each enclosing `each` in which the expression stands, the outermost first.
    package let indices: [Int]
    /// The lists of those elements.
    private let lists: [Each]
    private let outline: Outline?
    /// The node whose expression it is; nil outside any node.
    private let path: NodePath?

    /// What that saga shows at that time to an expression outside any `each`.
    package init(state: SagaState, now: Instant, result: Value? = nil) {
        self.state = state
        self.now = now
        self.result = result
        indices = []
        lists = []
        outline = nil
        path = nil
    }

    /// What that saga shows at that time to the node at a path, or to what stands outside any node.
    init(
        state: SagaState, now: Instant, result: Value? = nil, outline: Outline, path: NodePath?
    ) {
        self.state = state
        self.now = now
        self.result = result
        self.outline = outline
        self.path = path
        let address = path.map { NodeAddress($0) }
        indices = address?.indices ?? []
        lists = indices.isEmpty ? [] : address.flatMap { outline[$0.name]?.lists } ?? []
    }

    /// The variable's value, or nil where it has none.
    package func value(of variable: Variable) -> Value? {
        switch variable {
        case .input: state.input
        case .key: .string(state.identity.key)
        case .sagaID: .string(state.identity.id.description)
        case .sagaName: .string(state.identity.name)
        case .sagaVersion: .int(Int64(state.identity.definitionVersion))
        case .stepOutcome(let name): step(name)?.outcome.map(Value.string)
        case .stepResult(let name): step(name)?.result
        case .stepResults(let name): results(of: name)
        case .result: result
        case .now: .timestamp(now)
        case .failure: state.failure?.value
        case .element(let name): element(name)
        }
    }
}

// MARK: - Late news

extension SagaScope {
    /// The step at that path, as far as it is seen from here.
    ///
    /// What late news told of a step that was given up and is taken back is seen by its own
    /// compensation; for all others, while the saga goes forward, the step was not done.
    private func seen(_ other: NodePath) -> StepState? {
        guard let known = state.steps[other] else { return nil }
        let isTakenBack = known.phase == .unknown && known.compensation != nil
        return isTakenBack && state.failure == nil && other != path ? nil : known
    }
}

// MARK: - Elements

extension SagaScope {
    /// The step of that name: inside an `each` this element's.
    private func step(_ name: String) -> StepState? {
        if indices.isEmpty { return seen(name) }
        guard let lists = outline?[name]?.lists else { return nil }
        let depth = lists.count
        guard sharedDepth(lists) == depth else { return nil }
        return seen(NodeAddress.path(name, indices.prefix(depth)))
    }

    /// The results of a step of every element, in element order, lists within lists.
    private func results(of name: String) -> Value? {
        guard let lists = outline?[name]?.lists else { return nil }
        let depth = sharedDepth(lists)
        guard depth < lists.count else { return nil }
        return results(of: name, in: lists[depth...], Array(indices.prefix(depth)))
    }

    private func results(
        of name: String, in lists: ArraySlice<Each>, _ indices: [Int]
    ) -> Value? {
        guard let list = lists.first else {
            return seen(NodeAddress.path(name, indices[...]))?.result
        }
        let path = NodeAddress.path(list.name, indices[...])
        guard let elements = state.steps[path]?.list else { return nil }
        return .list(
            elements.indices.map { index in
                results(of: name, in: lists.dropFirst(), indices + [index]) ?? .null
            })
    }

    /// How many of a node's enclosing lists enclose the expression as well.
    private func sharedDepth(_ others: [Each]) -> Int {
        zip(lists, others).prefix { $0.name == $1.name }.count
    }

    /// The innermost element of that name, or the index of the innermost element of all.
    private func element(_ name: String) -> Value? {
        if name == "index" { return indices.last.map { .int(Int64($0)) } }
        guard let depth = lists.lastIndex(where: { $0.element == name }), depth < indices.count
        else { return nil }
        let path = NodeAddress.path(lists[depth].name, indices.prefix(depth))
        guard let elements = state.steps[path]?.list, indices[depth] < elements.count else {
            return nil
        }
        return elements[indices[depth]]
    }
}
