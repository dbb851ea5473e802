/// The keys of one kind of mapping in the saga language.
///
/// The loader reads by these tables, canonical text is ordered by them, and they are all that an
/// editor's schema needs to know.
package struct KeyTable: Sendable {
    /// What the mapping is, with its article, for messages.
    package let subject: String
    /// The keys in the order of canonical text.
    package let keys: [Key]
    /// Keys that the language has here and this version does not.
    package let unavailable: [String]

    /// One key.
    package struct Key: Sendable {
        /// The key as it is written.
        package let name: String
        /// What its value is.
        package let kind: Kind
        /// Whether it must be written.
        package let isRequired: Bool
        /// What it means, for editors: a sentence, with its default.
        package let documentation: String
    }

    /// What a key's value is.
    package enum Kind: Sendable {
        /// Any text.
        case text
        /// Text by a rule.
        case name(NameRule)
        /// A route, such as `/api/orders`.
        case path
        /// A whole number within a range.
        case whole(ClosedRange<Int>)
        /// A number from a bound up.
        case number(atLeast: Double)
        /// Text such as `20%`.
        case percentage
        /// Text such as `1h30m`; `0s` only where zero is allowed.
        case duration(allowsZero: Bool)
        /// `true` or `false`.
        case flag
        /// One of these words.
        case choice([String])
        /// One `${…}` that is true or false.
        case condition
        /// Text with at least one `${…}`.
        case expressionText
        /// Any value, `${…}` inside.
        case template
        /// A mapping, `${…}` inside, or one `${…}` that gives one.
        case templateMapping
        /// A mapping of the author's names, in order, to values with `${…}` inside.
        case assignments
        /// A JSON Schema, or the name of a file beside this one that holds it.
        case schemaOrFile
        /// A mapping by that table.
        case table(Name)
        /// One of these words, or a mapping by that table.
        case choiceOrTable([String], Name)
        /// A mapping of the author's names, in order, to mappings by that table.
        case namedTables(Name)
        /// A list of mappings by that table.
        case list(Name)
    }

    /// The kinds of mapping.
    package enum Name: String, CaseIterable, Sendable {
        /// The file itself.
        case saga
        /// `aggregate`.
        case aggregate
        /// `intake`.
        case intake
        /// `defaults`.
        case defaults
        /// `retry`.
        case retry
        /// An element of `steps` that sends a command.
        case step
        /// `unknown`.
        case probe
        /// One of `outcomes`.
        case outcome
        /// `compensate`.
        case compensation
        /// `finish`.
        case finish
        /// One of `finish`.
        case finishEvent
    }

    /// The table of that kind of mapping.
    package static func named(_ name: Name) -> KeyTable {
        switch name {
        case .saga: saga
        case .aggregate: aggregate
        case .intake: intake
        case .defaults: defaults
        case .retry: retry
        case .step: step
        case .probe: probe
        case .outcome: outcome
        case .compensation: compensation
        case .finish: finish
        case .finishEvent: finishEvent
        }
    }

    private init(_ subject: String, unavailable: [String] = [], _ keys: [Key]) {
        self.subject = subject
        self.unavailable = unavailable
        self.keys = keys
    }
}

private func required(
    _ name: String, _ kind: KeyTable.Kind, _ documentation: String
) -> KeyTable.Key {
    KeyTable.Key(name: name, kind: kind, isRequired: true, documentation: documentation)
}

private func optional(
    _ name: String, _ kind: KeyTable.Kind, _ documentation: String
) -> KeyTable.Key {
    KeyTable.Key(name: name, kind: kind, isRequired: false, documentation: documentation)
}

// The tables.
extension KeyTable {
    private static let saga = KeyTable(
        "a saga",
        [
            required("saga", .name(.saga), "The saga's name."),
            required(
                "version", .whole(1...2_147_483_647),
                "The version; its content never changes once an instance has run."),
            optional("description", .text, "What the saga does, shown by the tools."),
            optional(
                "aggregate", .table(.aggregate),
                "Whose domain events these are; needed where any event is named."),
            optional(
                "intake", .table(.intake),
                "How instances start over HTTP; a saga without it is started by name."),
            optional(
                "input", .schemaOrFile,
                "What a saga without `intake` takes, as JSON Schema; anything by default."),
            optional(
                "key", .expressionText,
                "The business key, one saga of this name per key; a new UUID by default."),
            optional("defaults", .table(.defaults), "What steps take that do not write their own."),
            optional(
                "deadline", .duration(allowsZero: false),
                "When it has passed the saga is rejected, until its pivot has completed."),
            optional(
                "turn_grace", .duration(allowsZero: true),
                "How long a turned saga awaits a command in flight; 30s by default."),
            required("steps", .list(.step), "The forward work, in order; at least one."),
            optional("finish", .table(.finish), "The events of the two good ends."),
            optional(
                "output", .templateMapping,
                "What a parent saga sees as this one's result; `{}` by default."),
        ])

