@testable import SagaCore
import Testing

@Suite struct `A late reply` {
    /// A payment that was given up and voided, and the reply that had been on its way.
    private func givenUp() throws -> (story: Story, late: Input) {
        var story = try Story(Sample.order())
        let late = story.reply(to: "payment", Sample.debited)
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        return (story, late)
    }

    @Test func `that says done opens a compensation after the saga has ended`() throws {
        var (story, late) = try givenUp()
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == .compensated)
        try story.when(late)
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.status == .compensated, "the end does not change")
        #expect(story.state.nextDue != nil, "the compensation is driven like any other")
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.open.isEmpty)
        #expect(!story.last.events.contains("rejected"), "the end's event is raised once")
    }

    @Test func `that says done has the running compensation followed by another`() throws {
        var (story, late) = try givenUp()
        let first = try #require(story.open("payment", .compensation)).id
        try story.when(late)
        #expect(story.last.commands.isEmpty)
        try story.when(story.reply(to: "payment", .compensation, .done))
        let second = try #require(story.open("payment", .compensation)).id
        #expect(first != second)
        #expect(story.state.status == .compensating)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == .compensated)
    }

    @Test func `that says done twice asks for one compensation only`() throws {
        var (story, late) = try givenUp()
        try story.when(late)
        guard case .ignore = story.verdict(late) else {
            Issue.record("expected it to be ignored")
            return
        }
    }

    @Test func `that says no is recorded and changes nothing else`() throws {
        var (story, _) = try givenUp()
        let id = try #require(story.state.steps["payment"]?.commandID)
        let no = Input.reply(Reply(commandID: id, attempt: 2, answer: .outcome("declined")))
        let decision = try story.when(no)
        #expect(
            decision.entries == [
                .lateReply(
                    "payment", id, outcome: "declined", result: .map(Members()),
                    asksCompensation: false)
            ])
        #expect(decision.effects.isEmpty)
    }
}

@Suite struct `A reply that is not news` {
    @Test func `is ignored when it says what is known`() throws {
        var story = try Story(Sample.order())
        let reply = story.reply(to: "payment", Sample.debited)
        try story.when(reply)
        #expect(
            story.verdict(reply)
                == .ignore("step payment has the outcome 'debited' already"))
    }

    @Test func `is refused when it names a command that was never sent`() throws {
        let story = try Story(Sample.order())
        let stranger = CommandID(high: 1, low: 2)
        let reply = Reply(commandID: stranger, attempt: 1, answer: .done)
        #expect(story.verdict(.reply(reply)) == .refuse(.unknownCommand(stranger)))
    }

    @Test func `is refused when the step has no such outcome`() throws {
        let story = try Story(Sample.order())
        #expect(
            story.verdict(story.reply(to: "payment", .outcome("debitted")))
                == .refuse(
                    .unknownOutcome(
                        "payment", outcome: "debitted", known: ["debited", "declined"])))
    }
}
