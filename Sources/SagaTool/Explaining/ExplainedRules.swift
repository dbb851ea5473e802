import SagaLanguage

// How a saga can end, and what the pivot forbids.
extension Explanation {
    static let rules = [
        Explanation(
            .missingCompensation, "Nothing says how the step is taken back.",
            why: """
                When a later step is rejected, this one may have been done. A file that says
                nothing would end the saga with the work neither kept nor undone, so silence is an
                error: name the command, or say `none` where there is nothing to undo.
                """,
            wrong: .steps("- step: payment\n  command: payments.debit"),
            right: .steps(
                """
                - step: payment
                  command: payments.debit
                  compensate:
                    command: payments.void
                    with:
                      order_id: ${key}
                """)),
        Explanation(
            .rejectAfterPivot, "Something would turn the saga round after its pivot.",
            why: "Once the pivot has completed there is no way back: what follows must succeed.",
            wrong: .steps(
                pivot + """

                    - step: ship
                      command: shipping.ship
                      outcomes: {shipped: {}, refused: {then: reject}}
                    """),
            right: .steps(
                pivot + """

                    - step: ship
                      command: shipping.ship
                      outcomes: {shipped: {}, outsourced: {}}
                    """)),
        Explanation(
            .compensateAfterPivot, "A step after the pivot names a compensation.",
            why: "Nothing after the pivot is ever taken back; the command would never be sent.",
            wrong: .steps(
                pivot + """

                    - step: ship
                      command: shipping.ship
                      compensate: {command: shipping.call_back}
                    """),
            right: .steps(pivot + "\n- {step: ship, command: shipping.ship}")),
        Explanation(
            .secondPivot, "The file has two pivots.",
            why: "There is one point of no return; after it a second could not reject.",
            wrong: .steps(
                pivot + """

                    - step: ship
                      command: shipping.ship
                      unknown: stuck
                      pivot: true
                    """),
            right: .steps(pivot + "\n- {step: ship, command: shipping.ship}")),
        Explanation(
            .pivotNotCertain, "The pivot may be skipped, or given up.",
            why: "Whether there is a way back must not depend on a condition nobody looks at.",
            wrong: .steps(
                """
                - step: capture
                  when: ${input.paid}
                  command: payments.capture
                  unknown: stuck
                  pivot: true
                """),
            right: .steps(pivot)),
        Explanation(
            .pivotUnknown, "The pivot does not say what happens when nobody knows.",
            why: """
                If its answers are lost, the pivot may have happened, and then there is no way
                back. Going back would be wrong, going on a guess: ask with a probe, or wait for
                an operator.
                """,
            wrong: .steps("- step: capture\n  command: payments.capture\n  pivot: true"),
            right: .steps(
                """
                - step: capture
                  command: payments.capture
                  unknown: {probe: payments.status, every: 2s, for: 1m, otherwise: stuck}
                  pivot: true
                """)),
        Explanation(
            .unboundedRetry, "Attempts without end that nothing bounds.",
            why: "Before the pivot such a saga could wait for ever, holding what it has done.",
            wrong: .steps("- step: one\n  command: a.b\n  retry: forever\n  compensate: none"),
            right: Example(
                """
                saga: example
                version: 1
                deadline: 2h
                steps:
                  - step: one
                    command: a.b
                    retry: forever
                    compensate: none
                """)),
        Explanation(
            .endlessWait, "A question, or an awaited event, that nothing ends.",
            why: "People forget and events get lost; the saga would wait for ever, unseen.",
            wrong: .steps(
                """
                - step: invoice
                  await: the invoice is paid
                  outcomes: {paid: {}}
                """),
            right: .steps(
                """
                - step: invoice
                  await: the invoice is paid
                  timeout: 30d
                  outcomes: {paid: {}}
                """)),
        Explanation(
            .missingTimeoutOutcome, "No outcome says what silence means to a question.",
            why: "Silence never approves: the file says what follows from it.",
            wrong: .steps(
                """
                - step: approval
                  ask: {title: May we?}
                  timeout: 1d
                  outcomes: {approved: {}, refused: {then: reject}}
                """),
            right: .steps(
                """
                - step: approval
                  ask: {title: May we?}
                  timeout: 1d
                  outcomes: {approved: {}, refused: {then: reject}, timeout: {then: reject}}
                """)),
    ]

    private static let pivot = """
        - step: capture
          command: payments.capture
          unknown: stuck
          pivot: true
        """
}
