@testable import SagaCore
import Testing

@Suite struct `What a saga owes` {
    /// An order whose review was rejected, so that its payment is being taken back.
    private func takingBack(_ compensation: Compensation? = Sample.void) throws -> Story {
        var story = try Story(Sample.order(compensation: compensation))
        try story.when(story.reply(to: "payment", .outcome("debited")))
        try story.when(story.reply(to: "review", .outcome("rejected")))
        return story
    }

    /// The same, where the bank has refused for good.
    private func stuck() throws -> Story {
        var story = try takingBack()
        try story.when(story.reply(to: "payment", .compensation, .final))
        return story
    }

    private let ada = OperatorAction(by: "ada", reason: "paid back", evidence: "receipt 5")
    private let kim = OperatorAction(by: "kim", reason: "seen it, too")

    @Test func `is a compensation from when it is sent`() throws {
        let story = try takingBack()
        let open = try #require(story.open("payment", .compensation))
        #expect(
            story.state.debts == [Debt(path: "payment", kind: .compensation, command: open)])
    }

    @Test func `needs a person only where it is not answered at once`() throws {
        var story = try takingBack()
        #expect(!story.state.needsPerson)
        try story.when(story.reply(to: "payment", .compensation, .retriable))
        #expect(story.state.needsPerson)
        try story.after(.seconds(60))
        #expect(story.state.needsPerson)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(!story.state.needsPerson)
        #expect(story.state.debts.isEmpty)
    }

    @Test func `needs a person from the start where its answer may take long`() throws {
        var slow = Sample.void
        slow.timeout = .seconds(3600)
        #expect(try takingBack(slow).state.needsPerson)
    }

    @Test func `is what is stuck, with the reason`() throws {
        let story = try stuck()
        let debt = try #require(story.state.debts.first)
        #expect(story.state.debts.count == 1)
        #expect(debt.kind == .compensation && debt.command == nil)
        #expect(debt.stuckReason?.contains("no such account") == true)
        #expect(story.state.status == .stuck && story.state.needsPerson)
    }

    // MARK: Settled by two

    @Test func `is settled once another says the same`() throws {
        var story = try stuck()
        try story.when(.proposeSettling("payment", .compensated, ada))
        #expect(story.last.entries == [.settlementProposed("payment", .compensated, ada)])
        #expect(story.state.status == .stuck)
        #expect(
            story.state.debts.first?.proposal
                == SettlementProposal(settlement: .compensated, by: "ada"))
        try story.when(.proposeSettling("payment", .compensated, kim))
        #expect(story.last.entries.first == .operatorActed(kim, verb: "settle", "payment"))
        #expect(story.state.status == .settled)
        #expect(story.state.debts.isEmpty)
    }

    @Test func `is not settled by the same person twice`() throws {
        var story = try stuck()
        try story.when(.proposeSettling("payment", .compensated, ada))
        guard
            case .refuse(let refusal) = story.verdict(
                .proposeSettling("payment", .compensated, ada))
        else {
            Issue.record("expected a refusal")
            return
        }
        #expect(
            refusal.message
                == "step payment: ada has proposed that already: another has to confirm it")
    }

    @Test func `takes no proposal that could not be carried out`() throws {
        let story = try stuck()
        #expect(
            story.verdict(.proposeSettling("payment", .outcome("debited", [:]), ada))
                == .refuse(.notStuck("payment")))
    }

    @Test func `forgets what was proposed where it is tried again`() throws {
        var story = try stuck()
        try story.when(.proposeSettling("payment", .compensated, ada))
        try story.when(.retry("payment", body: ["account": "b-2"], kim))
        #expect(story.state.steps["payment"]?.proposal == nil)
        #expect(story.open("payment", .compensation)?.body == .value(["account": "b-2"]))
        try story.when(story.reply(to: "payment", .compensation, .final))
        try story.when(.proposeSettling("payment", .compensated, kim))
        #expect(story.state.status == .stuck)
    }

    @Test func `keeps the evidence in the journal`() throws {
        var story = try stuck()
        let decision = try story.when(.settle("payment", .compensated, ada))
        let row = JournalRow(
            version: 9, at: Story.start, input: .settle("payment", .compensated, ada),
            entries: [decision.entries[0]])
        let text = String(decoding: row.encoded, as: UTF8.self)
        let acted = #""by":"ada","reason":"paid back","evidence":"receipt 5""#
        #expect(text.contains(#"{"kind":"settle","step":"payment",\#(acted)}"#), "\(text)")
        #expect(text.contains(#""verb":"settle","step":"payment",\#(acted)}"#), "\(text)")
    }
}
