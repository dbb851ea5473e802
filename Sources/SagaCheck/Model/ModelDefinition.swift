import SagaCore

/// A definition as the model checker runs it: opaque data, attempts collapsed to first and last.
///
/// What the core decides from is kept to the letter; what it only passes on is left out. Where a
/// body may have no value, the step's condition may fail instead: the core treats both alike.
struct ModelDefinition {
    /// The definition with opaque data.
    let definition: SagaDefinition
    /// What the core asks expressions for.
    private(set) var asked: [Expression: Asked] = [:]

    /// An expression that is asked.
    struct Asked {
        /// Its number among all.
        var number: Int
        /// What it is asked for.
        var kind: Kind
        /// The nodes that ask for it.
        var nodes: [String]
        /// Whether what it is of depends on the element of a list.
        var isOfElement: Bool
        /// Whether a node inside a list asks for it.
        var isInList: Bool

        /// Whether it may be asked more than once on the same data.
        var isShared: Bool { nodes.count > 1 || isInList && !isOfElement }
    }

    /// What an expression is asked for.
    enum Kind {
        /// Whether a node is entered.
        case condition
        /// The list of an `each`.
        case list
        /// The time of an `until`.
        case time
    }

    /// How many attempts stand for all: the first, which others follow, and the last.
    static let attempts = 2
    /// How many people must agree where more must than one.
    static let quorum = 2

    private static let nothing = Template.literal(.map(Members()))

    init(_ original: SagaDefinition, _ reduction: Reduction) {
        // An attempt before the last may be answered as the last may, and be followed by it.
        let attempts = reduction >= .states ? 1 : Self.attempts
        var model = original
        model.intake = original.intake.map { Intake(path: $0.path, event: $0.event) }
        model.inputSchema = nil
        model.key = nil
        model.output = nil
        model.deadline = original.deadline.map { _ in .seconds(3600) }
        model.nodes = original.nodes.map { Self.opaque($0, attempts) }
        model.finish.completed?.body = Self.nothing
        model.finish.compensated?.body = Self.nothing
        definition = model
        for node in model.nodes { count(node, inList: false) }
    }

    private mutating func count(_ node: Node, inList: Bool) {
        if let condition = node.condition { count(condition, .condition, node, inList) }
        var isList = false
        switch node.body {
        case .each(let each):
            count(each.list, .list, node, inList)
            isList = true
        case .wait(let wait):
            if case .at(let time) = wait.end { count(time, .time, node, inList) }
        case .step, .parallel: break
        }
        for inner in node.inner { count(inner, inList: inList || isList) }
    }

    private mutating func count(
        _ expression: Expression, _ kind: Kind, _ node: Node, _ inList: Bool
    ) {
        let known = asked[expression]
        asked[expression] = Asked(
            number: known?.number ?? asked.count + 1, kind: kind,
            nodes: (known?.nodes ?? []) + [node.name],
            isOfElement: isOfElement(expression), isInList: inList || known?.isInList ?? false)
    }

    private func isOfElement(_ expression: Expression) -> Bool {
        expression.variables.contains { variable in
            switch variable {
            case .element: true
            case .stepOutcome(let name), .stepResult(let name), .stepResults(let name):
                definition.nodes.contains { $0.hasInList(name) }
            case .input, .key, .sagaID, .sagaName, .sagaVersion, .result, .now, .failure: false
            }
        }
    }

    private static func opaque(_ node: Node, _ attempts: Int) -> Node {
        var model = node
        switch node.body {
        case .step(let step):
            if node.condition == nil, mayLackBody(step) {
                model.condition = .variable(.element(bodyPrefix + step.name))
            }
            model.body = .step(opaque(step, attempts))
        case .parallel(var parallel):
            for place in parallel.branches.indices {
                let nodes = parallel.branches[place].nodes
                parallel.branches[place].nodes = nodes.map { opaque($0, attempts) }
            }
            model.body = .parallel(parallel)
        case .each(var each):
            each.nodes = each.nodes.map { opaque($0, attempts) }
            model.body = .each(each)
        case .wait: break
        }
        return model
    }

    /// What the stand-in for a body that may have no value is called.
    static let bodyPrefix = "with "

    private static func mayLackBody(_ step: Step) -> Bool {
        switch step.work {
        case .command(_, let body): body.map { !$0.isConstant } ?? false
        case .ask(let question): !question.title.isConstant || question.show?.isConstant == false
        case .await: false
        case .child(let child): child.body?.isConstant == false || child.key?.isConstant == false
        }
    }

    private static func opaque(_ step: Step, _ attempts: Int) -> Step {
        var model = step
        model.work = opaque(step.work)
        model.timeout = step.timeout.map { _ in .seconds(1) }
        model.retry = opaque(step.retry, attempts)
        model.outcomes = step.outcomes.map { outcome in
            var model = outcome
            model.event?.body = nothing
            return model
        }
        if let compensation = step.compensation {
            var opaque = compensation
            if case .command(let subject, _) = compensation.work {
                opaque.work = .command(subject: subject, body: nothing)
            }
            opaque.retry = Self.opaque(compensation.retry, attempts)
            opaque.event?.body = nothing
            model.compensation = opaque
        }
        return model
    }

    private static func opaque(_ work: Work) -> Work {
        switch work {
        case .command(let subject, _): .command(subject: subject, body: nothing)
        case .ask(let question):
            .ask(
                Question(
                    title: .literal("question"), quorum: min(question.quorum, quorum),
                    remind: question.remind.map { _ in .seconds(1) },
                    escalation: question.escalation.map {
                        Question.Escalation(after: .seconds(1), role: $0.role)
                    }))
        case .await: work
        case .child(let child): .child(Child(saga: child.saga, body: nothing))
        }
    }

    private static func opaque(_ retry: RetryPolicy, _ attempts: Int) -> RetryPolicy {
        RetryPolicy(
            attempts: retry.attempts.map { min($0, attempts) }, initial: .seconds(1), factor: 1,
            max: .seconds(1), jitter: 0)
    }
}

extension Node {
    /// The nodes directly inside this one.
    var inner: [Node] {
        switch body {
        case .step, .wait: []
        case .parallel(let parallel): parallel.branches.flatMap(\.nodes)
        case .each(let each): each.nodes
        }
    }

    /// Whether a node of that name stands in a list within this one.
    func hasInList(_ name: String) -> Bool {
        if case .each(let each) = body { return each.nodes.contains { $0.has(name) } }
        return inner.contains { $0.hasInList(name) }
    }

    private func has(_ name: String) -> Bool {
        self.name == name || inner.contains { $0.has(name) }
    }
}
