import SagaCore
import SagaLanguage
import Testing

@testable import SagaCheck

/// What a check of the sample order saga says, under these invariants.
private func check(
    _ text: String = Sample.order, invariants: [(String, String)] = [],
    options: ModelCheck.Options = ModelCheck.Options()
) throws -> ModelCheck.Result {
    let definition = try Sample.definition(text)
    let read = try invariants.map { try Invariant.read($0.0, $0.1, of: definition).get() }
    return ModelCheck.run(definition, invariants: read, options: options)
}

private func failing(_ result: ModelCheck.Result) -> [Property] {
    result.counterexamples.map(\.property)
}

@Suite struct `The model checker` {
    @Test func `verifies the sample, and says what it covered`() throws {
        let result = try check()
        #expect(result.hasPassed)
        #expect(failing(result) == [])
        #expect(result.states > 20)
        #expect(result.transitions > result.states)
        #expect(result.needOperator == ["payment.compensate"])
        #expect(result.debts == ["payment"])
        let report = result.report(options: ModelCheck.Options(), took: .milliseconds(5))
        #expect(report.contains("  explored \(result.states) states, "))
        #expect(report.contains("attempts collapsed to first and last"))
        #expect(report.contains("✓ every run can end\n"))
    }

    @Test func `finds the same states every time`() throws {
        let (one, other) = (try check(), try check())
        #expect(one.states == other.states)
        #expect(one.transitions == other.transitions)
    }

    @Test func `gives a shortest counterexample of a broken invariant`() throws {
        let result = try check(
            invariants: [
                ("never rejected", "${status != 'compensated'}"),
                ("paid before approved", "${!('approved' in events) || 'paid' in events}"),
            ])
        #expect(failing(result) == [.invariant("never rejected")])
        let example = try #require(result.counterexamples.first)
        #expect(example.depth == 1)
        #expect(example.timeline.text.contains("← payment: declined"))
        #expect(example.timeline.text.contains("= compensated    <-- it is false here"))
    }

    @Test func `tells an invariant that has no value from one that is false`() throws {
        let result = try check(invariants: [("broken", "${[1, 2][size(events)] > 0}")])
        let text = try #require(result.counterexamples.first).timeline.text
        #expect(text.contains("it has no value here: "))
    }

