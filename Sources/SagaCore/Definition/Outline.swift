/// Where every node of one definition stands, by name: made once for a definition, so that no
/// decision searches its tree.
struct Outline: Sendable {
    /// One node's place.
    struct Place: Sendable {
        /// The node's name.
        let name: String
        /// The node.
        let node: Node
        /// The node's number in file order, from 0.
        let ordinal: Int
        /// The lists whose elements enclose the node, the outermost first.
        let lists: [Each]
    }

    /// Above this many nodes names are found through an index.
    static let indexedAbove = 12

    /// An outcome that an event which a participant appends may be: of a step that sends a command
    /// or awaits an event. People and child sagas answer otherwise.
    struct Target: Sendable {
        /// The step's name.
        let name: String
        /// The step.
        let step: Step
        /// The outcome, the first of those with the event.
        let outcome: Outcome
        /// The lists whose elements enclose the step, the outermost first.
        let lists: [Each]
    }

    private var places: [Place] = []
    private var index: [String: Int] = [:]
    private var targets: [String: Target] = [:]
    /// The name of the point of no return, which stands at the top level.
    private(set) var pivot: String?

    init(of definition: SagaDefinition) {
        places.reserveCapacity(definition.nodes.count)
        add(definition.nodes, in: [])
        guard places.count > Self.indexedAbove else { return }
        for place in places { index[place.name] = place.ordinal }
    }

    private mutating func add(_ nodes: [Node], in lists: [Each]) {
        for node in nodes {
            let name = node.name
            places.append(
                Place(name: name, node: node, ordinal: places.count, lists: lists))
            switch node.body {
            case .step(let step):
                if step.isPivot { pivot = name }
                addTargets(step, in: lists)
            case .parallel(let parallel):
                for branch in parallel.branches { add(branch.nodes, in: lists) }
            case .each(let each): add(each.nodes, in: lists + [each])
            case .wait: break
            }
        }
    }

    private mutating func addTargets(_ step: Step, in lists: [Each]) {
        switch step.work {
        case .ask, .child: return
        case .command, .await: break
        }
        for outcome in step.outcomes {
            guard let event = outcome.event?.event, targets[event] == nil else { continue }
            targets[event] = Target(name: step.name, step: step, outcome: outcome, lists: lists)
        }
    }

    /// The names of the events that an appended event may be an outcome with.
    var eventNames: [String] { Array(targets.keys) }

    /// What an event of that name says when a participant appends it; nil where it is no outcome.
    func target(of event: String) -> Target? { targets[event] }

    /// The outcome of that name of that step, if an appended event may be it.
    func target(named name: String, outcome: String) -> Target? {
        targets.values.first { $0.name == name && $0.outcome.name == outcome }
    }

    /// The place of the node of that name, or nil where the definition has none.
    subscript(name: String) -> Place? {
        if index.isEmpty { return places.first { $0.name == name } }
        return index[name].map { places[$0] }
    }

    /// The place of the node at that path, or nil where the definition has none.
    func place(of path: NodePath) -> Place? {
        self[NodeAddress(path).name]
    }

    /// The paths in the order of the file, then of the elements.
    func inFileOrder(_ paths: [NodePath]) -> [NodePath] {
        if paths.count < 2 { return paths }
        let placed = paths.map { path in
            let address = NodeAddress(path)
            return (path, [self[address.name]?.ordinal ?? 0] + address.indices)
        }
        return placed.sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
    }
}

/// A step in the element in which it stands.
struct PlacedStep {
    let step: Step
    let path: NodePath

    /// The step's outcome of that name, or nil.
    func outcome(_ name: String) -> Outcome? { step.outcomes.first { $0.name == name } }
}
