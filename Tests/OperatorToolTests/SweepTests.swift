import SagaCore
import SagaLanguage
import Testing

@testable import OperatorTool

private func definition(_ text: String) throws -> SagaDefinition {
    let loaded = DefinitionLoader.load(text: text, file: "x.yaml") { _ in
        .failure(UnreadableFile("there is none"))
    }
    return try #require(loaded.definition, "\(loaded.diagnostics.rendered)")
}

@Suite struct `A sweep's plan` {
    private func plan(
        _ text: String, isShort: Bool = false, entered: Set<String>? = nil
    ) throws -> [SweepCase] {
        SweepPlan(definition: try definition(text), isShort: isShort, entered: entered).cases
    }

    private static let two = """
        saga: pair
        version: 1
        steps:
          - step: first
            command: a.one
            compensate: {command: a.undo}
          - step: second
            command: b.two
            outcomes:
              done: {}
              full: {then: reject}
            compensate: {command: b.undo}
        """

    @Test func `has every step with every kind of failure, forward and back`() throws {
        let cases = try plan(Self.two)
        let forward = cases.filter { $0.target == "first" }.map(\.fault)
        #expect(
            forward == [
                "timeout", "lose_reply", "late_reply 2s", "duplicate 3", "delay 1s", "reorder",
                "error retriable", "store conflict", "store lost_connection",
                "store lost_commit_answer", "store slow 500ms", "bus disconnect",
                "bus publish_refused", "crash before_commit", "crash after_commit",
                "crash after_publish", "crash before_ack", "error final",
            ])
        #expect(cases.filter { $0.target == "second" }.map(\.fault).last == "outcome full")
        let back = cases.filter { $0.target == "first.compensate" }
        #expect(back.map(\.fault) == Array(forward.dropLast()))
        #expect(back.allSatisfy { $0.rules.count == 2 && $0.skipped == nil && !$0.isCancelled })
        #expect(back[0].rules[1]["outcome"] == "full")
        #expect(back[0].rules.map { $0["share"] } == ["0%", "0%"])
    }

    @Test func `has a later step refuse again where the daemon ended before that was stored`()
        throws
    {
        let back = try plan(Self.two).filter { $0.target == "first.compensate" }
        #expect(back.allSatisfy { $0.rules[0]["times"]?.whole == 1 && $0.rules[1]["times"] == nil })
    }

    @Test func `has a person cancel where no later step can turn the saga round`() throws {
        let cases = try plan(Self.two).filter { $0.target == "second.compensate" }
        #expect(!cases.isEmpty)
        #expect(cases.allSatisfy { $0.isCancelled && $0.skipped == nil })
        #expect(cases.allSatisfy { $0.rules[1]["late_reply"] == "3s" })
    }

    @Test func `takes nothing back from the pivot on`() throws {
        let text = Self.two.replacing(
            "    compensate: {command: b.undo}",
            with: "    unknown: stuck\n    pivot: true\n    compensate: {command: b.undo}")
        let cases = try plan(text).filter { $0.target == "second.compensate" }
        #expect(cases.map(\.skipped) == ["from the pivot on nothing is taken back"])
    }

    @Test func `says of each step that it cannot strike why`() throws {
        let text = """
            saga: mixed
            version: 1
            steps:
              - step: look
                ask: {title: Well?}
                timeout: 1h
                outcomes: {yes: {}, no: {then: reject}, timeout: {then: reject}}
              - step: parcel
                await: the parcel
                timeout: 1h
                outcomes: {sent: {}, timeout: {then: reject}}
                compensate: none
              - step: once
                command: a.one
                when: ${key == 'never'}
                compensate: none
            """
        let cases = try plan(text, entered: ["look", "parcel"])
        #expect(
            cases.map(\.skipped) == [
                "it asks a person, and sends no command",
                "it awaits an event, and sends no command",
                "the saga does not come there with this input",
            ])
    }

    @Test func `leaves out the errors after which a person is needed`() throws {
        let text = """
            saga: strict
            version: 1
            steps:
              - step: once
                command: a.one
                retry: none
                unknown: stuck
                failed: stuck
                compensate: {command: a.undo, retry: none}
            """
        let skipped = try plan(text).filter { $0.skipped != nil }
        #expect(
            skipped.map { "\($0.title): \($0.skipped ?? "")" } == [
                "once, error retriable: the step is stuck then, as the file says",
                "once, error final: the step is stuck then, as the file says",
                "once.compensate, error retriable: "
                    + "the compensation is stuck then, as the file says",
            ])
    }

    private static let asked = """
        saga: asked
        version: 1
        steps:
          - step: first
            command: a.one
            retry: {attempts: 3}
            unknown: {probe: a.status, every: 2s, for: 1m, otherwise: compensate}
            compensate: {command: a.undo}
        """

    @Test func `has the work done and its reply lost before a probe is struck`() throws {
        let cases = try plan(Self.asked).filter { $0.kind == .probe }
        #expect(cases.map(\.fault) == ["timeout", "lose_reply", "duplicate 3"])
        #expect(cases[0].rules.map { $0["times"]?.whole } == [1, 2, nil])
        #expect(cases[0].rules.map { $0["kind"] } == ["probe", "command", "command"])
        #expect(cases[0].rules.last?["lose_reply"] == true)
    }

    @Test func `has no attempt sent before a probe is struck, in short or where that takes long`()
        throws
    {
        let long = Self.asked.replacing("retry:", with: "timeout: 24h\n    retry:")
        for cases in [try plan(Self.asked, isShort: true), try plan(long)] {
            let probe = try #require(cases.first { $0.kind == .probe })
            #expect(probe.rules.map { $0["times"]?.whole } == [1, 3])
        }
    }

    @Test func `ends no daemon that is not ours`() throws {
        let plan = SweepPlan(definition: try definition(Self.two), mayEndDaemon: false)
        let crashes = plan.cases.filter(\.endsDaemon)
        #expect(!crashes.isEmpty)
        #expect(crashes.allSatisfy { $0.skipped != nil })
    }
}

