@testable import SagaCore
import Testing

/// A reservation, a child saga, a shipment.
private func parent(
    key: Template? = nil, body: Template? = nil, timeout: Duration? = nil,
    deadline: Duration? = nil
) -> SagaDefinition {
    Nodes.saga(
        [
            Nodes.step("a"),
            Family.node("pay", Child(saga: "payment", body: body, key: key), timeout: timeout),
            Nodes.step("b"),
        ], deadline: deadline)
}

/// Nodes and answers of child sagas.
enum Family {
    static func node(
        _ name: String, _ child: Child, timeout: Duration? = nil, isPivot: Bool = false
    ) -> Node {
        Node(
            body: .step(
                Step(
                    name: name, work: .child(child), timeout: timeout, retry: .forever,
                    outcomes: [
                        Outcome(name: "completed"), Outcome(name: "compensated", then: .reject),
                    ], compensation: Compensation(work: .child, timeout: nil),
                    isPivot: isPivot)))
    }

    static func completed(_ output: Value = [:]) -> Reply.Answer { .outcome("completed", output) }
    static let compensated = Reply.Answer.outcome("compensated", ["reason": "no money"])
}

@Suite struct `A parent saga` {
    private func story(_ definition: SagaDefinition = parent()) throws -> Story {
        var story = try Story(definition)
        try story.answer("a")
        return story
    }

