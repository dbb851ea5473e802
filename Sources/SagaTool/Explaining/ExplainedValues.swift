import SagaLanguage

// What a key and its value are.
extension Explanation {
    static let values = [
        Explanation(
            .unknownKey, "The language has no such key here.",
            why: "A misspelt key that is passed over is a rule that silently does not hold.",
            wrong: .steps("- step: one\n  command: a.b\n  timout: 5s\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  timeout: 5s\n  compensate: none")),
        Explanation(
            .missingKey, "A key that must be written is not.",
            why: "What has no sensible default is asked for, not guessed.",
            wrong: .steps("- step: one\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  compensate: none")),
        Explanation(
            .keyNotHere, "The key belongs to another kind of node.",
            why: "A question sends no command; what it would mean here nobody can say.",
            wrong: .steps(
                """
                - parallel:
                    left: [{step: one, command: a.b, compensate: none}]
                    right: [{step: two, command: c.d, compensate: none}]
                  timeout: 5s
                """),
            right: .steps(
                """
                - parallel:
                    left: [{step: one, command: a.b, timeout: 5s, compensate: none}]
                    right: [{step: two, command: c.d, compensate: none}]
                """)),
        Explanation(
            .wrongType, "A value, or an expression, has another type than its place takes.",
            why: "YAML guesses types from how a scalar looks; here the key decides.",
            wrong: .steps("- step: one\n  command: a.b\n  optional: \"true\"\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  optional: true\n  compensate: none")),
        Explanation(
            .outOfRange, "A number, a duration or a count is outside its range.",
            why: "Each bound keeps a definition within what the daemon can promise.",
            wrong: .steps(
                "- step: one\n  command: a.b\n  retry: {attempts: 0}\n  compensate: none"),
            right: .steps(
                "- step: one\n  command: a.b\n  retry: {attempts: 3}\n  compensate: none")),
        Explanation(
            .unknownWord, "The word is none of those to choose from.",
            why: "A choice that is misspelt must not fall back on the default.",
            wrong: .steps("- step: one\n  command: a.b\n  failed: rejekt\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  failed: reject\n  compensate: none")),
        Explanation(
            .badDuration, "The text is no duration.",
            why: "Durations are whole numbers with a unit, so that nobody mistakes 5 for minutes.",
            wrong: .steps("- step: one\n  command: a.b\n  timeout: 10 s\n  compensate: none"),
            right: .steps("- step: one\n  command: a.b\n  timeout: 1m30s\n  compensate: none")),
        Explanation(
            .badName, "A name has characters that it must not have.",
            why: """
                Names become subjects, headers, routes and variables of expressions, where other
                characters would be read as punctuation.
                """,
            wrong: .steps("- step: take payment\n  command: a.b\n  compensate: none"),
            right: .steps("- step: take_payment\n  command: a.b\n  compensate: none")),
        Explanation(
            .reservedName, "The name belongs to the daemon or the protocol.",
            why: """
                Streams that begin with SAGA hold commands and replies; `never` and `pending` are
                what a probe answers.
                """,
            wrong: .top("aggregate: {type: order, stream: SAGA_ORDERS}"),
            right: .top("aggregate: {type: order, stream: ORDERS}")),
        Explanation(
            .badPath, "The intake's path cannot be a route.",
            why: "It must begin with a slash and leave the daemon's own routes alone.",
            wrong: .top("intake: {path: api/examples}"),
            right: .top("intake: {path: /api/examples}")),
        Explanation(
            .duplicateName, "Another step has that name.",
            why: "The name is how the journal, routes and expressions tell steps apart.",
            wrong: .steps(
                """
                - {step: one, command: a.b, compensate: none}
                - {step: one, command: c.d, compensate: none}
                """),
            right: .steps(
                """
                - {step: one, command: a.b, compensate: none}
                - {step: two, command: c.d, compensate: none}
                """)),
        Explanation(
            .conflictingKeys, "Two keys exclude each other.",
            why: "Both say the same thing in different words, and only one could count.",
            wrong: .top("intake: {path: /api/examples}\ninput: {type: object}"),
            right: .top("intake: {path: /api/examples, schema: {type: object}}")),
        Explanation(
            .badSchema, "A JSON Schema is wrong, or outside the subset.",
            why: "A keyword that is passed over would let in what its author meant to keep out.",
            wrong: .top("input: {type: objekt}"), right: .top("input: {type: object}")),
        Explanation(
            .notAnExpression, "A constant stands where an expression must.",
            why: "A condition or key that never changes is a mistake in almost every case.",
            wrong: .top("key: order-1"), right: .top("key: ${input.order_id}")),
    ]
}
