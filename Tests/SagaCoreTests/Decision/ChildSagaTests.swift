@testable import SagaCore
import Testing

/// A child saga's own story: started by order of a parent.
private struct ChildStory {
    static let parent = SagaIdentity(
        id: SagaID(high: 7, low: 7), name: "parent", definitionVersion: 1, key: "k")
    static let startID = CommandID(high: 1, low: 1)
    static let takeBackID = CommandID(high: 2, low: 2)

    var story: Story

    init(_ definition: SagaDefinition, cancellation: OperatorAction? = nil) throws {
        story = try Story(
            definition, parent: ParentLink(sagaID: Self.parent.id, commandID: Self.startID),
            cancellation: cancellation)
    }

    static func order(_ kind: ChildOrder.Kind, _ id: CommandID = startID) -> ChildOrder {
        ChildOrder(
            parent: parent, commandID: id, attempt: 1, path: "pay", childID: Story.sagaID,
            definition: "nodes", kind: kind)
    }

    static let start = order(.start(key: "o-1", input: [:]))
    static let cancel = order(.cancel(key: "o-1", input: [:], reason: "enough"))
    static let takeBack = order(.takeBack(reason: "b: no"), takeBackID)

    static func report(_ answer: Reply.Answer, to id: CommandID = startID) -> ParentReport {
        ParentReport(parent: parent.id, commandID: id, attempt: 1, answer: answer)
    }

    func report(to order: ChildOrder) -> ParentReport {
        story.decider.report(to: order, by: story.state)
    }
}

@Suite struct `A child saga` {
    private func definition(_ nodes: [Node] = [Nodes.step("x")]) -> SagaDefinition {
        var definition = Nodes.saga(nodes)
        definition.key = .literal("its own")
        definition.output = .map([
            .init(name: "paid", value: .expression(.variable(.stepResult("x")))),
            .init(name: "at", value: .expression(.variable(.now))),
            .init(name: "gone", value: .expression(.field(.variable(.input), "gone"))),
        ])
        return definition
    }

