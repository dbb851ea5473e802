// The tables of steps and their parts.
extension KeyTable {
    static let commandStep = KeyTable(
        "a step",
        [
            step, when,
            .required(
                "command", .name(.subject), "The command that is sent, such as `payments.debit`."),
            .optional("with", .template, "The command's body; the document by default."),
            .optional(
                "timeout", .duration(allowsZero: false),
                "The time from sending an attempt until its outcome."),
            .optional(
                "retry", .choiceOrTable(["none", "forever"], .retry),
                "How technical failures are tried again; after the pivot forever by default."),
            .optional(
                "unknown", .choiceOrTable(["compensate", "stuck"], .probe),
                "What happens when nobody knows whether the step was done."),
            .optional(
                "failed", .choice(["reject", "stuck"]),
                "What a non-retriable error leads to."),
            isOptional,
            .optional(
                "outcomes", .namedTables(.outcome),
                "The answers a participant may give; `done: {}` by default."),
            .optional(
                "compensate", .choiceOrTable(["none"], .compensation),
                "What takes the step back; must be written before the pivot."),
            isPivot,
        ])

    static let askStep = KeyTable(
        "a step with `ask`",
        [
            step, when,
            .required("ask", .table(.question), "What a person is asked."),
            .optional(
                "timeout", .duration(allowsZero: false),
                "The time until the outcome `timeout` is taken; not needed under a deadline."),
            isOptional,
            .optional(
                "outcomes", .namedTables(.outcome),
                "The decisions to choose from; `done: {}` by default."),
            .optional(
                "compensate", .choiceOrTable(["none"], .compensation),
                "What takes the step back; nothing by default."),
            isPivot,
        ])

    static let awaitStep = KeyTable(
        "a step with `await`",
        [
            step, when,
            .required("await", .text, "What is awaited, in words."),
            .optional(
                "timeout", .duration(allowsZero: false),
                "How long it is awaited; not needed under a deadline."),
            .optional(
                "unknown", .choice(["compensate", "stuck"]),
                "What happens when the time is over and no outcome is named `timeout`."),
            isOptional,
            .optional(
                "outcomes", .namedTables(.outcome),
                "What may come, each with its event; `done: {}` by default."),
            .optional(
                "compensate", .choiceOrTable(["none"], .compensation),
                "What takes the step back; nothing by default."),
            isPivot,
        ])

    static let childStep = KeyTable(
        "a step with `saga`",
        [
            step, when,
            .required("saga", .name(.saga), "The child saga, by its name; the newest version."),
            .optional("with", .template, "The child's input; the document by default."),
            .optional(
                "key", .expressionText,
                "The child's business key; derived from this saga and the step by default."),
            .optional(
                "timeout", .duration(allowsZero: false),
                "How long the child may take; no limit by default."),
            .optional(
                "unknown", .choice(["compensate", "stuck"]),
                "What happens when the child's time is over."),
            isOptional,
            .optional(
                "outcomes", .namedTables(.outcome),
                "The events of `completed` and `compensated`, the child's two ends."),
            .optional(
                "compensate", .choiceOrTable(["none"], .childCompensation),
                "`none`, or what is raised when the child is taken back; it is by default."),
            isPivot,
        ])

    private static let step = Key.required(
        "step", .name(.step), "The step's name, unique in the file.")
    private static let when = Key.optional(
        "when", .condition, "Where this is false the step is skipped.")
    private static let isOptional = Key.optional(
        "optional", .flag, "Whether the saga goes on when the step does not succeed.")
    private static let isPivot = Key.optional(
        "pivot", .flag, "Whether there is no way back once this step has completed.")

    static let question = KeyTable(
        "a question",
        [
            .required("title", .templateText, "The question, in a line."),
            .optional("show", .template, "What is laid before those who decide."),
            .optional(
                "form", .schemaOrFile, "What they fill in, as JSON Schema; anything by default."),
            .optional("role", .name(.role), "Who may decide; anybody by default."),
            .optional(
                "not_by", .expressions,
                "Who may not decide: an expression for a name or a list of names, or several."),
            .optional(
                "quorum", .whole(1...100),
                "How many different people must agree on a continuing outcome; 1 by default."),
            .optional(
                "remind", .duration(allowsZero: false),
                "How often those who decide are reminded; never by default."),
            .optional("escalate", .table(.escalation), "Who else is asked when nobody answers."),
        ])

    static let escalation = KeyTable(
        "an escalation",
        [
            .required(
                "after", .duration(allowsZero: false), "The time from asking until then."),
            .required(
                "role", .name(.role), "Who may decide from then on, besides those who could."),
        ])

    static let probe = KeyTable(
        "a probe",
        [
            .required("probe", .name(.subject), "The command that asks what became of the step."),
            .required(
                "every", .duration(allowsZero: false), "The time from one probe to the next."),
            .required("for", .duration(allowsZero: false), "After this, asking ends."),
            .required(
                "otherwise", .choice(["compensate", "stuck"]),
                "What happens when the probes had no final answer either."),
        ])

    static let outcome = KeyTable(
        "an outcome",
        [
            .optional("event", .name(.event), "The domain event that it raises."),
            .optional("data", .templateMapping, "The event's data; `{}` by default."),
            .optional(
                "then", .choice(["continue", "reject"]),
                "`reject` turns the saga round; `continue` is the default."),
        ])

    static let compensation = KeyTable(
        "a compensation",
        [
            .required("command", .name(.subject), "The command that takes the step back."),
            .optional("with", .template, "The command's body; the document by default."),
            .optional(
                "timeout", .duration(allowsZero: false),
                "The time from sending an attempt until its answer."),
            .optional(
                "retry", .choiceOrTable(["none", "forever"], .retry),
                "How technical failures are tried again; forever by default."),
            .optional("event", .name(.event), "The domain event raised when it is done."),
            .optional("data", .templateMapping, "The event's data; `{}` by default."),
            .optional(
                "blocks", .flag, "Whether earlier steps wait while this compensation is stuck."),
        ])

    static let childCompensation = KeyTable(
        "a child's compensation",
        [
            .optional("event", .name(.event), "The domain event raised when it is done."),
            .optional("data", .templateMapping, "The event's data; `{}` by default."),
            .optional(
                "blocks", .flag, "Whether earlier steps wait while this compensation is stuck."),
        ])
}
