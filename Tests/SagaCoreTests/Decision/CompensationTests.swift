@testable import SagaCore
import Testing

@Suite struct `A compensation` {
    private func turned(_ definition: SagaDefinition = Sample.order()) throws -> Story {
        var story = try Story(definition)
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(story.reply(to: "review", .outcome("rejected")))
        return story
    }

    @Test func `is tried again, and is stuck when its attempts are used up`() throws {
        var story = try turned()
        try story.after(.seconds(5))
        #expect(story.open("payment", .compensation)?.phase == .waiting)
        try story.after(.seconds(1))
        #expect(story.last.commands == ["payments.void#2"])
        try story.after(.seconds(5))
        #expect(story.state.status == .stuck)
        #expect(
            story.state.steps["payment"]?.stuckReason
                == "2 attempts, the last: no answer in time")
        #expect(story.state.endedAt == nil)
    }

    @Test func `without a limit of its own is waited for half a minute`() throws {
        var void = Sample.void
        void.timeout = nil
        let story = try turned(Sample.order(compensation: void))
        #expect(story.open("payment", .compensation)?.dueAt == story.now + .seconds(30))
    }

    @Test func `is stuck when it is refused`() throws {
        var story = try turned()
        try story.when(story.reply(to: "payment", .compensation, .final))
        #expect(story.state.status == .stuck)
    }

    @Test func `is stuck when it is answered with anything but done`() throws {
        var story = try turned()
        try story.when(story.reply(to: "payment", .compensation, .outcome("voided")))
        #expect(story.state.status == .stuck)
    }

    @Test func `is stuck at once when its body has no value`() throws {
        var void = Sample.void
        void.work = .command(
            subject: void.subject, body: .expression(.variable(.stepResult("nowhere"))))
        let story = try turned(Sample.order(compensation: void))
        #expect(story.last.commands.isEmpty)
        #expect(story.state.status == .stuck)
    }

    @Test func `goes on when an operator has it tried again`() throws {
        var story = try turned()
        let before = try #require(story.open("payment", .compensation)).id
        try story.when(story.reply(to: "payment", .compensation, .final))
        let action = OperatorAction(by: "kim", reason: "the account is open again")
        try story.when(.retry("payment", body: ["order_id": "o-9"], action))
        let after = try #require(story.open("payment", .compensation))
        #expect(after.id != before, "an operator's retry is a new command")
        #expect(after.body == .value(["order_id": "o-9"]))
        #expect(story.state.status == .compensating)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == .compensated)
    }

    @Test func `ends as settled when an operator settles it by hand`() throws {
        var story = try turned()
        try story.when(story.reply(to: "payment", .compensation, .final))
        let action = OperatorAction(by: "kim", reason: "paid back in cash")
        try story.when(.settle("payment", .compensated, action))
        #expect(story.state.status == .settled)
        #expect(story.last.events == ["paymentvoided", "rejected"])
    }

    @Test func `runs in reverse order of completion, one after the other`() throws {
        var story = try Story(threeSteps())
        for name in ["a", "b", "c"] {
            let answer: Reply.Answer = name == "c" ? .outcome("no") : .done
            try story.when(story.reply(to: name, answer))
        }
        #expect(story.last.commands == ["undo.b#1"])
        try story.when(story.reply(to: "b", .compensation, .done))
        #expect(story.last.commands == ["undo.a#1"])
        try story.when(story.reply(to: "a", .compensation, .done))
        #expect(story.state.status == .compensated)
    }

    @Test func `does not hold up the earlier ones when it is stuck`() throws {
        var story = try Story(threeSteps())
        for name in ["a", "b", "c"] {
            try story.when(story.reply(to: name, name == "c" ? .outcome("no") : .done))
        }
        try story.when(story.reply(to: "b", .compensation, .final))
        #expect(story.last.commands == ["undo.a#1"])
        try story.when(story.reply(to: "a", .compensation, .done))
        #expect(story.state.status == .stuck)
    }

    @Test func `holds up the earlier ones when it is stuck and says that it blocks`() throws {
        var story = try Story(threeSteps(blocks: true))
        for name in ["a", "b", "c"] {
            try story.when(story.reply(to: name, name == "c" ? .outcome("no") : .done))
        }
        try story.when(story.reply(to: "b", .compensation, .final))
        #expect(story.last.commands.isEmpty)
        #expect(story.state.status == .stuck)
    }

    private func threeSteps(blocks: Bool = false) -> SagaDefinition {
        let steps = ["a", "b", "c"].map { name in
            Node(
                body: .step(
                    Step(
                        name: name, subject: "do.\(name)",
                        outcomes: [Outcome(name: "done"), Outcome(name: "no", then: .reject)],
                        compensation: Compensation(subject: "undo.\(name)", blocks: blocks))))
        }
        return SagaDefinition(name: "three", version: 1, nodes: steps)
    }
}

@Suite struct `A cancelled saga` {
    private let action = OperatorAction(by: "kim", reason: "the customer called")

    @Test func `waits for the command in flight, then takes back what it did`() throws {
        var story = try Story(Sample.order())
        try story.when(.cancel(action))
        #expect(story.last.commands.isEmpty)
        #expect(story.state.status == .compensating)
        try story.when(story.reply(to: "payment", Sample.debited))
        #expect(story.last.events == ["paymentdebited"])
        #expect(story.last.commands == ["payments.void#1"])
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == .compensated)
        #expect(story.state.failure?.reason == "the customer called")
    }

    @Test func `waits no longer than the grace, and makes no new attempt`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(.cancel(action))
        #expect(story.open("review")?.dueAt == story.now + .seconds(30))
        story.now = story.now + .seconds(30)
        try story.when(.due())
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.steps["review"]?.phase == .unknown)
    }

    @Test func `takes back at once what waits for its next attempt`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", .retriable))
        try story.when(.cancel(action))
        #expect(story.last.commands == ["payments.void#1"])
    }

    @Test func `does not compensate a step in flight that answers no`() throws {
        var story = try Story(Sample.order())
        try story.when(.cancel(action))
        try story.when(story.reply(to: "payment", .outcome("declined")))
        #expect(story.last.commands.isEmpty)
        #expect(story.state.status == .compensated)
        #expect(story.state.failure?.kind == .cancel, "the first failure is kept")
    }

    @Test func `is not cancelled twice, nor after its end`() throws {
        var story = try Story(Sample.order())
        try story.when(.cancel(action))
        #expect(
            story.verdict(.cancel(action))
                == .refuse(.notCancellable("it is being compensated already")))
        try story.when(story.reply(to: "payment", .outcome("declined")))
        #expect(
            story.verdict(.cancel(action))
                == .refuse(.notCancellable("it has ended as compensated")))
    }

    @Test func `is not cancelled once its pivot was sent`() throws {
        var definition = Sample.order()
        guard case .step(var payment) = definition.nodes[0].body else { return }
        payment.isPivot = true
        definition.nodes[0].body = .step(payment)
        let story = try Story(definition)
        #expect(
            story.verdict(.cancel(action))
                == .refuse(
                    .notCancellable("step payment, the point of no return, was sent")))
    }
}

@Suite struct `A deadline` {
    @Test func `rejects the saga when it passes`() throws {
        var story = try Story(Sample.order(deadline: .seconds(60)))
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.after(.seconds(60))
        #expect(story.state.failure?.kind == .deadline)
        #expect(story.state.status == .compensating)
        try story.after(.seconds(30))
        #expect(story.last.commands == ["payments.void#1"])
    }
}
