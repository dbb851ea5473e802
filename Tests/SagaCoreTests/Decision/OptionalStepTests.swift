@testable import SagaCore
import Testing

@Suite struct `An optional step` {
    /// A voucher that may fail, then a payment that may not.
    private func voucher(retry: RetryPolicy = .none) -> SagaDefinition {
        let voucher = Step(
            name: "voucher", subject: "vouchers.take", timeout: .seconds(10), retry: retry,
            isOptional: true,
            outcomes: [
                Outcome(name: "taken", event: RaisedEvent(event: "vouchertaken")),
                Outcome(
                    name: "expired", event: RaisedEvent(event: "voucherexpired"), then: .reject),
            ],
            compensation: Compensation(
                subject: "vouchers.give-back", retry: RetryPolicy(attempts: 1),
                event: RaisedEvent(event: "vouchergivenback")))
        let pay = Step(
            name: "pay", subject: "payments.debit", timeout: .seconds(600), retry: .none,
            outcomes: [Outcome(name: "debited"), Outcome(name: "declined", then: .reject)],
            compensation: Compensation(subject: "payments.void"))
        return SagaDefinition(
            name: "voucher", version: 1, aggregate: Aggregate(type: "order", stream: "ORDERS"),
            nodes: [Node(body: .step(voucher)), Node(body: .step(pay))])
    }

    @Test func `lets the saga go on after a rejecting outcome, and is not taken back`() throws {
        var story = try Story(voucher())
        try story.when(story.reply(to: "voucher", .outcome("expired")))
        #expect(story.last.events == ["voucherexpired"])
        #expect(story.last.commands == ["payments.debit#1"])
        try story.when(story.reply(to: "pay", .outcome("debited")))
        #expect(story.state.status == .completed)
        #expect(story.state.failure == nil)
    }

    @Test func `lets the saga go on after an error that is final`() throws {
        var story = try Story(voucher())
        try story.when(story.reply(to: "voucher", .final))
        #expect(story.last.commands == ["payments.debit#1"])
        #expect(story.state.steps["voucher"]?.phase == .failed)
    }

    @Test func `is taken back at once when it may have happened, while the saga goes on`() throws {
        var story = try Story(voucher())
        try story.after(.seconds(10))
        #expect(story.last.commands == ["vouchers.give-back#1", "payments.debit#1"])
        #expect(story.state.status == .running)
        try story.when(story.reply(to: "voucher", .compensation, .done))
        #expect(story.last.events == ["vouchergivenback"])
        #expect(story.last.commands.isEmpty)
    }

    @Test func `may leave its compensation open when the saga completes`() throws {
        var story = try Story(voucher())
        try story.after(.seconds(10))
        try story.when(story.reply(to: "pay", .outcome("debited")))
        #expect(story.state.status == .completed)
        #expect(story.open("voucher", .compensation) != nil)
        #expect(story.state.nextDue != nil, "the compensation is driven after the end")
        try story.after(.seconds(30))
        #expect(story.state.status == .completed, "the end does not change")
        #expect(story.state.steps["voucher"]?.compensation == .stuck)
        let action = OperatorAction(by: "kim", reason: "vouchers are back")
        try story.when(.retry("voucher", body: nil, action))
        #expect(story.last.commands == ["vouchers.give-back#1"])
        try story.when(story.reply(to: "voucher", .compensation, .done))
        #expect(story.last.events == ["vouchergivenback"])
        #expect(story.state.open.isEmpty)
    }

    @Test func `has its open compensation waited for when the saga turns round later`() throws {
        var story = try Story(voucher())
        try story.after(.seconds(10))
        try story.when(story.reply(to: "pay", .outcome("declined")))
        #expect(story.last.commands.isEmpty)
        #expect(story.state.status == .compensating)
        try story.when(story.reply(to: "voucher", .compensation, .done))
        #expect(story.state.status == .compensated)
    }

    @Test func `is taken back again when it says done after it was given up`() throws {
        var story = try Story(voucher())
        let late = story.reply(to: "voucher", .outcome("taken"))
        try story.after(.seconds(10))
        try story.when(story.reply(to: "voucher", .compensation, .done))
        try story.when(late)
        #expect(story.last.commands == ["vouchers.give-back#1"])
        #expect(story.state.status == .running)
    }
}

@Suite struct `Late news of an optional step that was given up` {
    private static let taken = Expression.binary(
        .equal, .variable(.stepOutcome("voucher")), .literal(.string("taken")))

