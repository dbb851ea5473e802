@testable import SagaCore
import Testing

/// A payment, then a question about it, then a shipment.
private func asking(
    _ question: Question = Question(title: .literal("Approve?")),
    timeout: Outcome? = Outcome(name: "timeout", then: .reject),
    compensation: Compensation? = nil, isOptional: Bool = false, isPivot: Bool = false,
    deadline: Duration? = nil
) -> SagaDefinition {
    let outcomes = [
        Outcome(name: "approved", event: RaisedEvent(event: "approved")),
        Outcome(name: "refused", then: .reject),
    ]
    let ask = Step(
        name: "approval", work: .ask(question), timeout: .seconds(3600), isOptional: isOptional,
        outcomes: outcomes + (timeout.map { [$0] } ?? []), compensation: compensation,
        isPivot: isPivot)
    var definition = Nodes.saga(
        [Nodes.step("a"), Node(body: .step(ask)), Nodes.step("b")], deadline: deadline)
    definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
    return definition
}

private func asked(_ definition: SagaDefinition) throws -> Story {
    var story = try Story(definition, input: ["customer": "ann", "amount": 19])
    try story.answer("a")
    return story
}

private func report(
    _ outcome: String, by person: String, _ data: Value = [:], at path: NodePath = "approval"
) -> Input {
    .report(path, outcome: outcome, data: data, OperatorAction(by: person, reason: "looked"))
}

@Suite struct `A question` {
    private let full = Question(
        title: .text([.text("Approve "), .expression(.field(.variable(.input), "amount"))]),
        show: .map([.init(name: "who", value: .expression(.field(.variable(.input), "customer")))]),
        role: "clerk", excluded: [.field(.variable(.input), "customer")],
        remind: .seconds(600), escalation: .init(after: .seconds(900), role: "boss"))

