import SagaCore
import Testing

@testable import SagaCheck

/// Every end that is reached: its status, and of what it leaves debt.
func ends(
    _ definition: SagaDefinition, _ claims: [Invariant], _ reduction: Reduction
) -> Set<String> {
    let stepper = Stepper(definition, observation: Observation(claims), reduction: reduction)
    var space = StateSpace(stepper, limit: 100_000)
    var ends: Set<String> = []
    space.explore { _, _, transition, _ in
        let saga = transition.state.saga
        guard saga.hasEnded else { return }
        ends.insert("\(saga.status) \(Set(saga.open.map(\.path)).sorted())")
    }
    return ends
}

/// Holds an exploration that leaves orders out against another.
func compare(_ definition: SagaDefinition, _ claims: [Invariant], to other: Reduction) {
    let whole = verdict(definition, claims, other)
    let reduced = verdict(definition, claims, .statesAndOrders)
    #expect(!whole.hasHitLimit)
    #expect(reduced.states <= whole.states)
    #expect(reduced.counterexamples.map(\.property) == whole.counterexamples.map(\.property))
    #expect(reduced.counterexamples.map(\.subjects) == whole.counterexamples.map(\.subjects))
    #expect(reduced.needOperator == whole.needOperator)
    #expect(reduced.debts == whole.debts)
    #expect(ends(definition, claims, .statesAndOrders) == ends(definition, claims, other))
}

/// A definition, and where it came from.
struct WrittenBranches: CustomTestStringConvertible {
    let seed: UInt64
    let isPast: Bool
    var testDescription: String { "\(isPast ? "past" : "before") the pivot, seed \(seed)" }

    static func seeds(before: [UInt64], past: [UInt64]) -> [WrittenBranches] {
        before.map { WrittenBranches(seed: $0, isPast: false) }
            + past.map { WrittenBranches(seed: $0, isPast: true) }
    }

    /// Of these a whole exploration takes a moment.
    static let small = seeds(before: [11, 17, 19, 33, 35, 38], past: [3, 11, 13, 17, 31, 33])
    /// Of these one takes a moment that leaves out states.
    static let large = seeds(before: [24, 27, 31], past: [2, 9, 12, 24, 39])

    var read: (definition: SagaDefinition, coarse: [Invariant], fine: [Invariant]) {
        var author = BranchAuthor(seed: seed, isPast: isPast)
        let definition = author.definition()
        let claims = author.claims(of: definition)
        return (definition, claims.coarse, claims.fine)
    }
}

@Suite struct `Branches in a reduced exploration` {
    @Test(arguments: WrittenBranches.small)
    func `have the verdicts and ends of a whole one`(written: WrittenBranches) {
        let read = written.read
        compare(read.definition, read.coarse, to: .nothing)
    }

    @Test(arguments: WrittenBranches.large)
    func `have them in every order`(written: WrittenBranches) {
        let read = written.read
        compare(read.definition, read.coarse, to: .states)
    }

    @Test(arguments: WrittenBranches.large)
    func `have them where each step is looked at`(written: WrittenBranches) {
        let read = written.read
        compare(read.definition, read.coarse + read.fine, to: .states)
    }

    @Test(arguments: [false, true])
    func `are of every kind`(isPast: Bool) {
        let definitions = (WrittenBranches.small + WrittenBranches.large).filter {
            $0.isPast == isPast
        }
        .map(\.read.definition)
        let nodes = definitions.flatMap(\.nodes).flatMap { [$0] + $0.inner }
        let steps = definitions.flatMap(\.steps)
        func isParallel(_ node: Node) -> Bool {
            if case .parallel = node.body { true } else { false }
        }
        func isList(_ node: Node) -> Bool { if case .each = node.body { true } else { false } }
        #expect(nodes.contains { isParallel($0) && $0.inner.contains(where: isParallel) })
        #expect(nodes.contains { isParallel($0) && $0.inner.contains(where: isList) })
        #expect(nodes.contains { isList($0) && $0.inner.contains(where: isParallel) })
        #expect(steps.contains { if case .ask = $0.work { true } else { false } })
        #expect(steps.contains { if case .await = $0.work { true } else { false } })
        #expect(steps.contains { $0.isOptional })
        #expect(steps.contains { step in step.outcomes.contains { $0.then == .reject } })
        #expect(definitions.contains { $0.deadline != nil })
        #expect(nodes.contains { $0.condition != nil })
    }
}