    /// A voucher beside a payment, and a parcel that asks for the voucher.
    private func shop(_ compensation: Compensation?) -> SagaDefinition {
        let voucher = Step(
            name: "voucher", subject: "vouchers.take", timeout: .seconds(10), retry: .none,
            isOptional: true, outcomes: [Outcome(name: "taken")], compensation: compensation)
        let pay = Step(
            name: "pay", subject: "payments.debit", timeout: .seconds(600), retry: .none,
            compensation: Compensation(subject: "payments.void"))
        let gift = Step(
            name: "gift", subject: "gifts.pack", compensation: Compensation(subject: "gifts.unpack")
        )
        let branches = [voucher, pay].map { step in
            Parallel.Branch(name: step.name, nodes: [Node(body: .step(step))])
        }
        let has = Expression.hasVariable(.stepResult("voucher"))
        return SagaDefinition(
            name: "shop", version: 1,
            nodes: [
                Node(body: .parallel(Parallel(name: "parallel#1", branches: branches))),
                Node(
                    condition: .conditional(has, Self.taken, .literal(.bool(false))),
                    body: .step(gift)),
            ])
    }

    /// The voucher is given up, then the participant says that it was taken, then it is paid.
    private func late(_ compensation: Compensation?) throws -> Story {
        var story = try Story(shop(compensation))
        let news = story.reply(to: "voucher", .outcome("taken", ["number": "v-1"]))
        try story.after(.seconds(10))
        if compensation != nil {
            try story.when(story.reply(to: "voucher", .compensation, .done))
        }
        try story.when(news)
        return story
    }

    @Test func `is not seen by what follows, since the step is taken back`() throws {
        var story = try late(Compensation(subject: "vouchers.give-back"))
        #expect(story.last.commands == ["vouchers.give-back#1"])
        try story.when(story.reply(to: "pay", .done))
        #expect(story.last.commands == [])
        #expect(story.state.steps["gift"]?.phase == .skipped)
        #expect(story.state.status == .completed)
    }

    @Test func `is seen by what follows where nothing is taken back`() throws {
        var story = try late(nil)
        try story.when(story.reply(to: "pay", .done))
        #expect(story.last.commands == ["gifts.pack#1"])
    }

    @Test func `is seen by its own compensation`() throws {
        let number = Expression.field(.variable(.stepResult("voucher")), "number")
        let story = try late(
            Compensation(
                subject: "vouchers.give-back",
                body: .expression(
                    .conditional(
                        .hasVariable(.stepResult("voucher")), number, .literal(.string("-"))))))
        #expect(story.open("voucher", .compensation)?.body == .value("v-1"))
    }

    @Test func `is seen by all once the saga has turned round`() throws {
        var story = try late(Compensation(subject: "vouchers.give-back"))
        let decider = story.decider
        func isSeen(in state: SagaState) -> Bool {
            let scope = SagaScope(
                state: state, now: story.now, outline: decider.outline, path: "pay")
            return scope.value(of: .stepOutcome("voucher")) == "taken"
        }
        #expect(!isSeen(in: story.state))
        try story.when(.cancel(OperatorAction(by: "kim", reason: "the customer called")))
        #expect(isSeen(in: story.state))
    }
}

@Suite struct `A condition` {
    private func conditional(_ condition: Expression) -> SagaDefinition {
        let gift = Step(
            name: "gift", subject: "gifts.pack", compensation: Compensation(subject: "gifts.unpack")
        )
        let ship = Step(name: "ship", subject: "parcels.ship")
        return SagaDefinition(
            name: "gift", version: 1,
            nodes: [
                Node(condition: condition, body: .step(gift)), Node(body: .step(ship)),
            ])
    }

    private let wanted = Expression.field(.variable(.input), "wanted")

    @Test func `that is false has its node skipped`() throws {
        let story = try Story(conditional(wanted), input: ["wanted": false])
        #expect(story.last.commands == ["parcels.ship#1"])
        #expect(
            Array(story.last.entries.prefix(2)) == [.started(deadline: nil), .skipped("gift")])
        #expect(story.state.order.isEmpty)
    }

    @Test func `that is true has its node entered`() throws {
        let story = try Story(conditional(wanted), input: ["wanted": true])
        #expect(story.last.commands == ["gifts.pack#1"])
    }

    @Test func `without a value is a failure of the step, which was not sent`() throws {
        let story = try Story(conditional(wanted), input: ["amount": 1])
        #expect(story.last.commands.isEmpty)
        #expect(story.state.steps["gift"]?.phase == .failed)
        #expect(story.state.failure?.kind == .expression)
        #expect(story.state.status == .compensated)
    }

    @Test func `may skip everything, and the saga ends with its start`() throws {
        var definition = conditional(wanted)
        definition.nodes.removeLast()
        let story = try Story(definition, input: ["wanted": false])
        #expect(story.state.status == .completed)
        #expect(story.state.version == 1)
    }
}
