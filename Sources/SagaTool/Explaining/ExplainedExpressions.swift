import SagaLanguage

// What stands between `${` and `}`.
extension Explanation {
    static let expressions = [
        expression(
            "syntax", "The expression is not well formed.",
            why: "An expression is read as CEL; a part is missing or stands in the wrong place.",
            wrong: "${input.amount +}", right: "${input.amount + 1}"),
        expression(
            "unterminated-expression", "A ${ has no closing brace.",
            why: "Without it nobody knows where the text goes on.",
            wrong: "${input.amount", right: "${input.amount}"),
        expression(
            "unterminated-string", "A text in an expression has no closing quote.",
            why: "A text ends on its line; a line end inside it is written as an escape.",
            wrong: "${'euro\\nzone'}", right: "${'euro\\\\nzone'}"),
        expression(
            "too-long", "The expression is longer than 16 KiB.",
            why: "Each expression is checked and evaluated within a bounded cost.",
            wrong: "${'" + String(repeating: "x", count: 17_000) + "'}", right: "${'x'}",
            summary: "with: {value: \"${'xxxx … 17000 letters … '}\"}"),
        expression(
            "not-in-subset", "CEL has this, the saga language does not.",
            why: "The subset has no bytes, unsigned numbers or messages: JSON has none either.",
            wrong: "${b'abc'}", right: "${'abc'}"),
        expression(
            "incomplete-name", "The name stands for no value by itself.",
            why: "`saga` and `steps` only lead to values, such as `steps.payment.result`.",
            wrong: "${saga}", right: "${saga.id}"),
        expression(
            "mixed-numbers", "An int and a double are mixed in arithmetic.",
            why: """
                JSON's numbers are doubles, `int()` and `size()` give ints. CEL does not guess
                which of the two is meant.
                """,
            wrong: "${size(input.items) * 1.5}", right: "${double(size(input.items)) * 1.5}"),
        expression(
            "not-in-scope", "The variable exists, but not at this place.",
            why: "`result` is the reply at hand, and `failure` exists once compensation began.",
            wrong: "${failure.reason}", right: "${input.reason}"),
        expression(
            "unknown-variable", "There is no such variable.",
            why: "A misspelt variable would fail only when a saga runs; it is found here instead.",
            wrong: "${inptu.amount}", right: "${input.amount}"),
        expression(
            "unknown-function", "There is no such function.",
            why: "Expressions have a fixed set of functions that always end.",
            wrong: "${lenght(input.items)}", right: "${size(input.items)}"),
        expression(
            "wrong-arguments", "A function is given the wrong values, or written the wrong way.",
            why: "Each function takes a fixed number of values, before or between its brackets.",
            wrong: "${size()}", right: "${size(input.items)}"),
        expression(
            "unknown-field", "The value has no such member.",
            why: "What is known of a value from its schema is checked before anything runs.",
            wrong: "${saga.number}", right: "${saga.version}"),
        expression(
            "unknown-step", "There is no step of that name.",
            why: "A misspelt step would never have a result.",
            wrong: "${has(steps.paymnt.result)}", right: "${input.id}"),
        Explanation(
            DiagnosticCode(rawValue: "unusable-step"), "The step cannot be used at this place.",
            why: "A step that runs later, or the step itself, has no result yet.",
            wrong: .steps(
                """
                - step: payment
                  command: payments.debit
                  with: {review: "${steps.review.outcome}"}
                  compensate: none
                - {step: review, command: reviews.review, compensate: none}
                """),
            right: .steps(
                """
                - {step: review, command: reviews.review, compensate: none}
                - step: payment
                  command: payments.debit
                  with: {review: "${steps.review.outcome}"}
                  compensate: none
                """)),
        Explanation(
            DiagnosticCode(rawValue: "unguarded-step"),
            "The step may not have happened, and its use is not guarded.",
            why: """
                A step that may be skipped, is optional, or may not have been reached has no
                result in some runs. `has()` says what to do then.
                """,
            wrong: .steps(optional + "\n  with: {seen: \"${steps.mail.outcome}\"}"),
            right: .steps(
                optional + "\n  with: {seen: \"${has(steps.mail.outcome) ? 'yes' : 'no'}\"}")),
    ]

    private static let optional = """
        - {step: mail, command: mails.send, optional: true, compensate: none}
        - step: payment
          command: payments.debit
          compensate: none
        """

    private static func expression(
        _ code: String, _ meaning: String, why: String, wrong: String, right: String,
        summary: String? = nil
    ) -> Explanation {
        var example = step(wrong)
        example.summary = summary
        return Explanation(
            DiagnosticCode(rawValue: code), meaning, why: why, wrong: example, right: step(right))
    }

    private static func step(_ value: String) -> Example {
        .steps("- step: one\n  command: a.b\n  with: {value: \"\(value)\"}\n  compensate: none")
    }
}
