@testable import SagaCore
import Testing

/// An order whose payment is commanded and whose review is awaited; participants may append the
/// events of both.
private enum Shop {
    static func order(
        compensation: Compensation? = Sample.void, reviewTimeout: Duration? = .seconds(3600),
        skipsReview: Bool = false, timesOut: Bool = false
    ) -> SagaDefinition {
        var definition = Sample.order(compensation: compensation)
        var outcomes = [
            Outcome(
                name: "yes",
                event: RaisedEvent(
                    event: "approved", body: .literal(["by": "the review"]))),
            Outcome(name: "no", event: RaisedEvent(event: "rejected"), then: .reject),
        ]
        if timesOut { outcomes.append(Outcome(name: "timeout")) }
        let review = Step(
            name: "review", work: .await("the review"), timeout: reviewTimeout,
            outcomes: outcomes, compensation: Compensation(subject: "reviews.forget"))
        definition.nodes[1] = Node(
            condition: skipsReview ? .literal(.bool(false)) : nil, body: .step(review))
        definition.finish.completed = RaisedEvent(
            event: "approved", body: .literal(["status": "Approved"]))
        return definition
    }

    static func event(
        _ event: String, _ id: String = "e-1", _ data: Value = [:], isStored: Bool = false
    ) -> Input {
        .appended(AppendedEvent(id: id, event: event, data: data, isStored: isStored))
    }
}

@Suite struct `An outcome event that a participant appends` {
    @Test func `is the outcome of the step whose command is open, and is not raised again`() throws
    {
        var story = try Story(Shop.order())
        let id = try #require(story.open("payment")).id
        let decision = try story.when(Shop.event("paymentdebited", "e-1", ["payment_id": "p-1"]))
        #expect(
            decision.entries == [
                .stepCompleted("payment", outcome: "debited", result: ["payment_id": "p-1"]),
                .eventTaken("payment", id: "e-1", type: "ORDERS.paymentdebited"),
                .waitOpened(
                    OpenWait(
                        path: "review", kind: .event("the review"), since: story.now,
                        dueAt: story.now + .seconds(3600))),
            ])
        #expect(
            decision.effects == [
                .storeAppended(id: "e-1", viewData: ["payment_id": "p-1"])
            ])
        let reply = Reply(commandID: id, attempt: 1, answer: Sample.debited)
        #expect(
            story.verdict(.reply(reply))
                == .ignore("step payment has the outcome 'debited' already"))
    }

    @Test func `ends the saga, and the end's event is not raised again`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("paymentdebited"))
        let decision = try story.when(Shop.event("approved", "e-2", ["score": 7]))
        #expect(
            decision.entries == [
                .stepCompleted("review", outcome: "yes", result: ["score": 7]),
                .eventTaken("review", id: "e-2", type: "ORDERS.approved"),
                .finishNoted("approved", id: "e-2"),
                .eventHeldBack(type: "ORDERS.approved", data: ["status": "Approved"]),
                .ended(.completed, at: story.now),
            ])
        #expect(
            decision.effects == [
                .storeAppended(
                    id: "e-2", viewData: ["by": "the review", "status": "Approved"])
            ])
    }

    @Test func `that rejects turns the saga round, whose end then is not raised again`() throws {
        var story = try Story(Shop.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        let decision = try story.when(Shop.event("rejected", "e-1", ["reason": "no stock"]))
        #expect(
            decision.effects.first
                == .storeAppended(id: "e-1", viewData: ["reason": "no stock"]))
        #expect(story.last.sent == ["payments.void payment"])
        try story.undo("payment")
        #expect(story.last.events == ["paymentvoided"])
        #expect(
            story.last.entries.contains(
                .eventHeldBack(type: "ORDERS.rejected", data: ["reason": "no stock"])))
        #expect(story.state.status == .compensated)
    }

    @Test func `settles a step that is probed, and one that is stuck`() throws {
        let probe = UnknownPolicy.probe(
            ProbePolicy(
                subject: "payments.status", every: .seconds(2), for: .seconds(60),
                otherwise: .stuck))
        var definition = Sample.order(unknown: probe)
        var story = try Story(definition)
        for _ in 0..<5 { try story.after(.seconds(11)) }
        #expect(story.phase("payment") == .probing)
        try story.when(Shop.event("paymentdebited"))
        #expect(story.phase("payment") == .completed)
        definition = Sample.order(unknown: .stuck)
        story = try Story(definition)
        for _ in 0..<5 { try story.after(.seconds(11)) }
        #expect(story.phase("payment") == .stuck)
        try story.when(Shop.event("paymentdebited"))
        #expect(story.phase("payment") == .completed)
    }

    @Test func `has no data for the step where its own is no map`() throws {
        let event = AppendedEvent(id: "e-1", event: "paymentdebited", data: ["p-1"])
        #expect(event.data == [:])
    }

    @Test func `means nothing where no step waits for it`() throws {
        let story = try Story(Shop.order())
        #expect(
            story.verdict(Shop.event("shipped"))
                == .ignore("no step has an outcome with the event 'shipped'"))
    }

    @Test func `answers no question and no child saga`() throws {
        let question = Step(
            name: "ask", work: .ask(Question(title: .literal("?"))),
            outcomes: [Outcome(name: "yes", event: RaisedEvent(event: "agreed"))])
        var definition = Nodes.saga([Node(body: .step(question))])
        definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
        #expect(!Decider(definition).takes(event: "agreed"))
        let story = try Story(definition)
        #expect(
            story.verdict(Shop.event("agreed"))
                == .ignore("no step has an outcome with the event 'agreed'"))
    }
}