    @Test func `is opened with what people see, and sends nothing`() throws {
        let story = try asked(asking(full))
        let question = OpenQuestion(
            title: "Approve 19", show: ["who": "ann"], role: "clerk",
            escalatesAt: story.now + .seconds(900), remindAt: story.now + .seconds(600),
            excluded: ["ann"])
        #expect(
            story.last.entries == [
                .stepCompleted("a", outcome: "done", result: [:]),
                .waitOpened(
                    OpenWait(
                        path: "approval", kind: .question(question), since: story.now,
                        dueAt: story.now + .seconds(3600))),
            ])
        #expect(story.last.effects.isEmpty)
        #expect(story.state.nextDue == story.now + .seconds(600))
    }

    @Test func `has the outcome that a person reports, and who reported it`() throws {
        var story = try asked(asking())
        let event = story.nextID(1)
        let b = story.nextID(2)
        let decision = try story.when(report("approved", by: "kim", ["limit": 5]))
        let answer = OpenQuestion.Answer(
            by: "kim", at: story.now, outcome: "approved", data: ["limit": 5])
        let result: Value = ["limit": 5, "answers": .list([answer.value])]
        #expect(
            Array(decision.entries.prefix(3)) == [
                .answered("approval", answer),
                .stepCompleted("approval", outcome: "approved", result: result),
                .eventRaised(id: event, type: "ORDERS.approved", notes: []),
            ])
        #expect(story.open("b")?.id == b)
        #expect(story.state.steps["approval"]?.result == result)
        #expect(story.state.waits.isEmpty)
    }

    @Test func `that is refused turns the saga round and is not taken back itself`() throws {
        var story = try asked(asking(compensation: Compensation(subject: "undo.approval")))
        try story.when(report("refused", by: "kim", ["reason": "too much"]))
        #expect(story.state.failure?.reason == "too much")
        #expect(story.state.failure?.kind == .outcome)
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `that was answered is taken back only where the file says so`() throws {
        var story = try asked(asking(compensation: Compensation(subject: "undo.approval")))
        try story.when(report("approved", by: "kim"))
        try story.answer("b", .outcome("no"))
        #expect(story.last.sent == ["undo.approval approval"])
        #expect(story.open("approval", .compensation)?.originalID == nil)
        try story.undo("approval")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `is closed by a cancel, and nothing of it is taken back`() throws {
        var story = try asked(asking(compensation: Compensation(subject: "undo.approval")))
        try story.when(.cancel(Nodes.action))
        #expect(
            story.last.entries.contains(
                .waitClosed("approval", reason: "the saga turned round")))
        #expect(story.state.steps["approval"]?.phase == .failed)
        #expect(story.state.steps["approval"]?.isUndone == true)
        #expect(story.last.sent == ["undo.a a"])
        #expect(
            story.verdict(report("approved", by: "kim"))
                == .refuse(.notOpen("approval", "it was closed")))
    }

    @Test func `is closed by the deadline`() throws {
        var story = try asked(asking(deadline: .seconds(60)))
        try story.after(.seconds(60))
        #expect(story.state.failure?.kind == .deadline)
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `that nobody answers has the outcome named timeout`() throws {
        var story = try asked(asking())
        try story.after(.seconds(3600))
        #expect(
            Array(story.last.entries.prefix(2)) == [
                .stepRejected("approval", outcome: "timeout", result: ["answers": []]),
                .turned(
                    Failure(
                        step: "approval", kind: .timeout, outcome: "timeout",
                        reply: ["answers": []])),
            ])
        #expect(story.state.failure?.reason == "approval: timeout")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `that nobody answers may continue where the file says so`() throws {
        var story = try asked(asking(timeout: Outcome(name: "timeout")))
        try story.after(.seconds(3600))
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `that nobody answers fails where the file names no such outcome`() throws {
        var story = try asked(asking(timeout: nil))
        try story.after(.seconds(3600))
        #expect(story.state.failure?.kind == .timeout)
        #expect(story.state.failure?.reason == "no answer in time")
    }

    @Test func `that is optional lets the saga go on when nobody answers`() throws {
        var story = try asked(asking(isOptional: true))
        try story.after(.seconds(3600))
        #expect(story.last.sent == ["do.b b"])
        #expect(story.state.failure == nil)
    }

    @Test func `reminds, and asks others besides, without sending anything`() throws {
        var story = try asked(asking(full))
        try story.after(.seconds(600))
        let again = story.now + .seconds(600)
        #expect(story.last.entries == [.reminded("approval", nextAt: again)])
        #expect(story.last.effects.isEmpty)
        try story.after(.seconds(300))
        #expect(story.last.entries == [.escalated("approval", role: "boss")])
        #expect(story.state.waits.first?.question?.escalatedTo == "boss")
        #expect(story.state.nextDue == again)
    }

    @Test func `whose title has no value is a failure of the step`() throws {
        let title = Template.expression(.field(.variable(.input), "gone"))
        let story = try asked(asking(Question(title: title)))
        #expect(story.state.failure?.kind == .expression)
        #expect(story.state.failure?.message?.hasPrefix("title: ") == true)
    }

    @Test func `that cannot say who is excluded is not asked`() throws {
        let question = Question(
            title: .literal("?"), excluded: [.field(.variable(.input), "amount")])
        let story = try asked(asking(question))
        #expect(story.state.waits.isEmpty)
        #expect(
            story.state.failure?.message
                == "not_by: expected text or a list of texts, found a double")
    }

    @Test func `is asked for each element by itself`() throws {
        let ask = Step(
            name: "approval", work: .ask(Question(title: .expression(.variable(.element("item"))))),
            timeout: nil, outcomes: [Outcome(name: "approved")])
        var story = try Story(
            Nodes.saga([Nodes.each([Node(body: .step(ask))])]), input: ["items": ["x", "y"]])
        #expect(story.state.waits.compactMap(\.question?.title) == ["x", "y"])
        #expect(story.state.nextDue == nil)
        try story.when(report("approved", by: "kim", at: "approval[1]"))
        #expect(story.state.waits.map(\.path) == ["approval[0]"])
        try story.when(report("approved", by: "kim", at: "approval[0]"))
        #expect(story.state.status == .completed)
    }
}

@Suite struct `An answer to a question` {
    private let form = Schema([
        .type([.object]), .required(["limit"]),
    ])

    @Test func `that breaks the form is refused with every violation`() throws {
        let story = try asked(asking(Question(title: .literal("?"), form: form)))
        let verdict = story.verdict(report("approved", by: "kim"))
        #expect(verdict == .refuse(.invalidForm(form.violations(of: [:]))))
        #expect(!form.violations(of: [:]).isEmpty)
    }

