@testable import SagaCore
import Testing

@Suite struct `A compensation plan` {
    private func plan(_ story: Story) -> CompensationPlan {
        story.decider.compensationPlan(of: story.state, at: Circumstances(now: story.now))
    }

    private func void(round: Int = 1, isKnownDone: Bool) -> CompensationPlan.Planned {
        CompensationPlan.Planned(
            round: round, path: "payment",
            work: .send(.participant(subject: "payments.void"), body: ["order_id": "o-1"]),
            isKnownDone: isKnownDone)
    }

    @Test func `has what is in flight first, and then what may have been done`() throws {
        let story = try Story(Sample.order())
        #expect(
            plan(story)
                == CompensationPlan(
                    refusal: nil,
                    awaited: [
                        .init(
                            path: "payment", target: .participant(subject: "payments.debit"),
                            until: story.now + .seconds(10))
                    ],
                    compensations: [void(isKnownDone: false)], lasting: [], end: .compensated))
    }

    @Test func `says which step is known to be done, and what nothing takes back`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        #expect(
            plan(story)
                == CompensationPlan(
                    refusal: nil,
                    awaited: [
                        .init(
                            path: "review", target: .participant(subject: "reviews.review"),
                            until: story.now + story.decider.definition.turnGrace)
                    ],
                    compensations: [void(isKnownDone: true)], lasting: ["review"],
                    end: .compensated))
    }

    @Test func `is what the rules then do`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        let planned = plan(story)
        try story.when(.cancel(OperatorAction(by: "kim", reason: "cancelled")))
        try story.when(story.reply(to: "review", .outcome("approved")))
        #expect(story.last.commands == ["payments.void#1"])
        #expect(planned.compensations.map(\.path) == ["payment"])
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == planned.end)
    }

    @Test func `goes back in rounds, the last step first`() throws {
        var story = try Story(Sample.threeTakenBack())
        for name in ["a", "b"] { try story.when(story.reply(to: name, .done)) }
        let planned = plan(story).compensations
        #expect(planned.map(\.path) == ["c", "b", "a"])
        #expect(planned.map(\.round) == [1, 2, 3])
        #expect(planned.map(\.isKnownDone) == [false, true, true])
    }

    @Test func `ends where a compensation cannot be sent`() throws {
        var broken = Sample.void
        broken.work = .command(
            subject: broken.subject, body: .expression(.variable(.stepResult("nowhere"))))
        var story = try Story(Sample.order(compensation: broken))
        try story.when(story.reply(to: "payment", Sample.debited))
        let planned = plan(story)
        #expect(planned.end == .stuck)
        guard case .stuck? = planned.compensations.first?.work else {
            Issue.record("expected a compensation that is stuck, found \(planned)")
            return
        }
    }

    @Test func `has what is left where the saga is on its way back`() throws {
        var story = try Story(Sample.threeTakenBack())
        for name in ["a", "b"] { try story.when(story.reply(to: name, .done)) }
        try story.when(.cancel(OperatorAction(by: "kim", reason: "cancelled")))
        try story.when(story.reply(to: "c", .done))
        try story.when(story.reply(to: "c", .compensation, .done))
        let planned = plan(story)
        #expect(planned.refusal == .notCancellable("it is being compensated already"))
        #expect(planned.compensations.map(\.path) == ["b", "a"])
        #expect(planned.end == .compensated)
    }

    @Test func `of a saga that has ended has nothing but what lasts`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(story.reply(to: "review", .outcome("approved")))
        #expect(
            plan(story)
                == CompensationPlan(
                    refusal: .notCancellable("it has ended as completed"), awaited: [],
                    compensations: [], lasting: ["payment", "review"], end: .completed))
    }

    @Test func `of a saga whose pivot was sent has nothing but what lasts`() throws {
        var definition = Sample.threeTakenBack()
        definition.nodes[1] = Node(body: .step(Step(name: "b", subject: "t.b", isPivot: true)))
        var story = try Story(definition)
        try story.when(story.reply(to: "a", .done))
        let planned = plan(story)
        #expect(
            planned.refusal
                == .notCancellable("step b, the point of no return, was sent"))
        #expect(planned.compensations.isEmpty)
        #expect(planned.lasting == ["a", "b"])
        #expect(planned.end == .running)
    }
}

extension Sample {
    /// Three steps one after the other, each with a compensation.
    static func threeTakenBack() -> SagaDefinition {
        let steps = ["a", "b", "c"].map { name in
            Step(
                name: name, subject: "t.\(name)", timeout: .seconds(10), retry: .none,
                compensation: Compensation(subject: "t.undo-\(name)", retry: .none))
        }
        return SagaDefinition(
            name: "three", version: 1, nodes: steps.map { Node(body: .step($0)) })
    }
}