@Suite struct `Past the point of no return` {
    private static let nothing = Observation()

    private func step(
        _ name: String, failed: FailedPolicy = .stuck, unknown: UnknownPolicy = .stuck,
        outcomes: [Outcome] = [Outcome(name: "done")], isOptional: Bool = false,
        when condition: Expression? = nil
    ) -> Node {
        Node(
            condition: condition,
            body: .step(
                Step(
                    name: name, subject: "a", retry: .none, unknown: unknown, failed: failed,
                    isOptional: isOptional, outcomes: outcomes)))
    }

    /// A pivot, two branches, the left one of two nodes, and perhaps more nodes.
    private func saga(
        pivot: Bool = true, left: Node? = nil, then last: [Node] = []
    ) -> SagaDefinition {
        let first = Step(
            name: "pivot", subject: "a", retry: .none, unknown: .stuck, failed: .stuck,
            isPivot: pivot)
        let branches = [[step("one"), left ?? step("two")], [step("right")]]
        let parallel = Parallel(
            name: "parallel#1",
            branches: branches.enumerated().map {
                Parallel.Branch(name: "b\($0)", nodes: $1)
            })
        return SagaDefinition(
            name: "past", version: 1,
            nodes: [Node(body: .step(first)), Node(body: .parallel(parallel))] + last)
    }

    private func isFree(_ definition: SagaDefinition, _ observation: Observation = nothing) -> Bool
    {
        let noReturn = NoReturn(definition, observation)
        let names = ["one", "two", "right"].filter(noReturn.isFree)
        #expect(names.isEmpty || names.count == 3)
        return !names.isEmpty
    }

    @Test func `branches are free, and before it none is`() {
        #expect(isFree(saga()))
        #expect(!isFree(saga(pivot: false)))
        #expect(!NoReturn(saga(), Observation()).isFree("parallel#1"))
    }

    @Test func `nothing may turn the saga round`() {
        #expect(!isFree(saga(left: step("two", failed: .reject))))
        #expect(!isFree(saga(left: step("two", unknown: .compensate))))
        let no = Outcome(name: "no", then: .reject)
        #expect(!isFree(saga(left: step("two", outcomes: [Outcome(name: "done"), no]))))
        #expect(!isFree(saga(then: [step("last", failed: .reject)])))
        #expect(isFree(saga(left: step("two", failed: .reject, isOptional: true))))
    }

    @Test func `nothing may ask for what changes`() {
        func asks(_ name: String) -> Expression { .hasVariable(.stepResult(name)) }
        #expect(isFree(saga(left: step("two", when: asks("one")))))
        #expect(!isFree(saga(left: step("two", when: asks("right")))))
        #expect(isFree(saga(then: [step("last", when: asks("right"))])))
        let optional = step("extra", isOptional: true)
        #expect(isFree(saga(then: [optional])))
        #expect(!isFree(saga(then: [optional, step("last", when: asks("extra"))])))
    }

    @Test func `nothing inside may be looked at`() throws {
        func observation(_ condition: Expression) -> Observation {
            Observation([Invariant(name: "it", condition: condition)])
        }
        func member(_ name: String, of step: String) -> Expression {
            .field(.field(.variable(.element("steps")), step), name)
        }
        #expect(!isFree(saga(), observation(member("outcome", of: "two"))))
        #expect(!isFree(saga(), observation(member("compensation", of: "pivot"))))
        #expect(isFree(saga(), observation(member("outcome", of: "pivot"))))
        let told = Outcome(name: "done", event: RaisedEvent(event: "told"))
        let seen = observation(
            .binary(.in, .literal(.string("told")), .variable(.element("events"))))
        #expect(!isFree(saga(left: step("two", outcomes: [told])), seen))
        #expect(isFree(saga(then: [step("last", outcomes: [told])]), seen))
        let optional = step("extra", isOptional: true)
        #expect(!isFree(saga(then: [optional]), observation(member("state", of: "extra"))))
    }

