@testable import SagaCore
import Testing

@Suite struct `A command that an operator's retry replaced` {
    private let action = OperatorAction(by: "kim", reason: "the gateway is back")

    /// A payment of which nobody knows whether it was done, and the reply that may still come.
    private func stuck() throws -> (story: Story, late: Input) {
        var story = try Story(Sample.order(unknown: .stuck))
        let late = story.reply(to: "payment", Sample.debited)
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        return (story, late)
    }

    private func original(_ story: Story) throws -> CommandID {
        try #require(story.open("payment", .compensation)?.originalID)
    }

    @Test func `is taken back, since it may have happened`() throws {
        var (story, _) = try stuck()
        let first = try #require(story.state.steps["payment"]?.commandID)
        try story.when(.retry("payment", body: nil, action))
        #expect(story.last.commands == ["payments.debit#1", "payments.void#1"])
        #expect(try original(story) == first)
        #expect(story.open("payment")?.id != first)
        #expect(story.state.status == .running)
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.last.events.isEmpty, "the payment that counts was not voided")
        try story.when(story.reply(to: "review", .outcome("approved")))
        #expect(story.state.status == .completed)
    }

    @Test func `is taken back as well as its successor when the saga turns round`() throws {
        var (story, _) = try stuck()
        try story.when(.retry("payment", body: nil, action))
        let second = try #require(story.open("payment")).id
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.when(story.reply(to: "review", .outcome("rejected")))
        #expect(story.last.commands.isEmpty, "the first compensation is under way")
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.last.commands == ["payments.void#1"])
        #expect(try original(story) == second)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.last.events == ["paymentvoided", "rejected"])
        #expect(story.state.status == .compensated)
    }

    @Test func `is taken back although its successor says no`() throws {
        var (story, _) = try stuck()
        try story.when(.retry("payment", body: nil, action))
        try story.when(story.reply(to: "payment", .outcome("declined")))
        #expect(story.state.status == .compensating)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.state.status == .compensated)
    }

    @Test func `does not settle the step when it says done late`() throws {
        var (story, late) = try stuck()
        try story.when(.retry("payment", body: nil, action))
        guard case .ignore = story.verdict(late) else {
            Issue.record("expected it to be ignored: its compensation is under way")
            return
        }
        try story.when(story.reply(to: "payment", .compensation, .done))
        try story.when(late)
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.steps["payment"]?.phase == .running)
    }

    @Test func `is not taken back where it had a final no`() throws {
        var story = try Story(Sample.order(failed: .stuck))
        try story.when(story.reply(to: "payment", .final))
        try story.when(.retry("payment", body: nil, action))
        #expect(story.last.commands == ["payments.debit#1"])
    }

    @Test func `has its own late error not taken for its successor's`() throws {
        var (story, late) = try stuck()
        guard case .reply(var reply) = late else { return }
        reply.answer = .final
        try story.when(.retry("payment", body: nil, action))
        try story.when(story.reply(to: "payment", .compensation, .done))
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        #expect(story.state.status == .stuck)
        guard case .ignore = story.verdict(.reply(reply)) else {
            Issue.record("expected it to be ignored: nobody knows about the second command")
            return
        }
    }

    @Test func `does not take the step with it when it says no and there is nothing to undo`()
        throws
    {
        var story = try Story(Sample.order(unknown: .stuck, compensation: nil))
        let late = story.reply(to: "payment", .outcome("declined"))
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        try story.when(.retry("payment", body: nil, action))
        #expect(
            story.verdict(late)
                == .ignore("a late answer to a replaced command of step payment"))
    }

    @Test func `has its successor taken back once, however late it is taken back itself`() throws {
        let nodes = ["stock", "pay", "last"].map { Nodes.step($0, unknown: .stuck) }
        var story = try Story(Nodes.saga(nodes))
        try story.when(story.reply(to: "stock", .done))
        let late = story.reply(to: "pay", .done)
        let first = try #require(story.open("pay")?.id)
        try story.after(.seconds(10))
        try story.when(.retry("pay", body: nil, action))
        try story.when(story.reply(to: "pay", .compensation, .done))
        try story.when(story.reply(to: "pay", .done))
        try story.when(story.reply(to: "last", .outcome("no")))
        try story.when(story.reply(to: "pay", .compensation, .done))
        #expect(story.last.commands == ["undo.stock#1"])
        try story.when(late)
        #expect(story.last.commands == ["undo.pay#1"])
        let before = story.state
        let decision = try story.when(story.reply(to: "pay", .compensation, .done))
        var after = before.evolved(by: .stepCompensated("pay", of: first))
        after.version += 1
        #expect(
            decision
                == Decision(
                    entries: [.stepCompensated("pay", of: first)], effects: [], state: after))
        #expect(after.steps["pay"]?.compensation == .done)
    }
}
