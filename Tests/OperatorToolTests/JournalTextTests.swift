import SagaCore
import Testing

@testable import OperatorTool

@Suite struct `A journal as text` {
    private func row(_ version: Int, _ input: Value, _ entries: [Value]) -> Value {
        [
            "version": .int(Int64(version)), "at": "2026-01-01T00:00:00.001Z", "input": input,
            "entries": .list(entries),
        ]
    }

    @Test func `has who proposed to settle what, who did it, and the evidence`() {
        let ada: Members = Members([
            ("step", "payment"), ("by", "ada"), ("reason", "paid back"), ("evidence", "receipt 1"),
        ])
        func act(_ kind: String, _ more: (String, Value)...) -> Value {
            var members = ada
            members["kind"] = .string(kind)
            for (name, value) in more { members[name] = value }
            return .map(members)
        }
        let rows = [
            row(5, act("propose_settling"), [act("settlement_proposed")]),
            row(6, act("propose_settling"), [act("settlement_proposed", ("outcome", "debited"))]),
            row(7, act("settle"), [act("operator_acted", ("verb", "settle"))]),
        ]
        #expect(
            JournalText.text(rows) == """

                Journal
                   5  00:00:00.001  ← payment is to be settled by ada: paid back
                                      ada proposes to settle payment as taken back, which another \
                person has to say, too: paid back (evidence: receipt 1)
                   6  00:00:00.001  ← payment is to be settled by ada: paid back
                                      ada proposes to settle payment as debited, which another \
                person has to say, too: paid back (evidence: receipt 1)
                   7  00:00:00.001  ← payment is settled by ada: paid back
                                      ada: settle payment paid back (evidence: receipt 1)

                """)
    }
}
