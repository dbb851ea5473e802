@testable import SagaCore
import Testing

@Suite struct `Branches` {
    /// `a`, then `b` beside `c` and `d`, then `e`.
    private func story(blocks: Bool = false) throws -> Story {
        var story = try Story(
            Nodes.saga([
                Nodes.step("a"),
                Nodes.parallel([
                    ("left", [Nodes.step("b", blocks: blocks)]),
                    ("right", [Nodes.step("c"), Nodes.step("d")]),
                ]),
                Nodes.step("e"),
            ]))
        try story.answer("a")
        return story
    }

    @Test func `begin at the same time, in file order`() throws {
        var story = try Story(
            Nodes.saga([
                Nodes.step("a"),
                Nodes.parallel([
                    ("left", [Nodes.step("b")]), ("right", [Nodes.step("c")]),
                ]),
            ]))
        let ids = [story.nextID(1), story.nextID(2)]
        let decision = try story.answer("a")
        let commands = zip(ids, ["b", "c"]).map { id, name in
            OpenCommand(
                id: id, path: name, kind: .command, subject: "do.\(name)", body: .document,
                since: story.now, dueAt: story.now + .seconds(10),
                resendAt: story.now + .seconds(30))
        }
        #expect(
            decision.entries == [
                .stepCompleted("a", outcome: "done", result: .map(Members())),
                .entered("parallel#1", list: nil),
                .commandOpened(commands[0]), .commandOpened(commands[1]),
            ])
        #expect(decision.sent == ["do.b b", "do.c c"])
    }

    @Test func `go on each by itself, and the saga when all are done`() throws {
        var story = try story()
        try story.answer("c")
        #expect(story.last.sent == ["do.d d"])
        try story.answer("b")
        #expect(story.last.entries == [.stepCompleted("b", outcome: "done", result: [:])])
        #expect(story.state.status == .running)
        try story.answer("d")
        #expect(story.last.entries.contains(.passed("parallel#1")))
        #expect(story.last.sent == ["do.e e"])
        try story.answer("e")
        #expect(story.state.status == .completed)
    }

    @Test func `turn round together: one rejects while another is in flight`() throws {
        var story = try story()
        try story.answer("c")
        let d = try #require(story.open("d")).id
        let failure = Failure(step: "b", kind: .outcome, outcome: "no", reply: [:])
        try story.answer("b", .outcome("no"))
        #expect(
            story.last.entries == [
                .stepRejected("b", outcome: "no", result: [:]), .turned(failure),
                .statusChanged(.compensating),
            ], "d is awaited until its own timeout, which is sooner than the grace")
        #expect(story.last.effects.isEmpty)
        #expect(story.state.open.map(\.id) == [d])
        try story.answer("d")
        #expect(story.last.sent == ["undo.d d"], "its branch goes back from its end")
        try story.undo("d")
        #expect(story.last.sent == ["undo.c c"])
        try story.undo("c")
        #expect(story.last.sent == ["undo.a a"], "only after the whole group")
        try story.undo("a")
        #expect(story.state.status == .compensated)
    }

    @Test func `have what waits for its next attempt given up when another rejects`() throws {
        var story = try Story(
            Nodes.saga([
                Nodes.parallel([
                    ("left", [Nodes.step("b", retry: RetryPolicy())]),
                    ("right", [Nodes.step("c")]),
                ])
            ]))
        try story.answer("b", .retriable)
        try story.answer("c", .outcome("no"))
        #expect(story.last.sent == ["undo.b b"])
        #expect(story.phase("b") == .unknown)
    }

    @Test func `record a second rejection and keep the first`() throws {
        var story = try story()
        try story.answer("b", .outcome("no"))
        try story.answer("c", .outcome("no"))
        #expect(
            story.last.entries.contains(
                .failedFurther(Failure(step: "c", kind: .outcome, outcome: "no", reply: [:]))))
        #expect(story.state.failure?.step == "b")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `are taken back at the same time`() throws {
        var story = try story()
        for path in ["b", "c", "d"] { try story.answer(path) }
        try story.answer("e", .outcome("no"))
        #expect(story.last.sent == ["undo.b b", "undo.d d"])
        try story.undo("b")
        #expect(story.last.sent.isEmpty)
        try story.undo("d")
        #expect(story.last.sent == ["undo.c c"])
        try story.undo("c")
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `do not hold up what is earlier when a compensation is stuck`() throws {
        var story = try story()
        for path in ["b", "c", "d"] { try story.answer(path) }
        try story.answer("e", .outcome("no"))
        try story.undo("b", .final)
        #expect(story.state.status == .compensating, "the other branch still moves")
        try story.undo("d")
        try story.undo("c")
        #expect(story.last.sent == ["undo.a a"])
        try story.undo("a")
        #expect(story.state.status == .stuck)
    }

    @Test func `hold up what is earlier when a stuck compensation blocks`() throws {
        var story = try story(blocks: true)
        for path in ["b", "c", "d"] { try story.answer(path) }
        try story.answer("e", .outcome("no"))
        try story.undo("b", .final)
        try story.undo("d")
        #expect(story.last.sent == ["undo.c c"], "the other branch is not held up")
        try story.undo("c")
        #expect(story.last.sent.isEmpty)
        #expect(story.state.status == .stuck)
        try story.when(.settle("b", .compensated, Nodes.action))
        #expect(story.last.sent == ["undo.a a"])
    }

    @Test func `leave the saga running while one is stuck and another moves`() throws {
        var story = try Story(
            Nodes.saga([
                Nodes.parallel([
                    ("left", [Nodes.step("b", unknown: .stuck)]),
                    ("right", [Nodes.step("c")]),
                ])
            ]))
        try story.answer("b", .retriable)
        #expect(story.phase("b") == .stuck)
        #expect(story.state.status == .running)
        try story.answer("c")
        #expect(story.state.status == .stuck, "nothing else moves")
        try story.when(.settle("b", .outcome("done", [:]), Nodes.action))
        #expect(story.state.status == .settled)
    }

    @Test func `are let go of when stuck and the saga turns round`() throws {
        var story = try Story(
            Nodes.saga([
                Nodes.parallel([
                    ("left", [Nodes.step("b", unknown: .stuck)]),
                    ("right", [Nodes.step("c")]),
                ])
            ]))
        try story.answer("b", .retriable)
        try story.answer("c", .outcome("no"))
        #expect(story.last.sent == ["undo.b b"])
    }

    @Test func `are skipped as a whole where their condition is false`() throws {
        let story = try Story(
            Nodes.saga([
                Nodes.parallel(
                    [("left", [Nodes.step("b")])], when: .literal(.bool(false))),
                Nodes.step("e"),
            ]))
        #expect(
            Array(story.last.entries.prefix(2)) == [
                .started(deadline: nil), .skipped("parallel#1"),
            ])
        #expect(story.last.sent == ["do.e e"])
    }

    @Test func `turn the saga round where their condition has no value`() throws {
        let story = try Story(
            Nodes.saga([
                Nodes.parallel(
                    [("left", [Nodes.step("b")])], when: .field(.variable(.input), "gone"))
            ]))
        #expect(story.state.failure?.kind == .expression)
        #expect(story.state.failure?.step == "parallel#1")
        #expect(story.state.status == .compensated)
    }

    @Test func `need an operator after the point of no return where a condition has no value`()
        throws
    {
        var story = try Story(
            Nodes.saga([
                Nodes.pivot(),
                Nodes.parallel(
                    [("left", [Nodes.step("b")])], when: .field(.variable(.input), "gone")),
            ]))
        try story.answer("pivot")
        #expect(story.state.status == .stuck)
        #expect(story.state.failure == nil)
        var other = story
        try other.when(.retry("parallel#1", body: nil, Nodes.action))
        #expect(other.last.sent == ["do.b b"])
        try story.when(.settle("parallel#1", .outcome("done", [:]), Nodes.action))
        #expect(story.state.status == .settled)
    }
}
