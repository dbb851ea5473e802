/// One element of `steps`.
package struct Node: Equatable, Sendable {
    /// The condition under which the node is entered; nil is always.
    package var condition: Expression?
    /// What the node does.
    package var body: Body

    /// What a node does.
    package indirect enum Body: Equatable, Sendable {
        /// Asks somebody for something and waits for the outcome.
        case step(Step)
        /// Runs branches at the same time.
        case parallel(Parallel)
        /// Runs nodes once for each element of a list.
        case each(Each)
        /// Waits until a time.
        case wait(Wait)
    }

    /// A node entered under that condition.
    package init(condition: Expression? = nil, body: Body) {
        self.condition = condition
        self.body = body
    }

    /// What the node is known by in its definition: a step's name, or the kind of any other node
    /// with its number among those of its kind in the file, such as `parallel#1`.
    package var name: String {
        switch body {
        case .step(let step): step.name
        case .parallel(let parallel): parallel.name
        case .each(let each): each.name
        case .wait(let wait): wait.name
        }
    }
}

/// Branches that run at the same time; the node is done when all are.
package struct Parallel: Equatable, Sendable {
    /// What the node is known by, such as `parallel#1`.
    package var name: String
    /// The branches, in file order; at least one.
    package var branches: [Branch]

    /// One branch.
    package struct Branch: Equatable, Sendable {
        /// The branch's name, unique in its node.
        package var name: String
        /// Its nodes, in order; at least one.
        package var nodes: [Node]

        /// The branch of that name.
        package init(name: String, nodes: [Node]) {
            self.name = name
            self.nodes = nodes
        }
    }

    /// A node with these branches.
    package init(name: String, branches: [Branch]) {
        self.name = name
        self.branches = branches
    }
}

/// Nodes that run once for each element of a list, which is frozen when the node is entered.
package struct Each: Equatable, Sendable {
    /// What the node is known by, such as `each#1`.
    package var name: String
    /// What the list is.
    package var list: Expression
    /// The name by which expressions inside know the element.
    package var element: String
    /// The nodes of one element, in order; at least one.
    package var nodes: [Node]
    /// How many elements are under way at once, from 1.
    package var atMost: Int
    /// How many elements the list may have; more is a failure before anything is sent.
    package var max: Int

    /// How many elements are under way at once where the file does not say.
    package static let atMostDefault = 16
    /// How many elements a list may have where the file does not say.
    package static let maxDefault = 1000

    /// A node with these parts.
    package init(
        name: String, list: Expression, element: String, nodes: [Node],
        atMost: Int = atMostDefault, max: Int = maxDefault
    ) {
        self.name = name
        self.list = list
        self.element = element
        self.nodes = nodes
        self.atMost = atMost
        self.max = max
    }
}

/// A durable timer.
package struct Wait: Equatable, Sendable {
    /// What the node is known by, such as `wait#1`.
    package var name: String
    /// When it ends.
    package var end: End

    /// When a wait ends.
    package enum End: Equatable, Sendable {
        /// That long after the node was entered.
        case after(Duration)
        /// At the time, a timestamp or RFC 3339 text, that an expression gives on entry.
        case at(Expression)
    }

    /// A wait until that.
    package init(name: String, end: End) {
        self.name = name
        self.end = end
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

    /// The step of that name in the node, or nil.
    fileprivate func step(named name: String) -> Step? {
        switch body {
        case .step(let step): step.name == name ? step : nil
        case .parallel(let parallel):
            parallel.branches.lazy.compactMap { $0.nodes.step(named: name) }.first
        case .each(let each): each.nodes.step(named: name)
        case .wait: nil
        }
    }
}

extension [Node] {
    fileprivate func step(named name: String) -> Step? {
        for node in self {
            if let step = node.step(named: name) { return step }
        }
        return nil
    }
}

extension SagaDefinition {
    /// The step at that path, or nil.
    package func step(at path: NodePath) -> Step? {
        nodes.step(named: NodeAddress(path).name)
    }

    /// All steps, in file order, those in branches and lists included.
    package var steps: [Step] { nodes.flatMap(\.steps) }
}
