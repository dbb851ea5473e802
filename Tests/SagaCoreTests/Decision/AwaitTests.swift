@testable import SagaCore
import Testing

@Suite struct `An awaited event` {
    private func awaiting(
        timeout: Duration? = .seconds(3600), outcomes extra: [Outcome] = [],
        compensation: Compensation? = Compensation(subject: "undo.parcel"),
        unknown: UnknownPolicy = .compensate, isOptional: Bool = false
    ) -> SagaDefinition {
        let outcomes = [
            Outcome(name: "arrived", event: RaisedEvent(event: "arrived")),
            Outcome(name: "lost", then: .reject),
        ]
        let parcel = Step(
            name: "parcel", work: .await("the parcel"), timeout: timeout, unknown: unknown,
            isOptional: isOptional, outcomes: outcomes + extra, compensation: compensation)
        var definition = Nodes.saga([
            Nodes.step("a"), Node(body: .step(parcel)), Nodes.step("b"),
        ])
        definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
        return definition
    }

    private func story(_ definition: SagaDefinition) throws -> Story {
        var story = try Story(definition)
        try story.answer("a")
        return story
    }

    private func report(_ outcome: String, _ data: Value = [:]) -> Input {
        .report("parcel", outcome: outcome, data: data, OperatorAction(by: "gate", reason: ""))
    }

    @Test func `is waited for without sending anything`() throws {
        let story = try story(awaiting())
        #expect(
            story.last.entries == [
                .stepCompleted("a", outcome: "done", result: [:]),
                .waitOpened(
                    OpenWait(
                        path: "parcel", kind: .event("the parcel"), since: story.now,
                        dueAt: story.now + .seconds(3600))),
            ])
        #expect(story.last.effects.isEmpty)
    }

    @Test func `has the outcome that is reported`() throws {
        var story = try story(awaiting())
        try story.when(report("arrived", ["gate": 4]))
        #expect(story.state.steps["parcel"]?.result == ["gate": 4])
        #expect(story.last.events == ["arrived"])
        #expect(story.last.sent == ["do.b b"])
        try story.answer("b", .outcome("no"))
        #expect(story.last.sent == ["undo.parcel parcel"])
    }

    @Test func `that is reported twice alike is ignored, otherwise journalled`() throws {
        var story = try story(awaiting())
        try story.when(report("arrived"))
        #expect(
            story.verdict(report("arrived"))
                == .ignore("step parcel has the outcome 'arrived' already"))
        try story.when(report("lost"))
        #expect(
            story.last.entries == [
                .lateReply(
                    "parcel", nil, outcome: "lost", result: [:], asksCompensation: false)
            ])
        #expect(story.last.effects.isEmpty)
    }

    @Test func `that rejects turns the saga round and is not taken back`() throws {
        var story = try story(awaiting())
        try story.when(report("lost"))
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `that is given up by a timeout may have happened, and is taken back`() throws {
        var story = try story(awaiting())
        try story.after(.seconds(3600))
        #expect(story.state.failure?.kind == .timeout)
        #expect(story.last.sent == ["undo.parcel parcel"])
        try story.undo("parcel")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `that is given up by a cancel is taken back, and again when it comes late`() throws {
        var story = try story(awaiting())
        try story.when(.cancel(Nodes.action))
        #expect(
            story.last.entries.contains(
                .stepGivenUp("parcel", reason: "the saga turned round")))
        #expect(story.last.sent == ["undo.parcel parcel"])
        try story.undo("parcel")
        try story.undo("a")
        #expect(story.state.status == .compensated)
        try story.when(report("arrived", ["gate": 4]))
        #expect(story.last.sent == ["undo.parcel parcel"])
        #expect(story.state.status == .compensated)
        try story.undo("parcel")
        #expect(story.state.open.isEmpty)
        #expect(
            story.verdict(report("arrived"))
                == .ignore("step parcel has the outcome 'arrived' already"))
    }

    @Test func `that leaves nothing to undo is only journalled when it comes late`() throws {
        var story = try story(awaiting(compensation: nil))
        try story.when(.cancel(Nodes.action))
        #expect(story.last.sent == ["undo.a a"])
        try story.when(report("arrived"))
        #expect(story.last.effects.isEmpty)
    }

    @Test func `that does not come may have an outcome of its own, which continues`() throws {
        var story = try story(awaiting(outcomes: [Outcome(name: "timeout")]))
        try story.after(.seconds(3600))
        #expect(story.state.steps["parcel"]?.outcome == "timeout")
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `that does not come and rejects so is taken back, since it may have happened`()
        throws
    {
        var story = try story(awaiting(outcomes: [Outcome(name: "timeout", then: .reject)]))
        try story.after(.seconds(3600))
        #expect(story.state.failure?.kind == .timeout)
        #expect(story.last.sent == ["undo.parcel parcel"])
    }

    @Test func `that is optional is taken back at once while the saga goes on`() throws {
        var story = try story(awaiting(isOptional: true))
        try story.after(.seconds(3600))
        #expect(story.last.sent == ["undo.parcel parcel", "do.b b"])
        #expect(story.state.failure == nil)
    }

    @Test func `that is stuck is settled by a late report`() throws {
        var story = try story(awaiting(unknown: .stuck))
        try story.after(.seconds(3600))
        #expect(story.state.status == .stuck)
        try story.when(report("arrived"))
        #expect(story.last.sent == ["do.b b"])
        #expect(story.state.status == .running)
    }

    @Test func `that is stuck is let go of by a cancel, and taken back`() throws {
        var story = try story(awaiting(unknown: .stuck))
        try story.after(.seconds(3600))
        try story.when(.cancel(Nodes.action))
        #expect(story.last.sent == ["undo.parcel parcel"])
    }

    @Test func `with an outcome that is not there is refused`() throws {
        let story = try story(awaiting())
        #expect(
            story.verdict(report("eaten"))
                == .refuse(
                    .unknownOutcome("parcel", outcome: "eaten", known: ["arrived", "lost"])))
    }

    @Test func `without a timeout waits without end`() throws {
        let story = try story(awaiting(timeout: nil))
        #expect(story.state.nextDue == nil)
        #expect(story.state.waits.count == 1)
    }
}
