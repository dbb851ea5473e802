@testable import SagaCore
import Testing

@Suite struct `A list` {
    private let item = Template.expression(.variable(.element("item")))

    private func pay(
        _ atMost: Int = 16, max: Int = 1000, retry: RetryPolicy = .none
    ) -> SagaDefinition {
        Nodes.saga([
            Nodes.each(
                [Nodes.step("pay", retry: retry, body: item, undoBody: item)], atMost: atMost,
                max: max),
            Nodes.step("ship"),
        ])
    }

    @Test func `is frozen on entry, and has each element's nodes begun in order`() throws {
        let story = try Story(pay(), input: ["items": ["x", "y"]])
        let commands = (0..<2).map { index in
            OpenCommand(
                id: Story.sagaID.neighbour(1, UInt64(index + 1)), path: "pay[\(index)]",
                kind: .command, subject: "do.pay", body: .value(index == 0 ? "x" : "y"),
                since: story.now, dueAt: story.now + .seconds(10),
                resendAt: story.now + .seconds(30))
        }
        #expect(
            story.last.entries == [
                .started(deadline: nil), .entered("each#1", list: ["x", "y"]),
                .commandOpened(commands[0]), .commandOpened(commands[1]),
            ])
        #expect(story.state.open == commands)
        #expect(story.state.steps["each#1"]?.list == ["x", "y"])
    }

    @Test func `has no more elements under way than at_most says`() throws {
        var story = try Story(pay(2), input: ["items": ["x", "y", "z", "w"]])
        #expect(story.last.sent == ["do.pay pay[0]", "do.pay pay[1]"])
        try story.answer("pay[1]")
        #expect(story.last.sent == ["do.pay pay[2]"])
        try story.answer("pay[0]")
        #expect(story.last.sent == ["do.pay pay[3]"])
        try story.answer("pay[3]")
        #expect(story.last.sent.isEmpty)
        try story.answer("pay[2]")
        #expect(story.last.sent == ["do.ship ship"])
    }

    @Test func `is taken back before what came before it`() throws {
        let nodes = [
            Nodes.step("first"), Nodes.each([Nodes.step("pay", undoBody: item)]),
            Nodes.step("ship"),
        ]
        var story = try Story(Nodes.saga(nodes), input: ["items": ["x", "y"]])
        for path in ["first", "pay[0]", "pay[1]"] { try story.answer(path) }
        try story.answer("ship", .outcome("no"))
        #expect(story.last.sent == ["undo.pay pay[1]", "undo.pay pay[0]"])
        try story.undo("pay[0]")
        #expect(story.last.sent.isEmpty)
        try story.undo("pay[1]")
        #expect(story.last.sent == ["undo.first first"])
    }

    @Test func `is taken back with no more elements at once than at_most says`() throws {
        var story = try Story(pay(2), input: ["items": ["x", "y", "z"]])
        for index in 0..<3 { try story.answer("pay[\(index)]") }
        try story.answer("ship", .outcome("no"))
        #expect(story.last.sent == ["undo.pay pay[2]", "undo.pay pay[1]"])
        #expect(story.last.bodies == ["z", "y"], "the body is the element's own")
        try story.undo("pay[1]")
        #expect(story.last.sent == ["undo.pay pay[0]"])
        try story.undo("pay[2]")
        try story.undo("pay[0]")
        #expect(story.state.status == .compensated)
    }

    @Test func `goes on past an element that is stuck when it is taken back`() throws {
        var story = try Story(pay(1), input: ["items": ["x", "y"]])
        try story.answer("pay[0]")
        try story.answer("pay[1]")
        try story.answer("ship", .outcome("no"))
        try story.undo("pay[1]", .final)
        #expect(story.last.sent == ["undo.pay pay[0]"])
        try story.undo("pay[0]")
        #expect(story.state.status == .stuck)
        try story.when(.retry("pay[1]", body: nil, Nodes.action))
        #expect(story.last.sent == ["undo.pay pay[1]"])
        try story.undo("pay[1]")
        #expect(story.state.status == .compensated)
    }

    @Test func `of no elements is done at once`() throws {
        let story = try Story(pay(), input: ["items": []])
        #expect(
            Array(story.last.entries.prefix(3)) == [
                .started(deadline: nil), .entered("each#1", list: []), .passed("each#1"),
            ])
        #expect(story.last.sent == ["do.ship ship"])
    }

    @Test func `of too many elements is a failure before anything is sent`() throws {
        let story = try Story(pay(max: 2), input: ["items": [1, 2, 3]])
        let message = "each: the list has 3 elements, and may have 2"
        #expect(
            story.last.entries == [
                .started(deadline: nil),
                .stepFailed("each#1", code: "expression", message: message),
                .turned(
                    Failure(
                        step: "each#1", kind: .expression, code: "expression",
                        message: message)),
                .statusChanged(.compensating), .ended(.compensated, at: story.now),
            ])
        #expect(story.last.effects.isEmpty)
    }

    @Test func `that is no list is a failure that says what was found`() throws {
        let story = try Story(pay(), input: ["items": "x"])
        #expect(story.state.failure?.message == "each: expected a list, found a string")
    }

    @Test func `that has no value after the point of no return needs an operator`() throws {
        var story = try Story(
            Nodes.saga([Nodes.pivot(), Nodes.each([Nodes.step("pay")])]), input: [:])
        try story.answer("pivot")
        #expect(story.state.status == .stuck)
        #expect(
            story.verdict(.retry("each#1", body: "x", Nodes.action))
                == .refuse(
                    .unsuitableAction(
                        "each#1",
                        "it cannot be tried again: each: expected a list, found a string")))
        try story.when(.retry("each#1", body: ["x"], Nodes.action))
        #expect(story.last.sent == ["do.pay pay[0]"])
    }

    @Test func `has an element tried again under its own command`() throws {
        let retry = RetryPolicy(attempts: 2, initial: .seconds(1), jitter: 0)
        var story = try Story(pay(retry: retry), input: ["items": ["x", "y"]])
        let ids = story.state.open.map(\.id)
        #expect(Set(ids).count == 2)
        try story.answer("pay[0]", .retriable)
        try story.after(.seconds(1))
        #expect(story.last.sent == ["do.pay pay[0]"])
        #expect(story.open("pay[0]")?.id == ids[0])
        #expect(story.open("pay[0]")?.attempt == 2)
        #expect(story.open("pay[1]")?.attempt == 1)
    }

    @Test func `turns the saga round when an element rejects, and names it`() throws {
        var story = try Story(pay(), input: ["items": ["x", "y", "z"]])
        try story.answer("pay[0]")
        try story.answer("pay[1]", .outcome("no"))
        #expect(story.state.failure?.reason == "pay[1]: no")
        #expect(story.last.sent.isEmpty, "the third is in flight")
        try story.after(.seconds(10))
        #expect(story.last.sent == ["undo.pay pay[2]", "undo.pay pay[0]"])
    }

    @Test func `takes a late reply as its element's`() throws {
        var story = try Story(pay(), input: ["items": ["x", "y"]])
        let late = story.reply(to: "pay[1]", .done)
        try story.answer("pay[0]", .outcome("no"))
        try story.after(.seconds(10))
        try story.undo("pay[1]")
        #expect(story.state.status == .compensated)
        try story.when(late)
        #expect(story.last.sent == ["undo.pay pay[1]"])
        #expect(story.last.bodies == ["y"])
        #expect(story.state.status == .compensated)
    }

    @Test func `has a stuck element retried by its path`() throws {
        var story = try Story(
            Nodes.saga([Nodes.each([Nodes.step("pay", unknown: .stuck)])]),
            input: ["items": ["x", "y"]])
        let first = try #require(story.open("pay[1]")).id
        try story.answer("pay[0]")
        try story.answer("pay[1]", .retriable)
        #expect(story.state.status == .stuck)
        #expect(
            story.verdict(.retry("pay", body: nil, Nodes.action)) == .refuse(.notStuck("pay")))
        try story.when(.retry("pay[1]", body: nil, Nodes.action))
        #expect(story.last.sent == ["do.pay pay[1]", "undo.pay pay[1]"])
        #expect(story.open("pay[1]")?.id != first)
        try story.answer("pay[1]")
        #expect(story.state.status == .completed)
    }
}
