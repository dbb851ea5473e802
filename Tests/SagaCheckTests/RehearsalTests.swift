import SagaCore
import SagaLanguage
import Testing

@testable import SagaCheck

/// Definitions and scenario files as tests write them.
enum Sample {
    static func definition(_ text: String) throws -> SagaDefinition {
        let loaded = DefinitionLoader.load(canonical: text, file: "sample.yaml")
        #expect(loaded.diagnostics.rendered == "")
        return try #require(loaded.definition)
    }

    /// Two steps: the first is taken back with a command, the second asks for review.
    static let order = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        intake: {path: /api/orders, id: order_id, event: created}
        steps:
          - step: payment
            command: payments.debit
            timeout: 10s
            retry: {attempts: 2, initial: 1s, jitter: 0%}
            outcomes:
              debited: {event: paid, data: {payment_id: "${result.payment_id}"}}
              declined: {then: reject}
            compensate: {command: payments.void, event: voided}
          - step: review
            command: reviews.review
            timeout: 24h
            retry: none
            outcomes: {approved: {}, rejected: {then: reject}}
            compensate: none
        finish: {completed: {event: approved}, compensated: {event: rejected}}
        """

    static func read(_ text: String, about definition: String = order) throws -> ScenarioFile {
        let read = ScenarioFile.read(
            text: text, file: "order.test.yaml", about: try Self.definition(definition))
        #expect(read.diagnostics.rendered == "")
        return try #require(read.file)
    }

    /// What comes of one scenario, written without its name.
    static func result(_ scenario: String) throws -> ScenarioResult {
        let text = "saga: order\nscenarios:\n  - name: it\n" + indented(scenario)
        let file = try read(text)
        return ScenarioResult.of(file.scenarios[0], file.definition)
    }

    static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    /// What is wrong with a scenario file, as `LINE:COLUMN code`.
    static func mistakes(_ text: String) throws -> [String] {
        ScenarioFile.read(
            text: text, file: "order.test.yaml", about: try definition(order)
        ).diagnostics.map { "\($0.line):\($0.column) \($0.code.rawValue)" }
    }
}

@Suite struct `A rehearsal` {
    @Test func `goes well where a scenario gives nothing`() throws {
        let result = try Sample.result(
            "expect: {status: completed, events: [created, paid, approved]}")
        #expect(result.differences == [])
    }

    @Test func `takes the answers attempt by attempt, and repeats the last`() throws {
        let result = try Sample.result(
            """
            given: {payment: [timeout, {debited: {payment_id: p-1}}], review: rejected}
            expect:
              status: compensated
              compensated: [payment]
              commands: {payments.debit: 2, payments.void: 1}
              data: {paid: {payment_id: p-1}}
              steps: {review: rejected, payment: completed}
              failure: {step: review}
            """)
        #expect(result.differences == [])
        let lost = try Sample.result(
            "given: {payment: timeout}\nexpect: {commands: {payments.debit: 2}}")
        #expect(lost.differences == [])
    }

    @Test func `tells a step that was never entered`() throws {
        let declined = try Sample.result(
            "given: {payment: declined}\nexpect: {steps: {payment: rejected, review: never}}")
        #expect(declined.differences == [])
        let approved = try Sample.result("expect: {steps: {review: never}}")
        #expect(
            approved.differences == [
                .init(subject: "steps.review", expected: "never", found: "approved")
            ])
        let unknown = try Sample.result(
            "given: {payment: declined}\nexpect: {steps: {review: rejected}}")
        #expect(unknown.differences.map(\.found) == ["never"])
    }

    @Test func `lets a day pass in no time`() throws {
        let result = try Sample.result("given: {review: timeout}\nexpect: {status: compensated}")
        #expect(result.differences == [])
        #expect(result.timeline.text.contains("24h0m0.001s"))
    }

    @Test func `has late and doubled answers`() throws {
        let late = try Sample.result(
            "given: {payment: [timeout, {late: debited}]}\nexpect: {commands: {payments.void: 2}}")
        #expect(late.differences == [])
        let doubled = try Sample.result(
            "given: {payment: duplicate}\nexpect: {events: [created, paid, approved]}")
        #expect(doubled.differences == [])
        #expect(doubled.timeline.text.contains("nothing changes"))
    }

    @Test func `has operators`() throws {
        let cancelled = try Sample.result(
            "operator: [{cancel: review, reason: a call}]\n"
                + "expect: {status: compensated, failure: {kind: cancel, reason: a call}}")
        #expect(cancelled.differences == [])
        let settled = try Sample.result(
            """
            given: {review: rejected, payment.compensate: {error: {code: x, retriable: false}}}
            operator: [{settle: payment.compensate}]
            expect: {status: settled}
            """)
        #expect(settled.differences == [])
    }

    @Test func `says what was expected, what was found, and where`() throws {
        let result = try Sample.result(
            "given: {payment: {debited: {payment_id: p-1}}, review: rejected}\n"
                + "expect: {status: completed, events: [created, approved], compensated: []}")
        #expect(result.differences.map(\.subject) == ["status", "events", "compensated"])
        #expect(result.differences[1].expected == "[created, approved]")
        #expect(result.differences[1].found == "[created, paid, voided, rejected]")
        let marked = result.timeline.text.split(separator: "\n").filter { $0.hasPrefix(">") }
        #expect(marked.count == 2)
        #expect(marked[0].contains("● event paid    <-- expected: event approved"))
        #expect(marked[1].contains("= compensated    <-- expected: completed"))
    }

    @Test func `that never ends is cut short and says so`() throws {
        let result = try Sample.result(
            "given: {review: rejected, payment.compensate: timeout}\nexpect: {status: compensated}")
        #expect(
            result.differences.map(\.found) == ["compensating, and still so after 1000 inputs"])
    }

    @Test func `runs the same way every time`() throws {
        let scenario = "given: {payment: [timeout, debited]}\nexpect: {status: compensated}"
        #expect(try Sample.result(scenario) == Sample.result(scenario))
    }
}

@Suite struct `A scenario file` {
    @Test func `is read with every mistake in its place`() throws {
        let mistakes = try Sample.mistakes(
            """
            saga: ordr
            scenarios:
              - name: one
                given: {paymnt: debited, payment: debitted, review.compensate: done}
                expect:
                  status: complete
                  events: [created, payed]
                  commands: {payments.debt: 1}
                  steps: {payment: debitted}
                  data: {pad: {}}
                  evnts: []
              - name: one
              - given: {}
            """)
        #expect(
            mistakes == [
                "1:7 unknown-saga", "4:13 unknown-step", "4:39 unknown-outcome",
                "4:49 unknown-step", "6:15 unknown-word", "7:25 unknown-event",
                "8:18 unknown-subject", "9:24 unknown-outcome", "10:14 unknown-event",
                "11:7 unknown-key", "12:11 duplicate-name", "13:5 missing-key",
            ])
    }

    @Test func `takes the input of the scenario before`() throws {
        let file = try Sample.read(
            """
            saga: order
            input: {a: 1}
            scenarios:
              - name: first
              - name: second
                input: {a: 2}
              - name: third
            """)
        #expect(file.scenarios.map(\.input) == [["a": 1], ["a": 2], ["a": 2]])
    }

    @Test func `reads reactions in all their forms`() throws {
        let file = try Sample.read(
            """
            saga: order
            scenarios:
              - name: all
                given:
                  payment:
                    - debited
                    - {debited: {payment_id: p-1}}
                    - timeout
                    - late
                    - {late: declined}
                    - duplicate
                    - {error: {code: down, message: later, retriable: true}}
                    - {error: {code: gone, retriable: false}}
                  payment.compensate: done
            """)
        let nothing = Value.map(Members())
        let debited = Reply.Answer.outcome("debited", nothing)
        #expect(
            file.scenarios[0].given[Target("payment")] == [
                .answer(debited), .answer(.outcome("debited", ["payment_id": "p-1"])), .timeout,
                .late(debited), .late(.outcome("declined", nothing)), .duplicate(debited),
                .answer(.error(code: "down", message: "later", isRetriable: true)),
                .answer(.error(code: "gone", message: "", isRetriable: false)),
            ])
        #expect(
            file.scenarios[0].given[Target("payment", .compensation)]
                == [.answer(.outcome("done", nothing))])
    }

    @Test func `has invariants over status, steps and events`() throws {
        let mistakes = try Sample.mistakes(
            """
            saga: order
            invariants:
              - {name: fine, holds: "${status != 'stuck' || size(events) > 0}"}
              - {name: typed, holds: "${steps.payment.state}"}
              - {name: misspelt, holds: "${steps.paymnt.state == 'running'}"}
              - {name: constant, holds: "true"}
            """)
        #expect(mistakes == ["4:26 wrong-type", "5:29 unknown-field", "6:29 not-an-expression"])
    }
}
