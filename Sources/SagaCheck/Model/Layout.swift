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

        init(
            _ node: Node, at indices: [Int], elements: [[Tree]], isAsked: Bool,
            _ observation: Observation
        ) {
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
    /// The steps whose outcomes are awaited.
    let awaited: [NodePath]
    private let numbers: [NodePath: Int]

    init(_ model: ModelDefinition, _ observation: Observation) {
        var asked: Set<String> = []
        for expression in model.asked.keys { asked.formUnion(expression.stepNames) }
        var builder = LayoutBuilder(asked: asked, observation: observation)
        trees = builder.lay(out: model.definition.nodes, [])
        places = builder.places
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
}

extension Layout.Place {
    fileprivate var isAwaited: Bool {
        if case .await? = step?.work { true } else { false }
    }
}

/// Lays nodes out, one place after the other.
private struct LayoutBuilder {
    let asked: Set<String>
    let observation: Observation
    private(set) var places: [Layout.Place] = []

    init(asked: Set<String>, observation: Observation) {
        self.asked = asked
        self.observation = observation
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
            places.append(
                Layout.Place(
                    node, at: indices, elements: elements, isAsked: asked.contains(node.name),
                    observation))
            return Layout.Tree(place: places.count - 1, branches: branches)
        }
    }
}