    private static let aggregate = KeyTable(
        "an aggregate",
        [
            required("type", .name(.aggregateType), "The aggregate's type, such as `order`."),
            required(
                "stream", .name(.stream),
                "The JetStream stream that its events go out on, such as `ORDERS`."),
        ])

    private static let intake = KeyTable(
        "an intake",
        [
            required("path", .path, "A POST here starts one saga."),
            optional("id", .name(.member), "The document's member that takes the saga's key."),
            optional(
                "schema", .schemaOrFile, "What the posted body must look like, as JSON Schema."),
            optional(
                "set", .assignments,
                "Members computed at the start, in file order; they replace posted ones."),
            optional(
                "event", .name(.event), "Raised by a start; its data is the whole document."),
        ])

    private static let defaults = KeyTable(
        "the defaults",
        [
            optional(
                "timeout", .duration(allowsZero: false),
                "The time from sending an attempt until its outcome; 30s by default."),
            optional(
                "retry", .choiceOrTable(["none", "forever"], .retry),
                "How technical failures are tried again."),
        ])

    private static let retry = KeyTable(
        "a retry",
        [
            optional(
                "attempts", .whole(1...1_000_000),
                "How many attempts at most, the first included; 5 by default."),
            optional(
                "initial", .duration(allowsZero: false),
                "The wait after the first failure; 200ms by default."),
            optional(
                "factor", .number(atLeast: 1),
                "What each further wait is multiplied by; 2 by default."),
            optional("max", .duration(allowsZero: false), "The longest wait; 30s by default."),
            optional(
                "jitter", .percentage,
                "By how much a wait may be longer or shorter; 20% by default."),
        ])

    private static let step = KeyTable(
        "a step",
        unavailable: [
            "parallel", "each", "as", "at_most", "max", "steps", "wait", "until", "ask", "await",
            "saga", "key",
        ],
        [
            required("step", .name(.step), "The step's name, unique in the file."),
            optional("when", .condition, "Where this is false the step is skipped."),
            required(
                "command", .name(.subject), "The command that is sent, such as `payments.debit`."),
            optional("with", .template, "The command's body; the document by default."),
            optional(
                "timeout", .duration(allowsZero: false),
                "The time from sending an attempt until its outcome."),
            optional(
                "retry", .choiceOrTable(["none", "forever"], .retry),
                "How technical failures are tried again; after the pivot forever by default."),
            optional(
                "unknown", .choiceOrTable(["compensate", "stuck"], .probe),
                "What happens when nobody knows whether the step was done."),
            optional(
                "failed", .choice(["reject", "stuck"]),
                "What a non-retriable error leads to."),
            optional("optional", .flag, "Whether the saga goes on when the step does not succeed."),
            optional(
                "outcomes", .namedTables(.outcome),
                "The answers a participant may give; `done: {}` by default."),
            optional(
                "compensate", .choiceOrTable(["none"], .compensation),
                "What takes the step back; must be written before the pivot."),
            optional("pivot", .flag, "Whether there is no way back once this step has completed."),
        ])

    private static let probe = KeyTable(
        "a probe",
        [
            required("probe", .name(.subject), "The command that asks what became of the step."),
            required(
                "every", .duration(allowsZero: false), "The time from one probe to the next."),
            required("for", .duration(allowsZero: false), "After this, asking ends."),
            required(
                "otherwise", .choice(["compensate", "stuck"]),
                "What happens when the probes had no final answer either."),
        ])

    private static let outcome = KeyTable(
        "an outcome",
        [
            optional("event", .name(.event), "The domain event that it raises."),
            optional("data", .templateMapping, "The event's data; `{}` by default."),
            optional(
                "then", .choice(["continue", "reject"]),
                "`reject` turns the saga round; `continue` is the default."),
        ])

    private static let compensation = KeyTable(
        "a compensation",
        [
            required("command", .name(.subject), "The command that takes the step back."),
            optional("with", .template, "The command's body; the document by default."),
            optional(
                "timeout", .duration(allowsZero: false),
                "The time from sending an attempt until its answer."),
            optional(
                "retry", .choiceOrTable(["none", "forever"], .retry),
                "How technical failures are tried again; forever by default."),
            optional("event", .name(.event), "The domain event raised when it is done."),
            optional("data", .templateMapping, "The event's data; `{}` by default."),
            optional(
                "blocks", .flag, "Whether earlier steps wait while this compensation is stuck."),
        ])

    private static let finish = KeyTable(
        "a finish",
        [
            optional("completed", .table(.finishEvent), "Raised when every step is done."),
            optional(
                "compensated", .table(.finishEvent),
                "Raised when everything that may have happened is taken back."),
        ])

    private static let finishEvent = KeyTable(
        "a finish event",
        [
            required("event", .name(.event), "The domain event that is raised."),
            optional("data", .templateMapping, "The event's data; `{}` by default."),
        ])
}
