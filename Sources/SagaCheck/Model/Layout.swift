import SagaCore

/// Every node that a state of a model may name, with the elements of its lists laid out, so that
/// no state is searched for what the definition says.
struct Layout {
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

    private(set) var places: [Place] = []
    private(set) var trees: [Tree] = []
    /// The steps whose outcomes are awaited.
    private(set) var awaited: [NodePath] = []
    private var numbers: [NodePath: Int] = [:]

    init(_ model: ModelDefinition, _ observation: Observation) {
        var asked: Set<String> = []
        for expression in model.asked.keys { asked.formUnion(expression.stepNames) }
        trees = lay(out: model.definition.nodes, [], asked, observation)
    }

    private mutating func lay(
        out nodes: [Node], _ indices: [Int], _ asked: Set<String>, _ observation: Observation
    ) -> [Tree] {
        nodes.map { node in
            var branches: [[Tree]] = []
            var elements: [[Tree]] = []
            switch node.body {
            case .step, .wait: break
            case .parallel(let parallel):
                branches = parallel.branches.map { lay(out: $0.nodes, indices, asked, observation) }
            case .each(let each):
                elements = (0..<Self.elements).map {
                    lay(out: each.nodes, indices + [$0], asked, observation)
                }
            }
            let place = Place(
                node, at: indices, elements: elements, isAsked: asked.contains(node.name),
                observation)
            if case .await? = place.step?.work { awaited.append(place.path) }
            numbers[place.path] = places.count
            places.append(place)
            return Tree(place: places.count - 1, branches: branches)
        }
    }

    /// The node at a path.
    subscript(path: NodePath) -> Place {
        guard let number = numbers[path] else {
            preconditionFailure("A state names no node that its definition does not have.")
        }
        return places[number]
    }
}
