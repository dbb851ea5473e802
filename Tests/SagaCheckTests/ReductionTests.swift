import SagaCore
import Testing

@testable import SagaCheck

/// Random numbers that a seed repeats (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in that many throws.
    mutating func hits(_ sides: Int) -> Bool { Int.random(in: 0..<sides, using: &self) == 0 }
}

/// Makes small definitions: branches, lists, optional steps, probes, questions, children, a pivot.
private struct Author {
    var dice: Dice
    /// How many steps may still be written.
    var room = 3

    mutating func definition() -> SagaDefinition {
        var nodes: [Node] = []
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: nodes = [parallel(), step()]
        case 1: nodes = [each()]
        case 2: nodes = [step(), parallel()]
        case _: nodes = [step(), step()]
        }
        if dice.hits(3) {
            nodes.append(pivot())
            // The loader would refuse it: a way back past the pivot.
            if dice.hits(2) { nodes.append(command("late", mayBeAided: false)) }
        }
        return SagaDefinition(
            name: "small", version: 1, aggregate: Aggregate(type: "small", stream: "SMALL"),
            deadline: dice.hits(4) ? .seconds(60) : nil, nodes: nodes,
            finish: Finish(
                completed: RaisedEvent(event: "ended"), compensated: RaisedEvent(event: "undone")))
    }

    private mutating func parallel() -> Node {
        let branches = ["left", "right"].map { Parallel.Branch(name: $0, nodes: [step()]) }
        return Node(body: .parallel(Parallel(name: "parallel#1", branches: branches)))
    }

    private mutating func each() -> Node {
        room = 1
        return Node(
            body: .each(
                Each(
                    name: "each#1", list: .field(.variable(.input), "items"), element: "item",
                    nodes: [command("item", mayBeAided: false)], atMost: dice.hits(3) ? 1 : 2)))
    }

    private mutating func step() -> Node {
        room -= 1
        let name = "s\(room)"
        var node: Node
        switch Int.random(in: 0..<8, using: &dice) {
        case 0: node = question(name)
        case 1: node = Node(body: .wait(Wait(name: name, end: .after(.seconds(5)))))
        case _: node = command(name)
        }
        if dice.hits(4) { node.condition = .field(.variable(.input), "flag") }
        // Nothing there is ever reached.
        if dice.hits(8) { node.condition = .literal(.bool(false)) }
        return node
    }

    private mutating func command(_ name: String, mayBeAided: Bool = true) -> Node {
        var policies: [UnknownPolicy] = [.compensate, .compensate]
        if mayBeAided {
            policies.append(
                .probe(
                    ProbePolicy(
                        subject: "ask", every: .seconds(2), for: .seconds(8),
                        otherwise: .compensate)))
        }
        let undone = dice.hits(2) ? RaisedEvent(event: "\(name)undone") : nil
        return Node(
            body: .step(
                Step(
                    name: name, subject: "do", retry: dice.hits(2) ? .none : .forever,
                    unknown: policies.randomElement(using: &dice) ?? .compensate,
                    isOptional: dice.hits(4),
                    outcomes: [
                        Outcome(name: "done", event: RaisedEvent(event: "\(name)done")),
                        Outcome(name: "no", then: .reject),
                    ],
                    compensation: dice.hits(4)
                        ? nil
                        : Compensation(
                            subject: "undo", retry: RetryPolicy(attempts: 2), event: undone,
                            blocks: dice.hits(3)))))
    }

    private mutating func question(_ name: String) -> Node {
        Node(
            body: .step(
                Step(
                    name: name,
                    work: .ask(Question(title: .literal("?"), quorum: dice.hits(2) ? 2 : 1)),
                    timeout: nil,
                    outcomes: [Outcome(name: "yes"), Outcome(name: "no", then: .reject)])))
    }

    private func pivot() -> Node {
        Node(
            body: .step(
                Step(
                    name: "pivot", subject: "do", retry: .none, unknown: .stuck,
                    outcomes: [Outcome(name: "done", event: RaisedEvent(event: "pivoted"))],
                    isPivot: true)))
    }

    /// A claim that holds of some definitions and not of others.
    func claims() -> [Invariant] {
        func element(_ name: String) -> Expression { .variable(.element(name)) }
        func text(_ text: String) -> Expression { .literal(.string(text)) }
        let isUndone = Expression.binary(.in, text("s2undone"), element("events"))
        let isEnded = Expression.binary(.in, text("undone"), element("events"))
        let outcome = Expression.field(.field(element("steps"), "s1"), "outcome")
        return [
            Invariant(
                name: "no compensated end",
                condition: .binary(.notEqual, element("status"), text("compensated"))),
            Invariant(
                name: "no settled end",
                condition: .binary(.notEqual, element("status"), text("settled"))),
            Invariant(
                name: "never undone", condition: .unary(.not, isUndone)),
            Invariant(
                name: "never undone before the end",
                condition: .binary(.or, .unary(.not, isUndone), isEnded)),
            Invariant(
                name: "s1 is never done in an ended saga",
                condition: .binary(
                    .or, .unary(.not, isEnded), .binary(.notEqual, outcome, text("done")))),
        ]
    }
}

/// Checks a definition as a whole, or reduced.
func verdict(
    _ definition: SagaDefinition, _ invariants: [Invariant], _ reduction: Reduction,
    stories: Bool = false
) -> ModelCheck.Result {
    var options = ModelCheck.Options()
    options.reduction = reduction
    options.collectsStories = stories
    return ModelCheck.run(definition, invariants: invariants, options: options)
}