@Suite struct `A sweep's verdict` {
    private func verdict(_ saga: Value, _ entries: [Value] = []) -> SweepVerdict {
        let row: Value = ["at": "2026-01-01T00:00:00Z", "entries": .list(entries)]
        let end: Value = [
            "at": "2026-01-01T00:00:01.5Z",
            "entries": [["kind": "ended", "status": "compensated"]],
        ]
        return SweepVerdict(saga: saga, journal: [row, end])
    }

    private static let one = """
        saga: one
        version: 1
        steps:
          - step: a
            command: a.do
            compensate: {command: a.undo}
        """

    private func taken(_ state: Value) -> SweepVerdict {
        let opened: Value = [
            "kind": "command_opened", "step": "a", "command": "command", "command_id": "c-1",
        ]
        return verdict(
            [
                "status": "compensated", "ended_at": "2026-01-01T00:00:00Z", "open": [],
                "steps": ["a": state],
            ], [opened])
    }

    @Test func `is good where the saga has ended`() throws {
        let one = try definition(Self.one)
        let saga: Value = ["status": "completed", "ended_at": "2026-01-01T00:00:00Z", "open": []]
        #expect(verdict(saga).problems(one) == [])
    }

    @Test func `is bad where anything is missing`() throws {
        let one = try definition(Self.one)
        let running: Value = [
            "status": "stuck", "open": [["step": "a"]], "steps": ["a": ["stuck": "no answer"]],
        ]
        #expect(
            verdict(running).problems(one) == [
                "it has not ended", "commands are open still", "a is stuck: no answer",
            ])
        for left: Value in [
            ["state": "completed", "compensation": "stuck"], ["state": "completed"],
            ["state": "unknown"],
        ] {
            #expect(taken(left).problems(one) == ["a is done and not taken back"])
        }
        #expect(
            taken(["state": "completed", "compensation": "done"]).problems(one) == [])
    }

    @Test func `is bad where the step was to be taken back and was not`() {
        let back = SweepCase(step: "a", kind: .compensation, fault: "timeout", rules: [])
        let forward = SweepCase(step: "a", kind: .command, fault: "timeout", rules: [])
        let kept = taken(["state": "completed"])
        #expect(
            kept.omissions(of: back) == ["a was not taken back, as the case has it"])
        #expect(kept.omissions(of: forward) == [])
        #expect(
            taken(["state": "completed", "compensation": "done"]).omissions(of: back) == [])
    }

    @Test func `holds each step's account against the books`() {
        func judge(_ state: Value, _ count: Int) -> (words: String, problems: [String]) {
            SweepBooks.judge(taken(state).steps, ["c-1": count])
        }
        #expect(judge(["state": "completed"], 1).words == "a")
        #expect(judge(["state": "completed"], 1).problems == [])
        #expect(judge(["state": "completed"], 2).words == "a × 2")
        #expect(
            judge(["state": "completed"], 2).problems
                == ["a is done, and stands 2 times in the books"])
        #expect(
            judge(["state": "completed"], 0).problems
                == ["a is done, and stands 0 times in the books"])
        for undone: Value in [
            ["state": "completed", "compensation": "done"], ["state": "rejected"],
        ] {
            #expect(judge(undone, 0).words == "net to nothing")
            #expect(judge(undone, 0).problems == [])
            #expect(
                judge(undone, 1).problems
                    == ["a is not, or no longer, done, and stands 1 times in the books"])
        }
    }

    @Test func `times the way back`() {
        let turned: Value = ["kind": "turned"]
        let saga: Value = ["status": "compensated"]
        #expect(verdict(saga, [turned]).compensationMilliseconds == 1500)
        #expect(verdict(saga).compensationMilliseconds == nil)
    }
}

@Suite struct `A sweep's report` {
    private func result(_ change: (inout SweepResult) -> Void = { _ in }) -> SweepResult {
        var result = SweepResult(
            swept: SweepCase(
                step: "payment", kind: .compensation, fault: "lose_reply", rules: []))
        result.end = "compensated"
        result.compensationMilliseconds = 12
        result.milliseconds = 3500
        change(&result)
        return result
    }

    @Test func `is fine where all that ran ended well`() {
        let skipped = result { $0.swept.skipped = "why not" }
        let report = SweepReport(saga: "order", results: [result(), skipped])
        #expect(report.isFine)
        #expect(report.summary == "✓ 1 of 1 ended well, 1 not run")
        let none = SweepReport(saga: "order", results: [skipped])
        #expect(!none.isFine)
        #expect(none.summary == "✗ nothing was run, 1 not run")
        #expect(report.junit.contains(#"<skipped message="why not"/>"#))
    }

    @Test func `tells what did not end well in each form`() {
        let report = SweepReport(
            saga: "order", results: [result { $0.problems = ["a < b | \"c\""] }])
        #expect(!report.isFine)
        #expect(report.text.contains("✗ a < b | \"c\""))
        #expect(
            report.markdown.contains("| payment.compensate | lose_reply | compensated | 12 ms |"))
        #expect(report.markdown.contains("a < b \\| \"c\""))
        #expect(report.junit.contains(#"failures="1""#))
        #expect(report.junit.contains(#"time="3.5""#))
        #expect(report.junit.contains(#"<failure message="a &lt; b | &quot;c&quot;"/>"#))
    }
}
