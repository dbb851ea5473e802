import SagaCore

@testable import SagaCheck

/// Makes small definitions with branches beside and inside one another, before a pivot or after it.
struct BranchAuthor {
    var dice: Dice
    /// Whether all branches follow a pivot.
    let isPast: Bool
    private var count = 0

    init(seed: UInt64, isPast: Bool) {
        dice = Dice(state: seed)
        self.isPast = isPast
    }

    mutating func definition() -> SagaDefinition {
        var nodes = isPast ? [pivot()] : []
        nodes.append(branches())
        if isPast || dice.hits(4) { nodes.append(last()) }
        return SagaDefinition(
            name: "branches", version: 1, aggregate: Aggregate(type: "small", stream: "SMALL"),
            deadline: dice.hits(3) ? .seconds(60) : nil, nodes: nodes,
            finish: Finish(
                completed: RaisedEvent(event: "ended"), compensated: RaisedEvent(event: "undone")))
    }

    private mutating func branches() -> Node {
        switch Int.random(in: 0..<5, using: &dice) {
        case 0: return parallel(1, [[work()], [work()]])
        case 1: return parallel(1, [[work(), work()], [work()]])
        case 2: return parallel(1, [[work()], [parallel(2, [[work()], [work()]])]])
        case 3: return parallel(1, [[each([work()])], [work()]])
        case _: return each([parallel(1, [[work()], [wait()]])])
        }
    }

    private func parallel(_ number: Int, _ branches: [[Node]]) -> Node {
        let named = branches.enumerated().map { place, nodes in
            Parallel.Branch(name: "b\(place)", nodes: nodes)
        }
        return Node(body: .parallel(Parallel(name: "parallel#\(number)", branches: named)))
    }

    private mutating func each(_ nodes: [Node]) -> Node {
        Node(
            body: .each(
                Each(
                    name: "each#1", list: .field(.variable(.input), "items"), element: "item",
                    nodes: nodes, atMost: dice.hits(3) ? 1 : 2)))
    }

    private mutating func work() -> Node {
        count += 1
        let name = "s\(count)"
        var node: Node
        switch Int.random(in: 0..<7, using: &dice) {
        case 0: node = question(name)
        case 1: node = awaited(name)
        case 2: node = wait()
        case _: node = command(name)
        }
        if dice.hits(6) { node.condition = .field(.variable(.input), "flag") }
        return node
    }

    private mutating func wait() -> Node {
        count += 1
        return Node(body: .wait(Wait(name: "wait#\(count)", end: .after(.seconds(5)))))
    }

    private mutating func command(_ name: String) -> Node {
        let isOptional = dice.hits(4)
        var outcomes = [Outcome(name: "done", event: RaisedEvent(event: "\(name)done"))]
        if !isPast && dice.hits(2) || isPast && isOptional {
            outcomes.append(Outcome(name: "no", then: .reject))
        }
        let isUndone = !isPast && !dice.hits(4)
        return Node(
            body: .step(
                Step(
                    name: name, subject: "do", retry: dice.hits(2) ? .none : .forever,
                    unknown: isPast ? .stuck : .compensate, failed: isPast ? .stuck : .reject,
                    isOptional: isOptional, outcomes: outcomes,
                    compensation: isUndone
                        ? Compensation(
                            subject: "undo", retry: RetryPolicy(attempts: 2),
                            event: RaisedEvent(event: "\(name)undone"))
                        : nil)))
    }

    private mutating func question(_ name: String) -> Node {
        var outcomes = [Outcome(name: "yes")]
        if !isPast { outcomes.append(Outcome(name: "no", then: .reject)) }
        return Node(
            body: .step(
                Step(
                    name: name,
                    work: .ask(Question(title: .literal("?"), quorum: dice.hits(2) ? 2 : 1)),
                    timeout: nil, unknown: .stuck, failed: isPast ? .stuck : .reject,
                    outcomes: outcomes)))
    }

    private mutating func awaited(_ name: String) -> Node {
        Node(
            body: .step(
                Step(
                    name: name, work: .await("it"),
                    timeout: dice.hits(2) ? .seconds(9) : nil,
                    unknown: isPast ? .stuck : .compensate, failed: isPast ? .stuck : .reject,
                    outcomes: [Outcome(name: "come", event: RaisedEvent(event: "\(name)come"))])))
    }

    private func pivot() -> Node {
        Node(
            body: .step(
                Step(
                    name: "pivot", work: .ask(Question(title: .literal("?"))), timeout: nil,
                    unknown: .stuck, failed: .stuck, outcomes: [Outcome(name: "yes")],
                    isPivot: true)))
    }

    /// A step that may ask what became of another: where that is optional, late news may tell.
    private mutating func last() -> Node {
        var node = Node(
            body: .step(
                Step(
                    name: "last", work: .ask(Question(title: .literal("?"))), timeout: nil,
                    unknown: .stuck, failed: .stuck, outcomes: [Outcome(name: "yes")])))
        if dice.hits(2) { node.condition = .hasVariable(.stepResult("s1")) }
        return node
    }

    /// Claims that hold of some definitions and not of others; the first look at the saga alone,
    /// the others at its steps as well.
    func claims(of definition: SagaDefinition) -> (coarse: [Invariant], fine: [Invariant]) {
        func element(_ name: String) -> Expression { .variable(.element(name)) }
        func text(_ text: String) -> Expression { .literal(.string(text)) }
        func isNot(_ status: String) -> Invariant {
            Invariant(
                name: "never \(status)",
                condition: .binary(.notEqual, element("status"), text(status)))
        }
        let isEnded = Expression.binary(.in, text("ended"), element("events"))
        let coarse = [
            isNot("compensated"), isNot("settled"), isNot("completed"),
            Invariant(name: "never ended", condition: .unary(.not, isEnded)),
        ]
        let names = definition.steps.map(\.name).filter { $0.hasPrefix("s") }
        let fine = names.map { name in
            let state = Expression.field(.field(element("steps"), name), "state")
            return Invariant(
                name: "not stuck while \(name) runs",
                condition: .binary(
                    .or, .binary(.notEqual, element("status"), text("stuck")),
                    .binary(.notEqual, state, text("running"))))
        }
        return (coarse, fine + [isNot("stuck")])
    }
}
