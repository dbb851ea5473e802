@testable import SagaCore
import Testing

@Suite struct `An order saga that goes well` {
    @Test func `starts with the whole document as its event and sends the first command`() throws {
        let story = try Story(Sample.order(), input: ["amount": 19])
        let document: Value = ["amount": 19, "order_id": "o-1"]
        let command = OpenCommand(
            id: Story.sagaID.neighbour(1, 2), path: "payment", kind: .command,
            subject: "payments.debit", body: .value(["order_id": "o-1"]), since: Story.start,
            dueAt: Story.start + .seconds(10), resendAt: Story.start + .seconds(30))
        let created = DomainEvent(
            id: Story.sagaID.neighbour(1, 1), aggregate: Aggregate(type: "order", stream: "ORDERS"),
            aggregateID: "o-1", event: "created", body: document)
        #expect(
            story.last.entries == [
                .started(deadline: nil),
                .eventRaised(id: created.id, type: "ORDERS.created", notes: []),
                .commandOpened(command),
            ])
        #expect(
            story.last.effects == [
                .raise(created),
                .send(
                    OutgoingCommand(
                        saga: story.state.identity, command: command, document: document)),
            ])
        #expect(story.state.version == 1)
        #expect(story.state.nextDue == Story.start + .seconds(10))
    }

    @Test func `goes from step to step and ends completed`() throws {
        var story = try Story(Sample.order())
        let event = story.nextID(1)
        let review = story.nextID(2)
        let first = try story.when(story.reply(to: "payment", Sample.debited))
        #expect(
            first.entries == [
                .stepCompleted("payment", outcome: "debited", result: ["payment_id": "p-1"]),
                .eventRaised(id: event, type: "ORDERS.paymentdebited", notes: []),
                .commandOpened(
                    OpenCommand(
                        id: review, path: "review", kind: .command, subject: "reviews.review",
                        body: .document, since: story.now, dueAt: story.now + .seconds(3600),
                        resendAt: story.now + .seconds(30))),
            ])
        let end = story.nextID(1)
        let last = try story.when(story.reply(to: "review", .outcome("approved")))
        #expect(
            last.entries == [
                .stepCompleted("review", outcome: "approved", result: .map(Members())),
                .eventRaised(id: end, type: "ORDERS.approved", notes: []),
                .ended(.completed, at: story.now),
            ])
        #expect(story.state.open.isEmpty)
        #expect(story.state.nextDue == nil)
    }

    @Test func `gives the same decision for the same arguments`() throws {
        let story = try Story(Sample.order())
        let input = story.reply(to: "payment", Sample.debited)
        #expect(story.verdict(input) == story.verdict(input))
    }

    @Test func `raises an event with null where its data has no value`() throws {
        var story = try Story(Sample.order())
        let decision = try story.when(story.reply(to: "payment", .outcome("debited")))
        guard case .raise(let event)? = decision.effects.first else {
            Issue.record("expected an event first")
            return
        }
        #expect(event.body == ["payment_id": nil])
        guard case .eventRaised(_, _, let notes) = decision.entries[1] else {
            Issue.record("expected the event's entry")
            return
        }
        #expect(notes.count == 1 && notes[0].hasPrefix("payment_id: "))
    }
}

@Suite struct `An order saga that is rejected` {
    @Test func `compensates nothing when the first step says no`() throws {
        var story = try Story(Sample.order())
        let no = Reply.Answer.outcome("declined", ["reason": "over the limit"])
        let decision = try story.when(story.reply(to: "payment", no))
        #expect(decision.events == ["paymentdeclined", "rejected"])
        #expect(decision.commands.isEmpty)
        #expect(story.state.status == .compensated)
        #expect(
            story.state.failure
                == Failure(
                    step: "payment", kind: .outcome, outcome: "declined",
                    reply: ["reason": "over the limit"], reason: "over the limit"))
    }

    @Test func `voids the payment when the review says no`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        let original = try #require(story.state.steps["payment"]?.commandID)
        let turned = try story.when(story.reply(to: "review", .outcome("rejected")))
        #expect(turned.commands == ["payments.void#1"])
        #expect(turned.events.isEmpty)
        #expect(story.open("payment", .compensation)?.originalID == original)
        #expect(story.state.status == .compensating)
        let ended = try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(ended.events == ["paymentvoided", "rejected"])
        #expect(story.state.status == .compensated)
        #expect(story.state.failure?.reason == "review: rejected")
    }

    @Test func `is rejected by an error that is final, and does not compensate that step`() throws {
        var story = try Story(Sample.order())
        let decision = try story.when(story.reply(to: "payment", .final))
        #expect(decision.commands.isEmpty)
        #expect(story.state.steps["payment"]?.phase == .failed)
        #expect(story.state.status == .compensated)
        #expect(story.state.failure?.reason == "there is no such account")
    }

    @Test func `waits for an operator where a final error says stuck`() throws {
        var story = try Story(Sample.order(failed: .stuck))
        try story.when(story.reply(to: "payment", .final))
        #expect(story.state.status == .stuck)
        #expect(story.state.steps["payment"]?.phase == .stuck)
        #expect(story.state.steps["payment"]?.isUndone == true)
    }
}
