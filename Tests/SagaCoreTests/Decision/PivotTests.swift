@testable import SagaCore
import Testing

@Suite struct `A pivot` {
    private let action = OperatorAction(by: "kim", reason: "the customer called")

    /// Reserve, then ship: the point of no return, then tell the customer.
    private func parcel(
        unknown: UnknownPolicy = .stuck, failed: FailedPolicy = .reject, deadline: Duration? = nil
    ) -> SagaDefinition {
        let reserve = Step(
            name: "reserve", subject: "stock.reserve", retry: .none,
            compensation: Compensation(subject: "stock.release"))
        let ship = Step(
            name: "ship", subject: "parcels.ship", timeout: .seconds(10), retry: .none,
            unknown: unknown, failed: failed,
            outcomes: [Outcome(name: "shipped"), Outcome(name: "refused", then: .reject)],
            isPivot: true)
        let tell = Step(
            name: "tell", subject: "mail.send", retry: .forever, unknown: .stuck, failed: .stuck)
        return SagaDefinition(
            name: "parcel", version: 1, deadline: deadline,
            nodes: [reserve, ship, tell].map { Node(body: .step($0)) })
    }

    private func shipping(_ definition: SagaDefinition) throws -> Story {
        var story = try Story(definition)
        try story.when(story.reply(to: "reserve", .done))
        return story
    }

    @Test func `holds the deadline from the decision that sends it`() throws {
        var story = try shipping(parcel(deadline: .seconds(8)))
        #expect(story.last.entries.contains(.deadlineHeld))
        story.now = story.now + .seconds(9)
        #expect(story.verdict(.due()) == .ignore("nothing is due yet"))
        #expect(
            story.verdict(.cancel(action))
                == .refuse(.notCancellable("step ship, the point of no return, was sent")))
    }

    @Test func `has the saga go on without a deadline once it has completed`() throws {
        var story = try shipping(parcel(deadline: .seconds(8)))
        story.now = story.now + .seconds(9)
        try story.when(story.reply(to: "ship", .outcome("shipped")))
        #expect(story.last.commands == ["mail.send#1"])
        #expect(story.state.nextDue == story.now + .seconds(30))
        #expect(
            story.verdict(.cancel(action))
                == .refuse(.notCancellable("step ship, the point of no return, was sent")))
    }

    @Test func `is a way back no more where an operator settled what was never sent`() throws {
        let reserve = Nodes.step("reserve")
        let ship = Step(
            name: "ship", subject: "parcels.ship", unknown: .stuck, failed: .stuck, isPivot: true)
        let nodes = [
            reserve, Node(condition: .variable(.element("none")), body: .step(ship)),
            Nodes.step("tell", unknown: .stuck),
        ]
        var story = try Story(Nodes.saga(nodes))
        try story.when(story.reply(to: "reserve", .done))
        #expect(story.state.status == .stuck)
        try story.when(.settle("ship", .outcome("done", [:]), action))
        #expect(story.last.commands == ["do.tell#1"])
        #expect(
            story.verdict(.cancel(action))
                == .refuse(.notCancellable("step ship, the point of no return, was sent")))
    }

    @Test func `lets a held deadline that has passed strike after a final no`() throws {
        var story = try shipping(parcel(failed: .stuck, deadline: .seconds(8)))
        story.now = story.now + .seconds(9)
        try story.when(story.reply(to: "ship", .final))
        #expect(story.state.failure?.kind == .deadline)
        #expect(story.last.commands == ["stock.release#1"])
    }

    @Test func `waits for an operator after a final no before the deadline`() throws {
        var story = try shipping(parcel(failed: .stuck, deadline: .seconds(60)))
        try story.when(story.reply(to: "ship", .final))
        #expect(story.state.status == .stuck)
        #expect(story.state.nextDue == nil, "the deadline does not apply to what is stuck")
        try story.when(.cancel(action))
        #expect(story.last.commands == ["stock.release#1"])
    }

    @Test func `turns the saga round when it rejects, and is not taken back itself`() throws {
        var story = try shipping(parcel())
        try story.when(story.reply(to: "ship", .outcome("refused")))
        #expect(story.last.commands == ["stock.release#1"])
        try story.when(story.reply(to: "reserve", .compensation, .done))
        #expect(story.state.status == .compensated)
    }

    @Test func `leaves the saga stuck where nobody knows whether it was done`() throws {
        var story = try shipping(parcel(deadline: .seconds(8)))
        try story.after(.seconds(10))
        #expect(story.state.status == .stuck)
        #expect(story.state.failure == nil)
        let settled = Settlement.outcome("shipped", ["parcel": "7"])
        try story.when(.settle("ship", settled, action))
        #expect(story.last.commands == ["mail.send#1"])
        try story.when(story.reply(to: "tell", .done))
        #expect(story.state.status == .settled)
    }

    @Test func `is followed by steps that are tried without end, then by an operator`() throws {
        var story = try shipping(parcel())
        try story.when(story.reply(to: "ship", .outcome("shipped")))
        for _ in 0..<20 {
            try story.when(story.reply(to: "tell", .retriable))
            try story.after(.seconds(60))
        }
        #expect(story.open("tell")?.attempt == 21)
        try story.when(story.reply(to: "tell", .final))
        #expect(story.state.status == .stuck)
        try story.when(.retry("tell", body: nil, action))
        try story.when(story.reply(to: "tell", .done))
        #expect(story.state.status == .completed)
    }
}