    @Test func `knows its parent, and has the key that the parent gives`() throws {
        let child = try ChildStory(definition())
        let link = ParentLink(sagaID: ChildStory.parent.id, commandID: ChildStory.startID)
        #expect(child.story.state.parent == link)
        #expect(child.story.state.identity.key == "o-1")
        #expect(
            Array(child.story.last.entries.prefix(2)) == [
                .started(deadline: nil), .startedByParent(link),
            ])
        #expect(child.story.last.reports.isEmpty)
    }

    @Test func `tells its parent its output when it completes, and again when asked`() throws {
        var child = try ChildStory(definition())
        let waiting = ParentReport(
            parent: ChildStory.parent.id, input: .childStuck(ChildStory.startID, reason: nil))
        #expect(child.report(to: ChildStory.start) == waiting)
        try child.story.answer("x", .outcome("done", ["n": 1]))
        let output: Value = [
            "paid": ["n": 1], "at": .string(child.story.now.description), "gone": nil,
        ]
        let report = ChildStory.report(.outcome("completed", output))
        #expect(child.story.last.reports == [report])
        child.story.now = child.story.now + .seconds(99)
        #expect(child.report(to: ChildStory.start) == report)
        #expect(child.report(to: ChildStory.cancel) == report)
    }

    @Test func `tells its parent why it compensated`() throws {
        var child = try ChildStory(definition())
        try child.story.answer("x", .outcome("no", ["reason": "no money"]))
        let report = ChildStory.report(.outcome("compensated", ["reason": "no money"]))
        #expect(child.story.last.reports == [report])
        #expect(child.report(to: ChildStory.start) == report)
    }

    @Test func `is cancelled by its parent as by an operator`() throws {
        var child = try ChildStory(definition([Nodes.step("w"), Nodes.step("x")]))
        try child.story.answer("w")
        let input = try #require(ChildStory.cancel.input)
        #expect(
            input
                == .cancel(
                    OperatorAction(by: "saga \(ChildStory.parent.id)", reason: "enough")))
        try child.story.when(input)
        try child.story.answer("x", .outcome("no"))
        #expect(child.story.last.sent == ["undo.w w"])
        try child.story.undo("w")
        #expect(
            child.story.last.reports == [
                ChildStory.report(.outcome("compensated", ["reason": "enough"]))
            ])
    }

    @Test func `that is cancelled before it started ends without sending anything`() throws {
        let child = try ChildStory(definition(), cancellation: ChildStory.cancel.cancellation)
        #expect(child.story.state.status == .compensated)
        #expect(child.story.last.sent.isEmpty)
        #expect(
            child.story.last.reports == [
                ChildStory.report(.outcome("compensated", ["reason": "enough"]))
            ])
        #expect(
            child.report(to: ChildStory.start)
                == ChildStory.report(.outcome("compensated", ["reason": "enough"])))
    }

    @Test func `is taken back after it completed, and tells that it is done`() throws {
        var child = try ChildStory(definition([Nodes.step("x"), Nodes.step("y")]))
        try child.story.answer("x")
        try child.story.answer("y")
        let input = try #require(ChildStory.takeBack.input)
        let id = child.story.nextID(1)
        try child.story.when(input)
        #expect(
            Array(child.story.last.entries.prefix(3)) == [
                .takenBack(ChildStory.takeBackID),
                .turned(Failure(kind: .cancel, reason: "b: no")),
                .statusChanged(.compensating),
            ])
        #expect(child.story.open("y", .compensation)?.id == id)
        #expect(child.story.state.endedAt == nil)
        #expect(child.story.verdict(input) == .ignore("it is being taken back already"))
        try child.story.undo("y")
        try child.story.undo("x")
        #expect(child.story.state.status == .compensated)
        let done = ChildStory.report(.outcome("done", [:]), to: ChildStory.takeBackID)
        #expect(child.story.last.reports == [done])
        #expect(child.report(to: ChildStory.takeBack) == done)
    }

    @Test func `with nothing to take back is taken back at once`() throws {
        let step = Step(name: "x", subject: "do.x")
        var child = try ChildStory(definition([Node(body: .step(step))]))
        try child.story.answer("x")
        try child.story.when(.takeBack(ChildStory.takeBackID, reason: "b: no"))
        #expect(
            child.story.last.reports == [
                ChildStory.report(.outcome("done", [:]), to: ChildStory.takeBackID)
            ])
    }

    @Test func `answers the order that a parent repeats under a new command`() throws {
        var child = try ChildStory(definition([Nodes.step("x")]))
        try child.story.answer("x")
        try child.story.when(.takeBack(ChildStory.takeBackID, reason: "b: no"))
        let other = CommandID(high: 3, low: 3)
        try child.story.when(.takeBack(other, reason: "b: no"))
        #expect(child.story.last.entries == [.takenBack(other)])
        try child.story.undo("x")
        #expect(
            child.story.last.reports == [ChildStory.report(.outcome("done", [:]), to: other)])
    }

    @Test func `that compensated by itself is done when it is to be taken back`() throws {
        var child = try ChildStory(definition())
        try child.story.answer("x", .outcome("no"))
        #expect(
            child.story.verdict(.takeBack(ChildStory.takeBackID, reason: "b: no"))
                == .ignore("it turned round by itself"))
        #expect(
            child.report(to: ChildStory.takeBack)
                == ChildStory.report(.outcome("done", [:]), to: ChildStory.takeBackID))
    }

    @Test func `is not taken back on its way, past its point of no return, or without a parent`()
        throws
    {
        let input = Input.takeBack(ChildStory.takeBackID, reason: "b: no")
        var child = try ChildStory(definition([Nodes.pivot(), Nodes.step("x")]))
        #expect(child.story.verdict(input) == .refuse(.notTakenBack("it has not completed")))
        try child.story.answer("pivot")
        try child.story.answer("x")
        #expect(
            child.story.verdict(input)
                == .refuse(
                    .notTakenBack("step pivot, the point of no return, is done")))
        let stranger = try Story(definition())
        #expect(
            stranger.verdict(input)
                == .refuse(.notTakenBack("it is no child of another saga")))
    }

    @Test func `tells its parent when it is stuck and when it moves again`() throws {
        var child = try ChildStory(definition([Nodes.step("x", unknown: .stuck)]))
        try child.story.answer("x", .retriable)
        let stuck = ParentReport(
            parent: ChildStory.parent.id,
            input: .childStuck(
                ChildStory.startID, reason: "step x: gateway-down: try later"))
        #expect(child.story.last.reports == [stuck])
        #expect(child.report(to: ChildStory.start) == stuck)
        try child.story.when(.retry("x", body: nil, Nodes.action))
        #expect(
            child.story.last.reports == [
                ParentReport(
                    parent: ChildStory.parent.id,
                    input: .childStuck(ChildStory.startID, reason: nil))
            ])
    }

    @Test func `of another parent says that its key is taken`() throws {
        let child = try ChildStory(definition())
        var order = ChildStory.start
        order.parent.id = SagaID(high: 9, low: 9)
        guard
            case .reply(let reply) = child.report(to: order).input,
            case .error("key-taken", _, false) = reply.answer
        else {
            Issue.record("expected the error key-taken")
            return
        }
    }

    @Test func `and its parent tell one story together`() throws {
        var parent = try Story(
            Nodes.saga([Family.node("pay", Child(saga: "nodes")), Nodes.step("b")]))
        let order = try #require(parent.last.orders.first)
        var child = try Story(definition(), parent: order.parentLink, id: order.childID)
        try child.answer("x", .outcome("done", ["n": 1]))
        let completed = try #require(child.last.reports.first)
        #expect(completed.parent == parent.state.identity.id)
        try parent.when(completed.input)
        #expect(parent.last.sent == ["do.b b"])
        try parent.answer("b", .outcome("no"))
        let takeBack = try #require(parent.last.orders.first?.input)
        try child.when(takeBack)
        try child.undo("x")
        try parent.when(try #require(child.last.reports.first).input)
        #expect(child.state.status == .compensated)
        #expect(parent.state.status == .compensated)
    }
}
