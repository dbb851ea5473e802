/// The keys of one kind of mapping in the saga language.
///
/// The loader reads by these tables, canonical text is ordered by them, and they are all that an
/// editor's schema needs to know.
package struct KeyTable: Sendable {
    /// What the mapping is, with its article, for messages.
    package let subject: String
    /// The keys in the order of canonical text.
    package let keys: [Key]

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
        /// One `${…}`.
        case expression
        /// One `${…}`, or a list of them.
        case expressions
        /// Text with at least one `${…}`.
        case expressionText
        /// Text, `${…}` inside.
        case templateText
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
        /// A list of nodes: each by the table of its kind; at least one.
        case nodes
        /// A mapping of the author's names, in order, to lists of nodes; at least one.
        case branches
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
        /// A node that sends a command.
        case commandStep
        /// A node that asks a person.
        case askStep
        /// A node that awaits an event.
        case awaitStep
        /// A node that runs a child saga.
        case childStep
        /// A node that runs branches.
        case parallel
        /// A node that runs nodes for each element of a list.
        case each
        /// A node that waits for a while.
        case wait
        /// A node that waits until a time.
        case until
        /// `ask`.
        case question
        /// `escalate`.
        case escalation
        /// `unknown`.
        case probe
        /// One of `outcomes`.
        case outcome
        /// `compensate`.
        case compensation
        /// `compensate` of a child saga.
        case childCompensation
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
        case .commandStep: commandStep
        case .askStep: askStep
        case .awaitStep: awaitStep
        case .childStep: childStep
        case .parallel: parallel
        case .each: each
        case .wait: wait
        case .until: until
        case .question: question
        case .escalation: escalation
        case .probe: probe
        case .outcome: outcome
        case .compensation: compensation
        case .childCompensation: childCompensation
        case .finish: finish
        case .finishEvent: finishEvent
        }
    }

    init(_ subject: String, _ keys: [Key]) {
        self.subject = subject
        self.keys = keys
    }
}

extension KeyTable.Key {
    static func required(
        _ name: String, _ kind: KeyTable.Kind, _ documentation: String
    ) -> KeyTable.Key {
        KeyTable.Key(name: name, kind: kind, isRequired: true, documentation: documentation)
    }

    static func optional(
        _ name: String, _ kind: KeyTable.Kind, _ documentation: String
    ) -> KeyTable.Key {
        KeyTable.Key(name: name, kind: kind, isRequired: false, documentation: documentation)
    }
}