@Suite struct `An outcome event that comes before its step is open` {
    @Test func `is stored and kept`() throws {
        var story = try Story(Shop.order())
        let kept = KeptEvent(id: "e-1", step: "review", outcome: "yes", result: ["score": 7])
        let decision = try story.when(Shop.event("approved", "e-1", ["score": 7]))
        #expect(
            decision.entries == [
                .eventKept(kept, type: "ORDERS.approved"), .finishNoted("approved", id: "e-1"),
            ])
        #expect(
            decision.effects == [
                .storeAppended(
                    id: "e-1", viewData: ["by": "the review", "status": "Approved"])
            ])
        #expect(story.state.kept == [kept])
    }

    @Test func `becomes the outcome when the step opens`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("approved", "e-1", ["score": 7]))
        let decision = try story.when(story.reply(to: "payment", Sample.debited))
        #expect(decision.events == ["paymentdebited"])
        #expect(
            decision.entries.dropFirst(2) == [
                .stepCompleted("review", outcome: "yes", result: ["score": 7]),
                .eventTaken("review", id: "e-1", type: "ORDERS.approved"),
                .eventHeldBack(type: "ORDERS.approved", data: ["status": "Approved"]),
                .ended(.completed, at: story.now),
            ])
        #expect(story.state.kept.isEmpty)
    }

    @Test
    func `spares the command of a step that was done unasked, which is taken back all the same`()
        throws
    {
        let first = Step(
            name: "first", subject: "do.first",
            compensation: Compensation(subject: "undo.first"))
        var definition = Shop.order()
        definition.nodes.insert(Node(body: .step(first)), at: 0)
        var story = try Story(definition)
        try story.when(Shop.event("paymentdebited", "e-1", ["payment_id": "p-1"]))
        try story.answer("first")
        #expect(story.last.commands.isEmpty)
        #expect(story.state.steps["payment"]?.result == ["payment_id": "p-1"])
        try story.when(Shop.event("rejected", "e-2"))
        #expect(story.last.sent == ["payments.void payment"])
        try story.undo("payment")
        #expect(story.last.sent == ["undo.first first"])
    }

    @Test func `is taken back where the saga turns round before its step opens`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("approved", "e-1"))
        try story.when(story.reply(to: "payment", .outcome("declined")))
        #expect(
            story.last.entries.contains(
                .lateReply("review", nil, outcome: "yes", result: [:], asksCompensation: true)))
        #expect(story.last.sent == ["reviews.forget review"])
        #expect(story.state.kept.isEmpty)
        try story.undo("review")
        #expect(story.state.status == .compensated)
    }

    @Test func `is taken back where its step is skipped`() throws {
        var story = try Story(Shop.order(skipsReview: true))
        try story.when(Shop.event("approved", "e-1"))
        try story.when(story.reply(to: "payment", Sample.debited))
        #expect(story.last.sent == ["reviews.forget review"])
        #expect(story.state.status == .completed)
        try story.undo("review")
        #expect(story.state.open.isEmpty)
    }

    @Test func `counts once: a second one is neither stored nor published`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("approved", "e-1"))
        var decision = try story.when(Shop.event("approved", "e-2"))
        #expect(decision.entries == [.eventRepeated("review", id: "e-2", outcome: "yes")])
        #expect(decision.effects.isEmpty)
        decision = try story.when(Shop.event("rejected", "e-3"))
        #expect(
            decision.entries == [
                .lateReply("review", nil, outcome: "no", result: [:], asksCompensation: false)
            ])
        #expect(decision.effects.isEmpty)
        #expect(story.state.kept.map(\.id) == ["e-1"])
    }

    @Test func `is refused where the saga keeps too many`() throws {
        let parcel = Step(
            name: "parcel", work: .await("a parcel"),
            outcomes: [Outcome(name: "arrived", event: RaisedEvent(event: "arrived"))])
        var definition = Nodes.saga([
            Nodes.step("a"), Nodes.each([Node(body: .step(parcel))]),
        ])
        definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
        let items = Value.list((0..<70).map { _ in 1 })
        var story = try Story(definition, input: ["items": items])
        for number in 0..<SagaState.keptEventsMax {
            try story.when(Shop.event("arrived", "e-\(number)"))
        }
        #expect(
            story.verdict(Shop.event("arrived", "one more"))
                == .refuse(.keepsTooMany("parcel", SagaState.keptEventsMax)))
        try story.answer("a")
        #expect(story.state.steps.values.count { $0.outcome == "arrived" } == 64)
        #expect(story.state.waits.map(\.path) == (64..<70).map { "parcel[\($0)]" })
    }
}