    @Test func `starts its child under an identity and a key derived from its own`() throws {
        var story = try Story(parent())
        let id = story.nextID(1)
        try story.answer("a")
        let childID = Story.sagaID.derived("child at pay")
        let key = Story.sagaID.derived("key of pay").description
        let command = OpenCommand(
            id: id, path: "pay", kind: .command,
            target: .child(
                ChildTarget(sagaID: childID, definition: "payment", key: key, order: .start)),
            body: .document, since: story.now, dueAt: nil, resendAt: story.now + .seconds(30))
        #expect(
            story.last.entries == [
                .stepCompleted("a", outcome: "done", result: [:]), .commandOpened(command),
            ])
        #expect(
            story.last.effects == [
                .order(
                    ChildOrder(
                        parent: story.state.identity, commandID: id, attempt: 1, path: "pay",
                        childID: childID, definition: "payment",
                        kind: .start(key: key, input: ["amount": 19])))
            ])
        #expect(story.state.nextDue == story.now + .seconds(30), "only the order is repeated")
    }

    @Test func `gives the key and the input that the file says`() throws {
        let story = try story(
            parent(
                key: .text([.text("p-"), .expression(.variable(.key))]),
                body: .map([.init(name: "n", value: .literal(1))])))
        #expect(story.last.orders.map(\.kind) == [.start(key: "p-o-1", input: ["n": 1])])
    }

    @Test func `turns round where the key has no value`() throws {
        let story = try story(parent(key: .expression(.field(.variable(.input), "gone"))))
        #expect(story.state.failure?.kind == .expression)
        #expect(story.state.failure?.message?.hasPrefix("key: ") == true)
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `repeats the same order until it is answered`() throws {
        var story = try story()
        let first = story.last.orders
        try story.after(.seconds(30))
        #expect(story.last.orders == first)
        try story.when(.takenOver)
        #expect(story.last.orders == first)
        #expect(story.state.status == .running)
    }

    @Test func `goes on with the output of the child that completed`() throws {
        var story = try story()
        try story.answer("pay", Family.completed(["paid": 19]))
        #expect(story.state.steps["pay"]?.result == ["paid": 19])
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `turns round with the reason of the child that compensated`() throws {
        var story = try story()
        try story.answer("pay", Family.compensated)
        #expect(story.state.failure?.reason == "no money")
        #expect(story.state.failure?.outcome == "compensated")
        #expect(story.last.sent == ["undo.a a"], "the child has nothing left to take back")
        #expect(story.last.orders.isEmpty)
    }

    @Test func `turns round where the child's key is another saga's`() throws {
        var story = try story()
        try story.answer(
            "pay", .error(code: "key-taken", message: "key p-1 is taken", isRetriable: false))
        #expect(story.state.failure?.code == "key-taken")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `ignores an error that may pass, since the order is repeated anyway`() throws {
        let story = try story()
        guard case .ignore = story.verdict(story.reply(to: "pay", .retriable)) else {
            Issue.record("expected it to be ignored")
            return
        }
    }

    @Test func `cancels its child when it turns round, and waits for its end without a grace`()
        throws
    {
        var story = try story()
        let id = try #require(story.open("pay")).id
        try story.when(.cancel(Nodes.action))
        #expect(
            story.last.entries == [
                .operatorActed(Nodes.action, verb: "cancel", nil),
                .turned(Failure(kind: .cancel, reason: Nodes.action.reason)),
                .statusChanged(.compensating),
                .childCancelled(id, "pay", resendAt: story.now + .seconds(30)),
            ])
        let key = Story.sagaID.derived("key of pay").description
        let cancel = ChildOrder.Kind.cancel(
            key: key, input: ["amount": 19], reason: Nodes.action.reason)
        #expect(story.last.orders.map(\.kind) == [cancel])
        #expect(story.last.orders.map(\.commandID) == [id])
        try story.after(.seconds(30))
        #expect(story.last.orders.map(\.kind) == [cancel])
        try story.after(.seconds(60))
        #expect(story.last.orders.map(\.kind) == [cancel], "it is waited for, however long")
        try story.answer("pay", Family.compensated)
        #expect(story.last.sent == ["undo.a a"])
        #expect(story.state.failure?.kind == .cancel)
    }

    @Test func `takes a child back that had completed before the cancel reached it`() throws {
        var story = try story()
        try story.when(.cancel(Nodes.action))
        try story.answer("pay", Family.completed())
        #expect(
            story.last.orders.map(\.kind) == [.takeBack(reason: Nodes.action.reason)])
    }

    @Test func `takes its completed child back as a whole, before what is earlier`() throws {
        var story = try story()
        let start = try #require(story.open("pay")).id
        try story.answer("pay", Family.completed())
        let id = story.nextID(1)
        try story.answer("b", .outcome("no"))
        #expect(
            story.last.orders == [
                ChildOrder(
                    parent: story.state.identity, commandID: id, attempt: 1, path: "pay",
                    childID: Story.sagaID.derived("child at pay"), definition: "payment",
                    kind: .takeBack(reason: "b: no"))
            ])
        #expect(story.open("pay", .compensation)?.originalID == start)
        #expect(story.open("pay", .compensation)?.dueAt == nil)
        #expect(story.last.sent.isEmpty)
        try story.after(.seconds(30))
        #expect(story.last.orders.map(\.commandID) == [id])
        try story.undo("pay")
        #expect(story.last.sent == ["undo.a a"])
        try story.undo("a")
        #expect(story.state.status == .compensated)
    }

    @Test func `is stuck where the child cannot be taken back`() throws {
        var story = try story()
        try story.answer("pay", Family.completed())
        try story.answer("b", .outcome("no"))
        try story.undo("pay", .error(code: "refused", message: "no way", isRetriable: false))
        #expect(story.last.sent == ["undo.a a"], "it holds up nothing")
        try story.undo("a")
        #expect(story.state.status == .stuck)
        try story.when(.retry("pay", body: nil, Nodes.action))
        #expect(story.last.orders.count == 1)
        #expect(
            story.state.open.map(\.id) == [story.last.orders[0].commandID],
            "the retry is a new command")
    }

    @Test func `shows that its child is stuck, and that it is no more`() throws {
        var story = try story()
        let id = try #require(story.open("pay")).id
        try story.when(.childStuck(id, reason: "step x: broken"))
        #expect(
            story.last.entries == [
                .childStuck("pay", reason: "step x: broken"), .statusChanged(.stuck),
            ])
        #expect(story.state.steps["pay"]?.childStuckReason == "step x: broken")
        guard case .ignore = story.verdict(.childStuck(id, reason: "step x: broken")) else {
            Issue.record("expected it to be ignored, as it is known")
            return
        }
        try story.when(.childStuck(id, reason: nil))
        #expect(
            story.last.entries == [
                .childStuck("pay", reason: nil), .statusChanged(.running),
            ])
        try story.answer("pay", Family.completed())
        #expect(story.last.sent == ["do.b b"])
    }

    @Test func `hears of no child that nobody ordered, and not of one that has answered`() throws {
        var story = try story()
        let id = try #require(story.open("pay")).id
        let stranger = CommandID(high: 1, low: 2)
        #expect(
            story.verdict(.childStuck(stranger, reason: "broken"))
                == .refuse(.unknownCommand(stranger)))
        try story.answer("pay", Family.completed())
        #expect(
            story.verdict(.childStuck(id, reason: "broken"))
                == .ignore("command \(id) is answered already"))
    }

    @Test func `is not stuck while something beside its stuck child moves`() throws {
        var story = try Story(
            Nodes.saga([
                Nodes.parallel([
                    ("left", [Family.node("pay", Child(saga: "payment"))]),
                    ("right", [Nodes.step("c")]),
                ])
            ]))
        let id = try #require(story.open("pay")).id
        try story.when(.childStuck(id, reason: "broken"))
        #expect(story.state.status == .running)
        try story.answer("c")
        #expect(story.state.status == .stuck)
    }

    @Test func `is stuck while the child that it cancelled is`() throws {
        var story = try story()
        let id = try #require(story.open("pay")).id
        try story.when(.cancel(Nodes.action))
        try story.when(.childStuck(id, reason: "step x: broken"))
        #expect(story.state.status == .stuck)
        try story.answer("pay", Family.compensated)
        #expect(story.state.status == .compensating)
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `cancels a child that takes too long, and waits for its end`() throws {
        var story = try story(parent(timeout: .seconds(20)))
        let id = try #require(story.open("pay")).id
        try story.after(.seconds(20))
        #expect(
            story.last.entries == [
                .attemptFailed(id, "pay", attempt: 1, .timeout),
                .childCancelled(id, "pay", resendAt: story.now + .seconds(30)),
            ])
        #expect(story.open("pay")?.dueAt == nil)
        #expect(story.state.failure == nil, "its end decides")
        try story.answer("pay", Family.compensated)
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `has one child for each element`() throws {
        let child = Child(saga: "payment", body: .expression(.variable(.element("item"))))
        var story = try Story(
            Nodes.saga([Nodes.each([Family.node("pay", child)]), Nodes.step("b")]),
            input: ["items": ["x", "y"]])
        #expect(
            story.last.orders.map(\.childID) == [
                Story.sagaID.derived("child at pay[0]"), Story.sagaID.derived("child at pay[1]"),
            ])
        try story.answer("pay[0]", Family.completed())
        try story.answer("pay[1]", Family.completed())
        try story.answer("b", .outcome("no"))
        #expect(story.last.orders.map(\.path) == ["pay[1]", "pay[0]"])
    }

    @Test func `is not cancelled once its point of no return, a child, was started`() throws {
        let story = try Story(
            Nodes.saga([Family.node("pay", Child(saga: "payment"), isPivot: true)]))
        guard case .refuse(.notCancellable) = story.verdict(.cancel(Nodes.action)) else {
            Issue.record("expected it to be refused")
            return
        }
    }

    @Test func `does not turn round after its point of no return for a child that compensated`()
        throws
    {
        var story = try Story(
            Nodes.saga([Nodes.pivot(), Family.node("pay", Child(saga: "payment"))]))
        try story.answer("pivot")
        try story.answer("pay", Family.compensated)
        #expect(story.state.status == .stuck)
        #expect(story.state.failure == nil)
        #expect(story.state.steps["pay"]?.stuckReason == "no money")
    }
}
