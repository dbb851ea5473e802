import SagaCore

/// Every node that a state of a model may name, with the elements of its lists laid out, so that
/// no state is searched for what the definition says.
final class Layout: Sendable {
    /// One node in one element; shared, since every state of a model asks it.
    final class Place: Sendable {
        /// Its path.
        let path: NodePath
        /// Its name in the definition.
        let name: String
        /// Its step; nil where it is another node.
        let step: Step?
        /// Whether a condition of the definition reads its outcome or result.
        let isAsked: Bool
        /// Whether an invariant reads its outcome.
        let isOutcomeSeen: Bool
        /// Whether an invariant reads anything of it.
        let isSeen: Bool
        /// The node's elements, where it is a list: each the nodes inside.
        let elements: [[Tree]]
        /// Whether two elements are always under way together where there are two.
        let isSymmetric: Bool
        /// The indices of the elements in which it stands.
        let indices: [Int]
        /// Whether events that participants append may tell its outcome, or reports an awaited one.
        let isTold: Bool
        /// Whether events may tell it at any time, not only once it was awaited.
        let isAppended: Bool
        /// Whether it matters that an event told its outcome, and exactly which.
        let isTracked: Bool

        init(
            _ node: Node, at indices: [Int], elements: [[Tree]], isAsked: Bool,
            _ observation: Observation, _ telling: Telling
        ) {
            (isTold, isAppended, isTracked) = telling.flags(of: node)
            name = node.name
            path = NodeAddress(name: node.name, indices: indices).path
            self.indices = indices
            self.elements = elements
            self.isAsked = isAsked
            isOutcomeSeen = observation.readsOutcome(of: node.name)
            isSeen = observation.reads(node.name)
            switch node.body {
            case .step(let step): (self.step, isSymmetric) = (step, false)
            case .each(let each): (step, isSymmetric) = (nil, each.atMost >= Layout.elements)
            case .parallel, .wait: (step, isSymmetric) = (nil, false)
            }
        }
    }

    /// A node and the branches inside it, by the numbers of their places.
    struct Tree: Sendable {
        let place: Int
        let branches: [[Tree]]
    }

    /// How many elements the longest list has.
    static let elements = 2

    let places: [Place]
    let trees: [Tree]
    /// The steps of lists that late events may be about although no element was entered.
    let elementless: [Int]
    /// Of every step whose outcome may be appended one place.
    let told: [Int]
    /// The steps whose outcomes are awaited.
    let awaited: [NodePath]
    /// Whether the sequence of events is seen.
    let isSequence: Bool
    /// What participants may append.
    let appended: [AppendedOutcome]
    private let numbers: [NodePath: Int]

    init(
        _ model: ModelDefinition, _ observation: Observation, isSequence: Bool, isReduced: Bool,
        appended: [AppendedOutcome]
    ) {
        self.appended = appended
        self.isSequence = isSequence
        var asked: Set<String> = []
        for expression in model.asked.keys { asked.formUnion(expression.stepNames) }
        let telling = Telling(
            appended: appended, observation: observation, isSequence: isSequence,
            isReduced: isReduced)
        var builder = LayoutBuilder(asked: asked, observation: observation, telling: telling)
        trees = builder.lay(out: model.definition.nodes, [])
        elementless = builder.layOutElementless(of: model.definition)
        places = builder.places
        let names = Set(appended.map(\.step))
        told = names.sorted().compactMap { name in
            builder.places.firstIndex { $0.name == name }
        }
        awaited = places.filter(\.isAwaited).map(\.path)
        numbers = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1.path, $0) })
    }

    /// The node at a path.
    subscript(path: NodePath) -> Place {
        guard let number = numbers[path] else {
            preconditionFailure("A state names no node that its definition does not have.")
        }
        return places[number]
    }

    /// Whether a path is of a step in a list: in an element, or in none.
    func isInList(_ path: NodePath) -> Bool {
        let name = NodeAddress(path).name
        return appended.contains { $0.step == name && $0.isInList }
    }
}

/// What is told of steps by events.
struct Telling {
    let appended: [AppendedOutcome]
    let observation: Observation
    /// Whether every event is seen.
    let isSequence: Bool
    let isReduced: Bool

    /// Whether a node's outcome may be told, and whether it matters by which event; in a list it
    /// decides which element a late one is about.
    func flags(of node: Node) -> (isTold: Bool, isAppended: Bool, isTracked: Bool) {
        guard case .step(let step) = node.body else { return (false, false, false) }
        let told = appended.filter { $0.step == step.name }
        guard !told.isEmpty else { return (node.isAwaited, false, false) }
        let isSeen = isSequence || step.outcomes.contains { observation.sees($0.event) }
        let isPicked = step.compensation != nil && told.contains(where: \.isInList)
        return (true, true, isSeen || isPicked || !isReduced)
    }
}

extension Layout.Place {
    fileprivate var isAwaited: Bool {
        if case .await? = step?.work { true } else { false }
    }
}

extension Node {
    fileprivate var isAwaited: Bool {
        if case .step(let step) = body, case .await = step.work { true } else { false }
    }
}

/// Lays nodes out, one place after the other.
private struct LayoutBuilder {
    let asked: Set<String>
    let observation: Observation
    let telling: Telling
    private(set) var places: [Layout.Place] = []

    init(asked: Set<String>, observation: Observation, telling: Telling) {
        self.asked = asked
        self.observation = observation
        self.telling = telling
    }

    mutating func lay(out nodes: [Node], _ indices: [Int]) -> [Layout.Tree] {
        nodes.map { node in
            var branches: [[Layout.Tree]] = []
            var elements: [[Layout.Tree]] = []
            switch node.body {
            case .step, .wait: break
            case .parallel(let parallel):
                branches = parallel.branches.map { lay(out: $0.nodes, indices) }
            case .each(let each):
                elements = (0..<Layout.elements).map { lay(out: each.nodes, indices + [$0]) }
            }
            let place = add(node, at: indices, elements)
            return Layout.Tree(place: place, branches: branches)
        }
    }

    /// The steps of lists that may be told of, each once more without an element.
    mutating func layOutElementless(of definition: SagaDefinition) -> [Int] {
        let names = Set(telling.appended.filter(\.isInList).map(\.step))
        return definition.steps.filter { names.contains($0.name) }.map { step in
            add(Node(body: .step(step)), at: [], [])
        }
    }

    private mutating func add(
        _ node: Node, at indices: [Int], _ elements: [[Layout.Tree]]
    ) -> Int {
        places.append(
            Layout.Place(
                node, at: indices, elements: elements, isAsked: asked.contains(node.name),
                observation, telling))
        return places.count - 1
    }
}
