import SagaCore

/// A definition as the model checker runs it: opaque data, attempts collapsed to first and last.
///
/// What the core decides from is kept to the letter; what it only passes on is left out. Where a
/// body may have no value, the step's condition may fail instead: the core treats both alike.
struct ModelDefinition {
    /// The definition with opaque data.
    let definition: SagaDefinition
    /// What the core asks expressions for, by number, and how many nodes ask for each.
    private(set) var asked: [Expression: (number: Int, kind: Asked, uses: Int)] = [:]

    /// What an expression is asked for.
    enum Asked {
        /// Whether a node is entered.
        case condition
        /// The list of an `each`.
        case list
        /// The time of an `until`.
        case time
    }

    /// How many attempts stand for all: the first, which others follow, and the last.
    static let attempts = 2

    private static let nothing = Template.literal(.map(Members()))

    init(_ original: SagaDefinition) {
        var model = original
        model.intake = original.intake.map { Intake(path: $0.path, event: $0.event) }
        model.inputSchema = nil
        model.key = nil
        model.output = nil
        model.deadline = original.deadline.map { _ in .seconds(3600) }
        model.nodes = original.nodes.map(Self.opaque)
        model.finish.completed?.body = Self.nothing
        model.finish.compensated?.body = Self.nothing
        definition = model
        for node in model.nodes { count(node) }
    }

    private mutating func count(_ node: Node) {
        if let condition = node.condition { count(condition, .condition) }
        switch node.body {
        case .each(let each): count(each.list, .list)
        case .wait(let wait): if case .at(let time) = wait.end { count(time, .time) }
        case .step, .parallel: break
        }
        for inner in node.inner { count(inner) }
    }

    private mutating func count(_ expression: Expression, _ kind: Asked) {
        let number = asked[expression]?.number ?? asked.count + 1
        asked[expression] = (number, kind, (asked[expression]?.uses ?? 0) + 1)
    }

    private static func opaque(_ node: Node) -> Node {
        var model = node
        switch node.body {
        case .step(let step):
            if node.condition == nil, mayLackBody(step) {
                model.condition = .variable(.element(bodyPrefix + step.name))
            }
            model.body = .step(opaque(step))
        case .parallel(var parallel):
            for place in parallel.branches.indices {
                parallel.branches[place].nodes = parallel.branches[place].nodes.map(opaque)
            }
            model.body = .parallel(parallel)
        case .each(var each):
            each.nodes = each.nodes.map(opaque)
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

    private static func opaque(_ step: Step) -> Step {
        var model = step
        model.work = opaque(step.work)
        model.timeout = step.timeout.map { _ in .seconds(1) }
        model.retry = opaque(step.retry)
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
            opaque.retry = Self.opaque(compensation.retry)
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
                Question(title: .literal("question"), quorum: min(question.quorum, attempts)))
        case .await: work
        case .child(let child): .child(Child(saga: child.saga, body: nothing))
        }
    }

    private static func opaque(_ retry: RetryPolicy) -> RetryPolicy {
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
}
