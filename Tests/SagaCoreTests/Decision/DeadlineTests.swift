@testable import SagaCore
import Testing

@Suite struct `A deadline of the whole saga` {
    @Test func `wakes nobody any more once the saga has turned round`() throws {
        var story = try Story(Sample.order(deadline: .seconds(60)))
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(story.reply(to: "review", .outcome("rejected")))
        #expect(story.state.nextDue == story.now + .seconds(5), "the compensation's timeout")
        #expect(story.state.deadline == nil)
        story.now = Story.start + .seconds(61)
        try story.when(.due())
        #expect(story.state.nextDue == story.now + .seconds(1), "its next attempt")
    }

    @Test func `does not apply to what is stuck`() throws {
        var story = try Story(Sample.order(failed: .stuck, deadline: .seconds(60)))
        try story.when(story.reply(to: "payment", .final))
        #expect(story.state.status == .stuck)
        #expect(story.state.nextDue == nil)
        story.now = story.now + .seconds(61)
        #expect(story.verdict(.due()) == .ignore("nothing is due yet"))
    }

    @Test func `strikes before the next attempt of a step that waits for it`() throws {
        var story = try Story(Sample.order(deadline: .seconds(10)))
        try story.when(story.reply(to: "payment", .retriable))
        try story.after(.seconds(10))
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.failure?.kind == .deadline)
        #expect(story.state.failure?.step == nil)
    }

    @Test func `passes without effect once the saga has ended`() throws {
        var story = try Story(Sample.order(deadline: .seconds(60)))
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(story.reply(to: "review", .outcome("approved")))
        #expect(story.state.nextDue == nil)
        #expect(story.state.deadline == nil)
    }
}

@Suite struct `The next due time` {
    @Test func `after a time passes over what was due before`() throws {
        let story = try Story(Sample.order())
        let resend = Story.start + .seconds(30)
        #expect(story.state.nextDue(after: Story.start) == Story.start + .seconds(10))
        #expect(story.state.nextDue(after: Story.start + .seconds(10)) == resend)
        #expect(story.state.nextDue(after: resend) == nil)
    }
}
