@testable import SagaCore
import Testing

@Suite struct `Lists within lists and branches` {
    /// For each order, for each of its lines, reserve; then pack the order.
    private let orders = Nodes.each(
        [
            Nodes.each(
                [
                    Nodes.step(
                        "reserve",
                        body: .list([
                            .expression(.variable(.element("order"))),
                            .expression(.variable(.element("line"))),
                            .expression(.variable(.element("index"))),
                        ]))
                ], name: "each#2", as: "line", of: .variable(.element("order"))),
            Nodes.step("pack", body: .expression(.variable(.stepResults("reserve")))),
        ], as: "order")

    @Test func `name a node by one index for each list`() throws {
        let story = try Story(Nodes.saga([orders]), input: ["items": [["a", "b"], ["c"]]])
        #expect(
            story.last.sent == [
                "do.reserve reserve[0][0]", "do.reserve reserve[0][1]",
                "do.reserve reserve[1][0]",
            ])
        #expect(
            story.last.bodies == [
                [["a", "b"], "a", 0], [["a", "b"], "b", 1], [["c"], "c", 0],
            ])
        #expect(story.state.steps["each#2[1]"]?.list == ["c"])
    }

    @Test func `go on element by element, and see their own results`() throws {
        var story = try Story(Nodes.saga([orders]), input: ["items": [["a", "b"], ["c"]]])
        try story.answer("reserve[0][1]", .outcome("done", ["n": 2]))
        try story.answer("reserve[0][0]", .outcome("done", ["n": 1]))
        #expect(story.last.sent == ["do.pack pack[0]"])
        #expect(story.last.bodies == [[["n": 1], ["n": 2]]])
    }

    @Test func `are taken back from the inside out, side by side`() throws {
        var story = try Story(
            Nodes.saga([orders, Nodes.step("ship")]), input: ["items": [["a", "b"], ["c"]]])
        for path in ["reserve[0][0]", "reserve[0][1]", "reserve[1][0]", "pack[0]", "pack[1]"] {
            try story.answer(path)
        }
        try story.answer("ship", .outcome("no"))
        #expect(story.last.sent == ["undo.pack pack[1]", "undo.pack pack[0]"])
        try story.undo("pack[0]")
        #expect(story.last.sent == ["undo.reserve reserve[0][1]", "undo.reserve reserve[0][0]"])
        try story.undo("pack[1]")
        #expect(story.last.sent == ["undo.reserve reserve[1][0]"])
        for path in ["reserve[0][0]", "reserve[0][1]", "reserve[1][0]"] { try story.undo(path) }
        #expect(story.state.status == .compensated)
    }

    @Test func `are seen from outside as a list of lists, null where skipped`() throws {
        let isNotB = Expression.binary(
            .notEqual, .variable(.element("line")), .literal("b"))
        let lines = Nodes.each(
            [Nodes.step("reserve", when: isNotB)], name: "each#2", as: "line",
            of: .variable(.element("order")))
        let sum = Nodes.step("sum", body: .expression(.variable(.stepResults("reserve"))))
        var story = try Story(
            Nodes.saga([Nodes.each([lines], as: "order"), sum]),
            input: ["items": [["a", "b"], []]])
        #expect(story.phase("reserve[0][1]") == .skipped)
        try story.answer("reserve[0][0]", .outcome("done", ["n": 1]))
        #expect(story.last.bodies == [[[["n": 1], nil], []]])
    }

    @Test func `have no results where the list was skipped`() throws {
        let has = Expression.hasVariable(.stepResults("pay"))
        let story = try Story(
            Nodes.saga([
                Nodes.each([Nodes.step("pay")], when: .literal(.bool(false))),
                Nodes.step("sum", body: .expression(has)),
            ]), input: ["items": ["x"]])
        #expect(story.last.entries.contains(.skipped("each#1")))
        #expect(story.last.bodies == [false])
    }

    @Test func `let an element's later node see its earlier one's result`() throws {
        let result = Template.expression(.variable(.stepResult("pay")))
        var story = try Story(
            Nodes.saga([Nodes.each([Nodes.step("pay"), Nodes.step("book", body: result)])]),
            input: ["items": ["x", "y"]])
        try story.answer("pay[1]", .outcome("done", ["n": 2]))
        #expect(story.last.sent == ["do.book book[1]"])
        #expect(story.last.bodies == [["n": 2]])
    }

    @Test func `give an element's event its own data`() throws {
        let step = Step(
            name: "pay", subject: "do.pay",
            outcomes: [
                Outcome(
                    name: "done",
                    event: RaisedEvent(
                        event: "paid",
                        body: .map([
                            .init(
                                name: "item",
                                value: .expression(.variable(.element("item"))))
                        ])))
            ])
        var definition = Nodes.saga([Nodes.each([Node(body: .step(step))])])
        definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
        var story = try Story(definition, input: ["items": ["x", "y"]])
        try story.answer("pay[1]")
        guard case .raise(let event)? = story.last.effects.first else {
            Issue.record("expected an event")
            return
        }
        #expect(event.body == ["item": "y"])
    }

    @Test func `skip and branch inside an element`() throws {
        let branches = Nodes.parallel([
            ("left", [Nodes.step("a")]), ("right", [Nodes.step("b")]),
        ])
        var story = try Story(
            Nodes.saga([Nodes.each([branches, Nodes.step("c")], atMost: 1)]),
            input: ["items": ["x", "y"]])
        #expect(story.last.sent == ["do.a a[0]", "do.b b[0]"])
        try story.answer("a[0]")
        try story.answer("b[0]")
        #expect(story.last.entries.contains(.passed("parallel#1[0]")))
        #expect(story.last.sent == ["do.c c[0]"])
        try story.answer("c[0]")
        #expect(story.last.sent == ["do.a a[1]", "do.b b[1]"])
    }

    @Test func `are probed and settled element by element`() throws {
        let policy = ProbePolicy(
            subject: "ask.pay", every: .seconds(2), for: .seconds(60), otherwise: .stuck)
        var story = try Story(
            Nodes.saga([Nodes.each([Nodes.step("pay", unknown: .probe(policy))])]),
            input: ["items": ["x", "y"]])
        try story.answer("pay[1]", .retriable)
        #expect(story.last.sent == ["ask.pay pay[1]"])
        try story.when(story.reply(to: "pay[1]", .probe, .done))
        #expect(story.phase("pay[1]") == .completed)
        #expect(story.phase("pay[0]") == .running)
    }
}