    /// The nodes that the moves are about, two branches being under way.
    private func moving(
        _ definition: SagaDefinition, _ claims: [Invariant] = []
    ) throws -> Set<NodePath> {
        let stepper = Stepper(definition, observation: Observation(claims))
        var state = try #require(stepper.starts().first?.state)
        state = try #require(
            stepper.transitions(from: state).first { $0.move?.path == "pivot" }?.state)
        #expect(state.saga.open.map(\.path) == ["one", "right"])
        return Set(stepper.world.moves(in: state).compactMap(\.path))
    }

    @Test func `branches are explored one after the other`() throws {
        #expect(try moving(saga()) == ["one"])
        #expect(try moving(saga(left: step("two", failed: .reject))) == ["one", "right"])
    }

    @Test func `one order of two branches is left of all`() {
        let pivot = Step(
            name: "pivot", work: .ask(Question(title: .literal("?"))), timeout: nil,
            unknown: .stuck, failed: .stuck, outcomes: [Outcome(name: "yes")], isPivot: true)
        let branches = ["left", "right"].map { branch in
            let timers = (1...3).map { number in
                Node(body: .wait(Wait(name: "\(branch)#\(number)", end: .after(.seconds(5)))))
            }
            return Parallel.Branch(name: branch, nodes: timers)
        }
        let definition = SagaDefinition(
            name: "timers", version: 1,
            nodes: [
                Node(body: .step(pivot)),
                Node(body: .parallel(Parallel(name: "parallel#1", branches: branches))),
            ])
        func states(_ reduction: Reduction) -> Int { verdict(definition, [], reduction).states }
        // Of a square of sixteen states the seven of one way through it.
        #expect(states(.states) - states(.statesAndOrders) == 16 - 7)
    }

    @Test func `what is stuck comes last, where nobody tells it from what runs`() throws {
        func stuck(_ status: String) throws -> Set<NodePath> {
            let claim = Invariant(
                name: "it",
                condition: .binary(
                    .notEqual, .variable(.element("status")), .literal(.string(status))))
            let stepper = Stepper(saga(), observation: Observation([claim]))
            var state = try #require(stepper.starts().first?.state)
            for path in ["pivot", "one"] {
                state = try #require(
                    stepper.transitions(from: state).first { transition in
                        let phase = transition.state.saga.steps[path]?.phase
                        return path == "pivot" ? phase == .completed : phase == .stuck
                    }?.state)
            }
            return Set(stepper.world.moves(in: state).compactMap(\.path))
        }
        #expect(try stuck("completed") == ["right"])
        #expect(try stuck("stuck") == ["one", "right"])
    }

    @Test func `the deadline that the pivot held is forgotten`() throws {
        var definition = saga()
        definition.deadline = .seconds(60)
        let stepper = Stepper(definition)
        let start = try #require(stepper.starts().first?.state)
        #expect(stepper.world.moves(in: start).contains(.heldDeadline))
        let late = try #require(
            stepper.transitions(from: start, by: .heldDeadline).first?.state)
        #expect(stepper.coder.key(of: start) != stepper.coder.key(of: late))
        let passed = try [start, late].map { state in
            try #require(
                stepper.transitions(from: state).first { transition in
                    transition.state.saga.steps["pivot"]?.phase == .completed
                }?.state)
        }
        #expect(!stepper.world.moves(in: passed[0]).contains(.heldDeadline))
        #expect(stepper.coder.key(of: passed[0]) == stepper.coder.key(of: passed[1]))
    }
}
