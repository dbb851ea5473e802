@testable import SagaCore
import Testing

@Suite struct `A wait` {
    private func waiting(
        _ end: Wait.End, deadline: Duration? = nil, when condition: Expression? = nil
    ) -> SagaDefinition {
        Nodes.saga(
            [
                Nodes.step("a"),
                Node(condition: condition, body: .wait(Wait(name: "wait#1", end: end))),
                Nodes.step("b"),
            ], deadline: deadline)
    }

    private func until(_ text: String) -> Wait.End { .at(.literal(.string(text))) }

    @Test func `is a timer, and sends nothing`() throws {
        var story = try Story(waiting(.after(.seconds(3600))))
        let decision = try story.answer("a")
        let dueAt = story.now + .seconds(3600)
        #expect(
            decision.entries == [
                .stepCompleted("a", outcome: "done", result: [:]),
                .waitOpened(
                    OpenWait(path: "wait#1", kind: .timer, since: story.now, dueAt: dueAt)),
            ])
        #expect(decision.effects.isEmpty)
        #expect(story.state.nextDue == dueAt)
        #expect(story.state.status == .running)
    }

    @Test func `is over when its time comes, not before`() throws {
        var story = try Story(waiting(.after(.seconds(3600))))
        try story.answer("a")
        story.now = story.now + .seconds(3599)
        #expect(story.verdict(.due()) == .ignore("nothing is due yet"))
        try story.after(.seconds(1))
        #expect(Array(story.last.entries.prefix(1)) == [.passed("wait#1")])
        #expect(story.state.steps["wait#1"] == StepState(phase: .completed))
        #expect(story.last.sent == ["do.b b"])
        #expect(story.state.waits.isEmpty)
    }

    @Test func `is over as well when another daemon takes the saga over after its time`() throws {
        var story = try Story(waiting(.after(.seconds(60))))
        try story.answer("a")
        story.now = story.now + .seconds(61)
        try story.when(.takenOver)
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `until a time ends then`() throws {
        let time = Story.start + .seconds(90)
        var story = try Story(waiting(until(time.description)))
        try story.answer("a")
        #expect(story.state.nextDue == time)
    }

    @Test func `until a timestamp that an expression computes ends then`() throws {
        let later = Expression.binary(
            .add, .variable(.now), .literal(.duration(.seconds(5))))
        var story = try Story(waiting(.at(later)))
        try story.answer("a")
        #expect(story.state.nextDue == story.now + .seconds(5))
    }

    @Test func `until a time that has passed passes at once`() throws {
        var story = try Story(waiting(until("2020-01-01T00:00:00Z")))
        try story.answer("a")
        #expect(story.last.entries.contains(.passed("wait#1")))
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `until now passes at once`() throws {
        var story = try Story(waiting(.at(.variable(.now))))
        try story.answer("a")
        #expect(story.last.entries.contains(.passed("wait#1")))
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `until what is no time turns the saga round`() throws {
        var story = try Story(waiting(until("tomorrow")))
        try story.answer("a")
        #expect(story.state.failure?.kind == .expression)
        #expect(story.state.failure?.step == "wait#1")
        #expect(
            story.state.failure?.message
                == "until: expected a timestamp or RFC 3339 text, found 'tomorrow'")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `is skipped where its condition is false`() throws {
        var story = try Story(
            waiting(.after(.seconds(60)), when: .literal(.bool(false))))
        try story.answer("a")
        #expect(story.last.entries.contains(.skipped("wait#1")))
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `is closed when the saga turns round`() throws {
        var story = try Story(waiting(.after(.seconds(3600))))
        try story.answer("a")
        try story.when(.cancel(Nodes.action))
        #expect(
            Array(story.last.entries.prefix(4)) == [
                .operatorActed(Nodes.action, verb: "cancel", nil),
                .turned(Failure(kind: .cancel, reason: Nodes.action.reason)),
                .statusChanged(.compensating),
                .waitClosed("wait#1", reason: "the saga turned round"),
            ])
        #expect(story.last.sent == ["undo.a a"])
        #expect(story.state.waits.isEmpty)
    }

    @Test func `is cut short by the saga's deadline`() throws {
        var story = try Story(waiting(.after(.seconds(3600)), deadline: .seconds(60)))
        try story.answer("a")
        try story.after(.seconds(60))
        #expect(story.state.failure?.kind == .deadline)
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `in each element is its own`() throws {
        let seconds = Expression.binary(
            .add, .variable(.now), .call(.duration, [.variable(.element("item"))]))
        let wait = Node(body: .wait(Wait(name: "wait#1", end: .at(seconds))))
        var story = try Story(
            Nodes.saga([Nodes.each([wait, Nodes.step("a")])]), input: ["items": ["9s", "4s"]])
        #expect(story.state.waits.map(\.path) == ["wait#1[0]", "wait#1[1]"])
        try story.after(.seconds(4))
        #expect(story.last.sent == ["do.a a[1]"])
        try story.after(.seconds(5))
        #expect(story.last.sent == ["do.a a[0]"])
    }

    @Test func `that has no time after the point of no return takes one from an operator`() throws {
        var story = try Story(
            Nodes.saga([
                Nodes.pivot(), Node(body: .wait(Wait(name: "wait#1", end: until("soon")))),
            ]))
        try story.answer("pivot")
        #expect(story.state.status == .stuck)
        let time = story.now + .seconds(60)
        try story.when(.retry("wait#1", body: .string(time.description), Nodes.action))
        #expect(story.state.status == .running)
        #expect(story.state.nextDue == time)
    }
}
