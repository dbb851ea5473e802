import LoadClient
import SagaCore
import SagaLanguage
import SagaTool
import Testing

@testable import OperatorTool

@Suite struct `A sweep's plan` {
    private func plan(_ text: String, isShort: Bool = false) throws -> [SweepCase] {
        let loaded = DefinitionLoader.load(text: text, file: "x.yaml") { _ in
            .failure(UnreadableFile("there is none"))
        }
        let definition = try #require(loaded.definition, "\(loaded.diagnostics.rendered)")
        return SweepPlan(definition: definition, isShort: isShort).cases
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
        #expect(back.allSatisfy { $0.rules.count == 2 && $0.skipped == nil })
        #expect(back[0].rules[1]["outcome"] == "full")
        #expect(back[0].rules.map { $0["share"] } == ["0%", "0%"])
    }

    @Test func `says why it does not have what cannot be brought about`() throws {
        let cases = try plan(Self.two).filter { $0.target == "second.compensate" }
        #expect(!cases.isEmpty)
        #expect(cases.allSatisfy { $0.skipped?.contains("no later step") == true })
    }

    @Test func `has its attempts fail before a probe is struck`() throws {
        let cases = try plan(
            """
            saga: asked
            version: 1
            steps:
              - step: first
                command: a.one
                retry: {attempts: 3}
                unknown: {probe: a.status, every: 2s, for: 1m, otherwise: compensate}
                compensate: {command: a.undo}
            """
        ).filter { $0.kind == .probe }
        #expect(cases.map(\.fault) == ["timeout", "lose_reply", "duplicate 3"])
        #expect(cases[0].rules.map { $0["times"]?.whole } == [1, 3])
        #expect(cases[0].rules.map { $0["kind"] } == ["probe", "command"])
    }

    @Test func `ends no daemon that is not ours`() throws {
        let loaded = DefinitionLoader.load(text: Self.two, file: "x.yaml") { _ in
            .failure(UnreadableFile("there is none"))
        }
        let definition = try #require(loaded.definition)
        let plan = SweepPlan(definition: definition, mayEndDaemon: false)
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

    @Test func `is good where the saga has ended and the fault struck`() {
        let saga: Value = ["status": "completed", "ended_at": "2026-01-01T00:00:00Z", "open": []]
        #expect(verdict(saga).problems(hasStruck: true) == [])
    }

    @Test func `is bad where anything is missing`() {
        let running: Value = ["status": "running", "open": [["step": "a"]]]
        #expect(
            verdict(running).problems(hasStruck: false) == [
                "it has not ended", "commands are open still", "the fault did not strike",
            ])
        let left: Value = [
            "status": "compensated", "ended_at": "2026-01-01T00:00:00Z", "open": [],
            "steps": ["a": ["state": "completed", "compensation": "stuck"]],
        ]
        #expect(
            verdict(left).problems(hasStruck: true) == ["a is done and not taken back"])
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
        change(&result)
        return result
    }

    @Test func `is fine where all that ran ended well`() {
        let skipped = result { $0.swept.skipped = "why not" }
        let report = SweepReport(saga: "order", results: [result(), skipped])
        #expect(report.isFine)
        #expect(report.summary == "✓ 1 of 1 ended well, 1 not run")
        #expect(!SweepReport(saga: "order", results: [skipped]).isFine)
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
        #expect(report.junit.contains(#"<failure message="a &lt; b | &quot;c&quot;"/>"#))
    }
}

@Suite(.timeLimit(.minutes(5))) struct `The order saga` {
    @Test func `ends well whatever strikes, in short`() async throws {
        let programs = try Programs.findForTests()
        let run = await sagactl([
            "sweep", "\(programs.sagas)/order.yaml", "--short", "--programs", programs.folder,
        ])
        #expect(run.status == .fine, "\(run.output)\(run.problems)")
        #expect(run.output.contains("ended well"))
        for fault in ["crash after_commit", "lose_reply", "store lost_commit_answer"] {
            #expect(run.output.contains(fault))
        }
    }
}
