@testable import SagaCore
import Testing

@Suite struct `A probed step` {
    private let policy = ProbePolicy(
        subject: "payments.status", every: .seconds(2), for: .seconds(600), otherwise: .compensate)

    private func probing() throws -> (story: Story, late: Input) {
        var story = try Story(Sample.order(unknown: .probe(policy)))
        let late = story.reply(to: "payment", Sample.debited)
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        return (story, late)
    }

    @Test func `has failed where an earlier probe is answered never`() throws {
        var (story, _) = try probing()
        let never = story.reply(to: "payment", .probe, .outcome("never"))
        try story.after(.seconds(2))
        try story.when(never)
        #expect(story.state.steps["payment"]?.phase == .failed)
        #expect(story.state.status == .compensated)
        #expect(story.last.commands.isEmpty)
    }

    @Test func `is settled by the late reply to its command`() throws {
        var (story, late) = try probing()
        try story.when(late)
        #expect(story.state.steps["payment"]?.phase == .completed)
        #expect(story.open("payment", .probe) == nil)
        #expect(story.open("review") != nil)
    }

    @Test func `knows its command however many probes there were`() throws {
        var (story, late) = try probing()
        for _ in 0..<310 { if story.state.failure == nil { try story.after(.seconds(2)) } }
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.former.count <= SagaState.formerCommandsMax)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == .compensated)
        try story.when(late)
        #expect(story.last.commands == ["payments.void#1"], "late news opens a compensation")
    }

    @Test func `counts an error of a probe as no news`() throws {
        var (story, _) = try probing()
        let first = try #require(story.open("payment", .probe))
        try story.when(story.reply(to: "payment", .probe, .final))
        #expect(
            story.last.entries == [
                .probePending(first.id, "payment", askAgainAt: story.now + .seconds(2))
            ])
    }

    @Test func `is given up with the saga when an operator cancels it`() throws {
        var (story, _) = try probing()
        try story.when(.cancel(OperatorAction(by: "kim", reason: "enough")))
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.open("payment", .probe) == nil)
    }
}

@Suite struct `An outcome named timeout` {
    private func asking(_ direction: Outcome.Direction) -> SagaDefinition {
        let ask = Step(
            name: "ask", subject: "reviews.ask", timeout: .seconds(60), retry: .none,
            outcomes: [
                Outcome(name: "approved"),
                Outcome(name: "timeout", event: RaisedEvent(event: "nobodycared"), then: direction),
            ],
            compensation: Compensation(subject: "reviews.forget"))
        return SagaDefinition(
            name: "ask", version: 1, aggregate: Aggregate(type: "order", stream: "ORDERS"),
            nodes: [Node(body: .step(ask)), Node(body: .step(Step(name: "go", subject: "go")))])
    }

    @Test func `is taken when the last attempt times out, and may continue`() throws {
        var story = try Story(asking(.continue))
        try story.after(.seconds(60))
        #expect(story.last.events == ["nobodycared"])
        #expect(story.last.commands == ["go#1"])
    }

    @Test func `that rejects has the step taken back, since it may have happened`() throws {
        var story = try Story(asking(.reject))
        try story.after(.seconds(60))
        #expect(story.last.events == ["nobodycared"])
        #expect(story.last.commands == ["reviews.forget#1"])
        #expect(story.state.failure?.reason == "ask: timeout")
    }

    @Test func `is not taken for an error`() throws {
        var story = try Story(asking(.continue))
        try story.when(story.reply(to: "ask", .retriable))
        #expect(story.last.events.isEmpty)
        #expect(story.last.commands == ["reviews.forget#1"])
    }
}