    @Test func `finds nodes and outcomes that no run reaches`() throws {
        let result = try check(
            """
            saga: order
            version: 1
            deadline: 1h
            steps:
              - step: payment
                command: payments.debit
                retry: forever
                outcomes: {debited: {}, timeout: {then: reject}}
                compensate: none
              - step: review
                when: "${steps.payment.outcome == 'debitted'}"
                command: reviews.review
                compensate: none
            """)
        #expect(failing(result) == [.reachesEveryNode, .reachesEveryOutcome])
        #expect(
            result.counterexamples.map(\.subjects)
                == [["review"], ["payment: timeout", "review: done"]])
        let report = result.report(options: ModelCheck.Options(), took: .zero)
        #expect(report.contains("✗ every node can be reached\n      never: review\n"))
    }

    @Test func `lets a condition be true, false or failing, once on the same data`() throws {
        var options = ModelCheck.Options()
        options.collectsStories = true
        let result = try check(
            """
            saga: order
            version: 1
            aggregate: {type: order, stream: ORDERS}
            steps:
              - step: check
                when: "${input.amount > 5}"
                command: a.b
                retry: none
                unknown: stuck
                outcomes: {done: {event: checked}}
                compensate: none
              - step: log
                when: "${input.amount > 5}"
                command: c.d
                retry: none
                unknown: stuck
                outcomes: {done: {event: logged}}
                compensate: none
            finish: {completed: {event: ended}, compensated: {event: undone}}
            """, options: options)
        let completed = result.stories.filter { $0.status == .completed }.map(\.events)
        #expect(Set(completed) == [["ended"], ["checked", "logged", "ended"]])
        #expect(result.stories.contains(.init(status: .compensated, events: ["undone"])))
    }

    @Test func `knows whether a step has a result`() throws {
        var options = ModelCheck.Options()
        options.collectsStories = true
        let result = try check(
            """
            saga: order
            version: 1
            aggregate: {type: order, stream: ORDERS}
            steps:
              - step: gift
                command: gifts.pack
                optional: true
                retry: none
                outcomes: {packed: {event: packed}, none_left: {then: reject, event: noneleft}}
                compensate: none
              - step: note
                when: "${!has(steps.gift.result) || steps.gift.outcome != 'packed'}"
                command: notes.write
                retry: none
                unknown: stuck
                outcomes: {done: {event: noted}}
                compensate: none
            finish: {completed: {event: ended}, compensated: {event: undone}}
            """, options: options)
        let completed = result.stories.filter { $0.status == .completed }.map(\.events)
        #expect(
            Set(completed) == [
                ["packed", "ended"], ["noneleft", "noted", "ended"], ["noted", "ended"],
            ])
    }

    @Test func `tells every story that the file can tell`() throws {
        var options = ModelCheck.Options()
        options.collectsStories = true
        let result = try check(options: options)
        let told = result.stories.filter { $0.status == .completed }
        #expect(told == [.init(status: .completed, events: ["created", "paid", "approved"])])
        #expect(
            result.stories.contains(
                .init(status: .compensated, events: ["created", "paid", "voided", "rejected"])))
        let report = result.report(options: options, took: .zero)
        #expect(report.contains("  completed\n    created → paid → approved\n"))
    }

    @Test func `says plainly that a limit was hit, and does not pass`() throws {
        var options = ModelCheck.Options()
        options.limit = 20
        let result = try check(options: options)
        #expect(result.states == 20)
        #expect(result.hasHitLimit)
        #expect(!result.hasPassed)
        let report = result.report(options: options, took: .zero)
        #expect(report.contains("✗ the limit of 20 states was reached"))
        #expect(!report.contains("✓"))
    }

    @Test func `holds against participants that break their contract`() throws {
        var options = ModelCheck.Options()
        options.isHostile = true
        let result = try check(options: options)
        #expect(result.hasPassed)
        #expect(result.transitions > (try check().transitions))
    }

    @Test func `lets an operator help what is stuck, so that every run can end`() throws {
        let text = """
            saga: order
            version: 1
            steps:
              - step: charge
                command: cards.charge
                retry: none
                unknown: stuck
                outcomes: {charged: {}, declined: {then: reject}}
                compensate: {command: cards.refund, retry: none}
            """
        let result = try check(
            text,
            invariants: [
                ("never settled", "${status != 'settled'}"),
                ("never refused after it was stuck", "${status != 'compensated'}"),
            ])
        #expect(
            failing(result) == [
                .invariant("never settled"), .invariant("never refused after it was stuck"),
            ])
        let example = try #require(result.counterexamples.first)
        #expect(example.timeline.text.contains("← an operator settles charge as charged"))
        #expect(result.needOperator == ["charge", "charge.compensate"])
        let stuck = try #require(
            stuckState(of: Stepper(try Sample.definition(text))), "charge gets stuck")
        let moves = Stepper(try Sample.definition(text)).world.moves(in: stuck)
        #expect(moves.contains(.retry(Target("charge"))))
        #expect(moves.contains(.settle(Target("charge"), outcome: "declined")))
    }

    private func stuckState(of stepper: Stepper) -> ModelState? {
        stepper.starts().flatMap { stepper.transitions(from: $0.state) }.map(\.state)
            .first { $0.saga.status == .stuck }
    }

    @Test func `lets reminders and escalations of a question come due`() throws {
        let stepper = Stepper(
            try Sample.definition(
                """
                saga: order
                version: 1
                deadline: 9d
                steps:
                  - step: review
                    ask:
                      title: May we?
                      role: clerk
                      remind: 1h
                      escalate: {after: 1d, role: manager}
                    outcomes: {yes: {}, no: {then: reject}}
                """))
        let asked = try #require(
            stepper.starts().map(\.state).first { !$0.saga.waits.isEmpty })
        for escalates in [false, true] {
            let after = stepper.transitions(
                from: asked, by: .attention("review", escalates: escalates))
            #expect(after.count == 1)
            #expect(after.map { stepper.coder.key(of: $0.state) } == [stepper.coder.key(of: asked)])
        }
        #expect(stepper.world.moves(in: asked).contains(.attention("review", escalates: true)))
    }

    @Test func `has a child saga get stuck, and move again`() throws {
        let stepper = Stepper(try Sample.definition(Nodes.parent))
        let start = try #require(stepper.starts().map(\.state).first { !$0.saga.open.isEmpty })
        let stuck = try #require(
            stepper.transitions(from: start).map(\.state).first { $0.saga.status == .stuck })
        #expect(
            stepper.transitions(from: stuck).contains {
                stepper.coder.key(of: $0.state) == stepper.coder.key(of: start)
            })
    }

    @Test func `tells how many states it has found`() throws {
        var told: [Int] = []
        let definition = try Sample.definition(Nodes.trip)
        var options = ModelCheck.Options()
        options.reduction = .nothing
        options.limit = 2 * ModelCheck.progressInterval
        _ = ModelCheck.run(definition, options: options) { told.append($0) }
        #expect(told.first == ModelCheck.progressInterval)
    }

    @Test func `takes a pivot under a deadline`() throws {
        let result = try check(
            """
            saga: shop
            version: 1
            deadline: 2h
            steps:
              - step: stock
                command: stock.reserve
                compensate: {command: stock.release}
              - step: capture
                command: payments.capture
                failed: stuck
                unknown: {probe: payments.status, every: 2s, for: 1m, otherwise: stuck}
                pivot: true
              - step: ship
                command: shipping.ship
            """)
        #expect(failing(result) == [])
        #expect(result.needOperator == ["capture", "ship", "stock.compensate"])
    }
}