@Suite struct `An outcome event of a step in a list` {
    private func story(
        after nodes: [Node] = [], compensation: Compensation? = nil, items: Value = [1, 2, 3]
    ) throws -> Story {
        let parcel = Step(
            name: "parcel", work: .await("a parcel"), timeout: .seconds(60),
            outcomes: [Outcome(name: "arrived", event: RaisedEvent(event: "arrived"))],
            compensation: compensation)
        let list = Nodes.each([Node(body: .step(parcel))], atMost: 1)
        var definition = Nodes.saga(nodes + [list, Nodes.step("b")])
        definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
        return try Story(definition, input: ["items": items])
    }

    @Test func `is taken back where its list has no value and turns the saga round`() throws {
        var story = try story(
            after: [Nodes.step("a")], compensation: Compensation(subject: "undo.parcel"),
            items: "none")
        try story.when(Shop.event("arrived", "e-1"))
        try story.answer("a")
        #expect(story.last.sent == ["undo.parcel parcel", "undo.a a"])
        try story.undo("a")
        #expect(story.state.status == .compensating)
        try story.undo("parcel")
        #expect(story.state.status == .compensated)
    }

    @Test func `is about the first element that waits, then about those to come`() throws {
        var story = try story()
        try story.when(Shop.event("arrived", "e-1"))
        #expect(story.state.steps["parcel[0]"]?.eventID == "e-1")
        #expect(story.state.waits.map(\.path) == ["parcel[1]"])
        try story.when(Shop.event("arrived", "e-2"))
        try story.when(Shop.event("arrived", "e-3"))
        #expect(story.last.sent == ["do.b b"])
        let decision = try story.when(Shop.event("arrived", "e-4"))
        #expect(
            decision.entries == [.eventRepeated("parcel[2]", id: "e-4", outcome: "arrived")])
    }
}

@Suite struct `An outcome event of a step that has its outcome` {
    @Test func `is journalled, and neither stored nor published`() throws {
        var story = try Story(Shop.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        let decision = try story.when(Shop.event("paymentdebited", "e-1"))
        #expect(decision.entries == [.eventRepeated("payment", id: "e-1", outcome: "debited")])
        #expect(decision.effects.isEmpty)
    }

    @Test func `and says otherwise is journalled as a late reply, and not stored`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("paymentdebited", "e-1"))
        let id = try #require(story.state.steps["payment"]?.commandID)
        let decision = try story.when(Shop.event("paymentdeclined", "e-2"))
        #expect(
            decision.entries == [
                .lateReply(
                    "payment", id, outcome: "declined", result: [:], asksCompensation: false)
            ])
        #expect(decision.effects.isEmpty)
    }

    @Test func `and says done after a no is taken back`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("paymentdeclined", "e-1"))
        #expect(story.state.status == .compensated)
        try story.when(Shop.event("paymentdebited", "e-2"))
        #expect(story.last.sent == ["payments.void payment"])
        #expect(story.state.status == .compensated)
    }

    @Test func `is known where it is the very event`() throws {
        var story = try Story(Shop.order())
        try story.when(Shop.event("paymentdebited", "e-1"))
        #expect(
            story.verdict(Shop.event("paymentdebited", "e-1"))
                == .ignore("event e-1 is known already"))
    }

    @Test func `is stored where only time gave the step its outcome`() throws {
        var story = try Story(Shop.order(timesOut: true))
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.after(.seconds(3600))
        #expect(story.state.status == .completed)
        let decision = try story.when(Shop.event("rejected", "e-1"))
        #expect(decision.effects == [.storeAppended(id: "e-1", viewData: nil)])
    }
}