/// Seeds of definitions of which a whole exploration takes a moment.
private enum Seeds {
    static let verdicts: [UInt64] = [1, 15, 23, 32, 53, 54, 67, 79, 86, 88, 89, 101, 116, 118]
    static let stories: [UInt64] = [15, 23, 32, 54, 67, 88, 89, 93, 98, 101, 118]
}

@Suite struct `A reduced exploration` {
    @Test(arguments: Seeds.verdicts)
    func `has the verdicts of a whole one`(seed: UInt64) {
        var author = Author(dice: Dice(state: seed))
        let definition = author.definition()
        let known = Set(definition.steps.map(\.name))
        let claims = author.claims().filter { known.contains("s1") || !$0.name.hasPrefix("s1") }
        let whole = verdict(definition, claims, .nothing)
        for reduction in [Reduction.states, .statesAndOrders] {
            let reduced = verdict(definition, claims, reduction)
            #expect(reduced.states < whole.states)
            #expect(
                reduced.counterexamples.map(\.property) == whole.counterexamples.map(\.property))
            #expect(
                reduced.counterexamples.map(\.subjects) == whole.counterexamples.map(\.subjects))
            #expect(reduced.needOperator == whole.needOperator)
            #expect(reduced.debts == whole.debts)
        }
    }

    @Test(arguments: Seeds.stories)
    func `tells the stories of a whole one, and so its ends`(seed: UInt64) {
        var author = Author(dice: Dice(state: seed))
        let definition = author.definition()
        let whole = verdict(definition, [], .nothing, stories: true)
        let reduced = verdict(definition, [], .statesAndOrders, stories: true)
        #expect(reduced.stories == whole.stories)
        #expect(reduced.states < whole.states)
    }

    @Test func `is compared on every kind of node`() {
        let nodes = Seeds.verdicts.flatMap { seed in
            var author = Author(dice: Dice(state: seed))
            return author.definition().nodes.flatMap { [$0] + $0.inner }
        }
        let steps = nodes.flatMap(\.steps)
        #expect(nodes.contains { if case .parallel = $0.body { true } else { false } })
        #expect(nodes.contains { if case .each = $0.body { true } else { false } })
        #expect(nodes.contains { if case .wait = $0.body { true } else { false } })
        #expect(nodes.contains { $0.condition != nil })
        #expect(steps.contains { if case .ask = $0.work { true } else { false } })
        #expect(steps.contains { if case .probe = $0.unknown { true } else { false } })
        #expect(steps.contains { $0.isOptional })
        #expect(steps.contains { $0.isPivot })
        #expect(steps.contains { $0.compensation?.blocks == true })
    }

    @Test(arguments: [Reduction.nothing, .states, .statesAndOrders])
    func `finds planted faults`(reduction: Reduction) {
        let capture = Step(
            name: "capture", subject: "a", retry: .none, unknown: .stuck, isPivot: true)
        let ship = Step(
            name: "ship", subject: "b", retry: .none,
            outcomes: [Outcome(name: "done"), Outcome(name: "no", then: .reject)],
            compensation: Compensation(subject: "c"))
        let never = Node(
            condition: .literal(.bool(false)), body: .step(Step(name: "never", subject: "d")))
        let definition = SagaDefinition(
            name: "broken", version: 1,
            nodes: [Node(body: .step(capture)), Node(body: .step(ship)), never])
        let result = verdict(definition, [], reduction)
        #expect(
            result.counterexamples.map(\.property)
                == [.keepsWhatFollowsThePivot, .reachesEveryNode, .reachesEveryOutcome])
        #expect(
            result.counterexamples.map(\.subjects) == [[], ["never"], ["never: done"]])
    }

    @Test func `answers compensations side by side in one order`() throws {
        func moves(_ reduction: Reduction) throws -> [Move] {
            let stepper = Stepper(branches, reduction: reduction)
            var state = try #require(stepper.starts().first?.state)
            for name in ["left", "right"] {
                state = try #require(
                    stepper.transitions(from: state).first { transition in
                        guard case .answer(_, Target(name), .outcome, _)? = transition.move else {
                            return false
                        }
                        return true
                    }?.state)
            }
            state = try #require(stepper.transitions(from: state, by: .cancel).first?.state)
            #expect(state.saga.open.map(\.kind) == [.compensation, .compensation])
            return stepper.world.moves(in: state)
        }
        let paths = try moves(.statesAndOrders).map { move in
            if case .answer(_, let target, _, _) = move { target.path } else { "" }
        }
        #expect(paths == ["left", "left"])
        #expect(try moves(.states).count == 4)
    }

    /// A step that can be taken back in each of two branches, and one that waits for both.
    private var branches: SagaDefinition {
        func node(_ name: String) -> Node {
            Node(
                body: .step(
                    Step(
                        name: name, subject: "a", retry: .none,
                        compensation: Compensation(subject: "b"))))
        }
        let parallel = Parallel(
            name: "parallel#1",
            branches: ["left", "right"].map { Parallel.Branch(name: $0, nodes: [node($0)]) })
        return SagaDefinition(
            name: "branches", version: 1,
            nodes: [
                Node(body: .parallel(parallel)),
                Node(body: .wait(Wait(name: "w", end: .after(.seconds(9))))),
            ])
    }

    @Test func `takes two elements of a list for one another`() throws {
        let stepper = Stepper(try Sample.definition(Nodes.guests))
        let pair = try #require(
            stepper.starts().first { $0.state.saga.steps["each#1"]?.list?.count == 2 }?.state)
        let after = stepper.transitions(from: pair).filter { transition in
            guard case .answer(_, _, .outcome("sent", _), _)? = transition.move else {
                return false
            }
            return true
        }
        #expect(after.count == 2)
        #expect(Set(after.map { stepper.coder.key(of: $0.state) }).count == 1)
    }
}