@Suite struct `What the model checker would find` {
    private func step(_ name: String, pivot: Bool = false, rejects: Bool = false) -> Node {
        let outcomes =
            [Outcome(name: "done")]
            + (rejects ? [Outcome(name: "refused", then: .reject)] : [])
        return Node(
            body: .step(
                Step(
                    name: name, subject: "a.\(name)", unknown: pivot ? .stuck : .compensate,
                    outcomes: outcomes,
                    compensation: pivot ? nil : Compensation(subject: "b.\(name)"),
                    isPivot: pivot)))
    }

    @Test func `is a way back past the pivot, which the loader refuses`() {
        let definition = SagaDefinition(
            name: "broken", version: 1,
            nodes: [step("capture", pivot: true), step("ship"), step("mail", rejects: true)])
        let result = ModelCheck.run(definition)
        #expect(failing(result) == [.keepsWhatFollowsThePivot])
        let text = result.counterexamples.first?.timeline.text ?? ""
        #expect(text.contains("stands past the way back"))
    }

    @Test func `is a step that is left done, and not one that is debt`() throws {
        let definition = SagaDefinition(name: "order", version: 1, nodes: [step("payment")])
        let judgement = Judgement(definition, invariants: [], isHostile: false)
        let decision = try Decider(definition).start(
            .map(Members()), id: SagaID(high: 0, low: 1), freshKey: "k",
            at: Circumstances(now: SagaState.modelNow)
        ).get()
        var state = ModelState(saga: decision.state)
        let id = try #require(state.saga.open.first?.id)
        state.truths = [ModelState.Truth(id: id, path: "payment")]
        #expect(judgement.leftDone(state) == nil)
        state.saga.status = .compensated
        #expect(judgement.leftDone(state) == "payment")
        state.saga.steps["payment"]?.compensation = .stuck
        #expect(judgement.leftDone(state) == nil)
        state.saga.steps["payment"]?.compensation = .done
        state.truths[0].isUndone = true
        #expect(judgement.leftDone(state) == nil)
        state.truths = [ModelState.Truth(id: id, path: "payment", answer: .outcome("done"))]
        #expect(judgement.leftDone(state) == "payment")
        state.truths = [ModelState.Truth(id: id, path: "payment", answer: .finalNo)]
        #expect(judgement.leftDone(state) == nil)
    }

    @Test func `is a compensation of what was never sent`() throws {
        let definition = SagaDefinition(name: "order", version: 1, nodes: [step("payment")])
        let judgement = Judgement(definition, invariants: [], isHostile: false)
        let state = ModelState(
            saga: SagaState(
                identity: SagaIdentity(
                    id: SagaID(high: 0, low: 1), name: "order", definitionVersion: 1, key: "k"),
                input: .null, startedAt: SagaState.modelNow))
        let command = OpenCommand(
            id: CommandID(high: 0, low: 2), path: "payment", kind: .compensation, subject: "b",
            body: .document, originalID: CommandID(high: 0, low: 3), since: SagaState.modelNow,
            dueAt: SagaState.modelFar, resendAt: SagaState.modelFar)
        let decision = Decision(
            entries: [.commandOpened(command)], effects: [], state: state.saga)
        let transition = Transition(move: .cancel, chosen: [:], decision: decision, state: state)
        #expect(
            judgement.violations(of: transition, before: state).map(\.0)
                == [.compensatesOnlyWhatWasSent])
    }

    @Test func `is a state from which there is no end`() {
        let edges: [(from: Int32, to: Int32)] = [(0, 1), (1, 2), (0, 3), (3, 4), (4, 3)]
        let ends = [false, false, true, false, false]
        #expect(StateSpace.firstWithoutEnd(ends: ends, edges: edges) == 3)
        #expect(StateSpace.firstWithoutEnd(ends: ends, edges: edges + [(4, 2)]) == nil)
    }
}