@Suite struct `An appended event of an end that no step has` {
    private static var order: SagaDefinition {
        var definition = Shop.order()
        definition.finish.completed = RaisedEvent(
            event: "closed", body: .literal(["status": "Closed"]))
        definition.finish.compensated = RaisedEvent(
            event: "withdrawn", body: .literal(["status": "Withdrawn"]))
        return definition
    }

    private static func viewData(_ event: String, in story: Story) throws -> Value? {
        var story = story
        let decision = try story.when(Shop.event(event, "end"))
        guard case .storeAppended("end", let viewData)? = decision.effects.first else {
            Issue.record("\(event) is not stored")
            return nil
        }
        return viewData
    }

    @Test func `adds that end's data to the view while the saga may come to it`() throws {
        var story = try Story(Self.order)
        #expect(try Self.viewData("closed", in: story) == ["status": "Closed"])
        #expect(try Self.viewData("withdrawn", in: story) == ["status": "Withdrawn"])
        try story.when(Shop.event("paymentdebited", "e-1"))
        try story.when(Shop.event("approved", "e-2"))
        #expect(story.state.status == .completed)
        #expect(try Self.viewData("closed", in: story) == ["status": "Closed"])
    }

    @Test func `adds nothing once the saga has come to the other end, or is on its way there`()
        throws
    {
        var completed = try Story(Self.order)
        try completed.when(Shop.event("paymentdebited", "e-1"))
        try completed.when(Shop.event("approved", "e-2"))
        #expect(try Self.viewData("withdrawn", in: completed) == nil)
        var turned = try Story(Self.order)
        try turned.when(Shop.event("paymentdebited", "e-1"))
        try turned.when(Shop.event("rejected", "e-2"))
        #expect(turned.state.status == .compensating)
        #expect(try Self.viewData("closed", in: turned) == nil)
        #expect(try Self.viewData("withdrawn", in: turned) == ["status": "Withdrawn"])
    }
}

@Suite struct `An outcome event of a step that was given up` {
    @Test func `is a late reply: stored, and what it says was done is taken back`() throws {
        var story = try Story(Shop.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.after(.seconds(3600))
        try story.undo("review")
        try story.undo("payment")
        #expect(story.state.status == .compensated)
        let decision = try story.when(Shop.event("approved", "e-1"))
        // The saga went on without it: the view does not say that the order is approved.
        #expect(decision.effects.first == .storeAppended(id: "e-1", viewData: nil))
        #expect(
            decision.entries.prefix(3) == [
                .lateReply("review", nil, outcome: "yes", result: [:], asksCompensation: true),
                .eventTaken("review", id: "e-1", type: "ORDERS.approved"),
                .finishNoted("approved", id: "e-1"),
            ])
        #expect(decision.sent == ["reviews.forget review"])
        #expect(story.state.status == .compensated)
        #expect(
            try story.when(Shop.event("approved", "e-2")).entries
                == [.eventRepeated("review", id: "e-2", outcome: "yes")])
    }

    @Test func `is stored where only a report said the same before`() throws {
        var story = try Story(Shop.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        try story.after(.seconds(3600))
        try story.when(.report("review", outcome: "yes", data: [:], Nodes.action))
        let decision = try story.when(Shop.event("approved", "e-1"))
        #expect(
            decision.entries == [
                .eventTaken("review", id: "e-1", type: "ORDERS.approved"),
                .finishNoted("approved", id: "e-1"),
            ])
        #expect(decision.effects == [.storeAppended(id: "e-1", viewData: nil)])
    }

    @Test func `is taken back although the saga never came to the step`() throws {
        var story = try Story(Shop.order())
        try story.when(story.reply(to: "payment", .outcome("declined")))
        #expect(story.state.status == .compensated)
        let decision = try story.when(Shop.event("approved", "e-1"))
        #expect(decision.sent == ["reviews.forget review"])
        #expect(story.state.status == .compensated)
        try story.undo("review")
        #expect(story.state.open.isEmpty)
    }
}

@Suite struct `An event that is stored before its saga hears of it` {
    private let early = [
        AppendedEvent(
            id: "e-1", event: "paymentdebited", data: ["payment_id": "p-1"], isStored: true),
        AppendedEvent(id: "e-2", event: "approved", data: [:], isStored: true),
        AppendedEvent(id: "e-3", event: "paymentdebited", data: [:], isStored: true),
    ]

    private func start(_ events: [AppendedEvent]) throws -> (Decider, Decision) {
        let decider = Decider(Shop.order())
        let decided = decider.start(
            ["amount": 19], id: Story.sagaID, freshKey: "o-1",
            early: EarlyEvents(events: events, looksBackAt: Story.start + .seconds(30)),
            at: Circumstances(now: Story.start))
        return (decider, try decided.get())
    }