    @Test func `by one who may not decide is refused`() throws {
        let question = Question(
            title: .literal("?"), excluded: [.literal(["bob", "ann"])])
        let story = try asked(asking(question))
        #expect(
            story.verdict(report("approved", by: "ann"))
                == .refuse(.notAllowed("approval", "ann may not decide it (not_by)")))
    }

    @Test func `by nobody is refused`() throws {
        let story = try asked(asking())
        #expect(
            story.verdict(report("approved", by: ""))
                == .refuse(.notAllowed("approval", "it must say by whom it is")))
    }

    @Test func `with an outcome that is not there, or is time's own, is refused`() throws {
        let story = try asked(asking())
        for outcome in ["perhaps", "timeout"] {
            #expect(
                story.verdict(report(outcome, by: "kim"))
                    == .refuse(
                        .unknownOutcome(
                            "approval", outcome: outcome, known: ["approved", "refused"])))
        }
    }

    @Test func `to what is not asked is refused with the reason`() throws {
        var story = try asked(asking())
        func why(_ path: NodePath) -> Verdict {
            story.verdict(report("approved", by: "kim", at: path))
        }
        #expect(why("b") == .refuse(.notOpen("b", "a participant answers it, on Saga-Reply-To")))
        #expect(why("nowhere") == .refuse(.notOpen("nowhere", "the saga has no step of that path")))
        try story.when(report("approved", by: "kim"))
        #expect(
            why("approval")
                == .refuse(.notOpen("approval", "it has the outcome 'approved' already")))
    }

    @Test func `before it is asked is refused`() throws {
        let story = try Story(asking(), input: ["customer": "ann", "amount": 19])
        #expect(
            story.verdict(report("approved", by: "kim"))
                == .refuse(.notOpen("approval", "it has not been reached")))
    }
}

@Suite struct `A quorum` {
    private func story() throws -> Story {
        try asked(asking(Question(title: .literal("?"), quorum: 2)))
    }

    @Test func `needs that many different people for the same outcome`() throws {
        var story = try story()
        let first = OpenQuestion.Answer(
            by: "kim", at: story.now, outcome: "approved", data: ["n": 1])
        try story.when(report("approved", by: "kim", ["n": 1]))
        #expect(story.last.entries == [.answered("approval", first)])
        #expect(story.last.effects.isEmpty)
        #expect(
            story.verdict(report("approved", by: "kim"))
                == .refuse(.notAllowed("approval", "kim has answered already")))
        story.now = story.now + .seconds(5)
        let second = OpenQuestion.Answer(
            by: "lee", at: story.now, outcome: "approved", data: ["n": 2])
        try story.when(report("approved", by: "lee", ["n": 2]))
        #expect(
            story.state.steps["approval"]?.result
                == ["answers": .list([first.value, second.value])],
            "with several answers there is no one form")
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `is decided by the first who rejects`() throws {
        var story = try story()
        try story.when(report("approved", by: "kim"))
        try story.when(report("refused", by: "lee"))
        #expect(story.state.failure?.outcome == "refused")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `that is not reached in time keeps the answers so far`() throws {
        var story = try story()
        try story.when(report("approved", by: "kim"))
        try story.after(.seconds(3600))
        #expect(story.state.failure?.kind == .timeout)
        #expect(story.state.steps["approval"]?.result?["answers"]?.elements?.count == 1)
    }
}

@Suite struct `A question that is the point of no return` {
    @Test func `may be cancelled until it is decided, and no more after`() throws {
        var story = try asked(asking(isPivot: true, deadline: .seconds(60)))
        var cancelled = story
        try cancelled.when(.cancel(Nodes.action))
        #expect(cancelled.last.sent == ["undo.a a"])
        try story.when(report("approved", by: "kim"))
        #expect(story.last.entries.contains(.deadlineHeld))
        guard case .refuse(.notCancellable) = story.verdict(.cancel(Nodes.action)) else {
            Issue.record("expected the cancel to be refused")
            return
        }
        #expect(story.state.nextDue == story.now + .seconds(10), "the deadline is over")
    }

    @Test func `has one after it stuck where its time passes, and asked again on retry`() throws {
        let ask = Step(
            name: "approval", work: .ask(Question(title: .literal("?"))), timeout: .seconds(60),
            failed: .stuck, outcomes: [Outcome(name: "approved")])
        var story = try Story(Nodes.saga([Nodes.pivot(), Node(body: .step(ask))]))
        try story.answer("pivot")
        try story.after(.seconds(60))
        #expect(story.state.status == .stuck)
        #expect(
            story.verdict(.retry("approval", body: [:], Nodes.action))
                == .refuse(
                    .unsuitableAction(
                        "approval", "nothing is sent that a body could stand for")))
        try story.when(.retry("approval", body: nil, Nodes.action))
        #expect(story.state.status == .running)
        try story.when(report("approved", by: "kim"))
        #expect(story.state.status == .completed)
    }
}