    @Test func `is an outcome of the saga that starts, and is not stored again`() throws {
        let (_, decision) = try start(early)
        #expect(decision.events == ["created"])
        #expect(decision.commands.isEmpty)
        #expect(
            !decision.effects.contains { if case .storeAppended = $0 { true } else { false } })
        #expect(decision.state.status == .completed)
        #expect(decision.state.steps["payment"]?.result == ["payment_id": "p-1"])
        #expect(decision.state.looksBackAt == nil)
    }

    @Test func `is found when the saga looks back, once`() throws {
        let (decider, started) = try start([])
        #expect(started.commands == ["payments.debit#1"])
        #expect(started.state.nextDue == Story.start + .seconds(10))
        var state = started.state
        func verdict(_ input: Input) -> Verdict {
            decider.decide(input, in: state, at: Circumstances(now: Story.start + .seconds(30)))
        }
        guard case .record(let decision) = verdict(.lookedBack(early)) else {
            Issue.record("expected a decision")
            return
        }
        #expect(decision.state.status == .completed)
        #expect(decision.events.isEmpty)
        state = decision.state
        #expect(verdict(.lookedBack(early)) == .ignore("it has looked back already"))
        #expect(
            verdict(Shop.event("approved", "e-2", isStored: true))
                == .ignore("event e-2 is known already"))
        #expect(
            verdict(Shop.event("approved", "e-9", isStored: true))
                == .ignore("step review has the outcome 'yes' already"))
    }

    @Test func `leaves a saga that looks back in vain as it is`() throws {
        let (decider, started) = try start([])
        let verdict = decider.decide(
            .lookedBack([]), in: started.state, at: Circumstances(now: Story.start))
        guard case .record(let decision) = verdict else {
            Issue.record("expected a decision")
            return
        }
        #expect(decision.entries == [.lookBackSet(nil)])
        #expect(decision.effects.isEmpty)
    }
}

@Suite struct `A stored state with appended events` {
    @Test func `has the newer format, and one without them the older`() throws {
        var story = try Story(Shop.order())
        #expect(String(decoding: story.state.encoded, as: UTF8.self).hasPrefix(#"{"format":1,"#))
        try story.when(Shop.event("approved", "e-1"))
        #expect(String(decoding: story.state.encoded, as: UTF8.self).hasPrefix(#"{"format":2,"#))
    }
}

@Suite struct `A journal row of appended events` {
    @Test func `says what was appended, and what became of it`() throws {
        let kept = KeptEvent(id: "e-1", step: "review", outcome: "yes", result: ["n": 1])
        let row = JournalRow(
            version: 1, at: Story.start,
            input: .appended(AppendedEvent(id: "e-1", event: "approved", data: ["n": 1])),
            entries: [
                .eventTaken("review", id: "e-1", type: "ORDERS.approved"),
                .eventKept(kept, type: "ORDERS.approved"),
                .eventRepeated("review", id: "e-2", outcome: "yes"),
                .finishNoted("approved", id: "e-1"),
                .eventHeldBack(type: "ORDERS.approved", data: ["n": 1]),
                .lookBackSet(Story.start), .lookBackSet(nil),
            ])
        let shown = try Value(json: row.encoded)
        #expect(
            shown["input"] == [
                "kind": "appended", "event_id": "e-1", "event": "approved", "body": ["n": 1],
            ])
        #expect(
            shown["entries"]?.elements == [
                [
                    "kind": "event_taken", "step": "review", "event_id": "e-1",
                    "type": "ORDERS.approved",
                ],
                [
                    "kind": "event_kept", "step": "review", "event_id": "e-1",
                    "type": "ORDERS.approved", "outcome": "yes", "result": ["n": 1],
                ],
                [
                    "kind": "event_repeated", "step": "review", "event_id": "e-2",
                    "outcome": "yes",
                ],
                ["kind": "finish_noted", "event": "approved", "event_id": "e-1"],
                ["kind": "event_held_back", "type": "ORDERS.approved", "data": ["n": 1]],
                ["kind": "look_back_set", "at": .string(Story.start.description)],
                ["kind": "look_back_set"],
            ])
        let looked = JournalRow(
            version: 2, at: Story.start,
            input: .lookedBack([AppendedEvent(id: "e-1", event: "approved", data: [:])]),
            entries: [])
        #expect(
            try Value(json: looked.encoded)["input"]
                == ["kind": "looked_back", "event_ids": ["e-1"]])
    }
}
