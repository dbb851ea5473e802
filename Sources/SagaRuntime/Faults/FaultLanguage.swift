package import SagaCore

/// What the saga language says about texts in a rule; the composition gives it, since the runtime
/// does not know the language.
package struct FaultLanguage: Sendable {
    /// The duration that a text says; nil for another text.
    package var duration: @Sendable (String) -> Duration?
    /// The condition that a text is over the documents of a definition's sagas, or what is wrong.
    package var condition:
        @Sendable (String, SagaDefinition) -> Result<Expression, UnusableCondition>

    /// The one document that a text in YAML is, or why it is none.
    package var document: @Sendable (String) -> Result<Value, UnreadableFault>

    /// The language with these parts.
    package init(
        duration: @escaping @Sendable (String) -> Duration?,
        condition:
            @escaping @Sendable (String, SagaDefinition) -> Result<Expression, UnusableCondition>,
        document: @escaping @Sendable (String) -> Result<Value, UnreadableFault>
    ) {
        self.duration = duration
        self.condition = condition
        self.document = document
    }
}

/// Why a text is no condition.
package struct UnusableCondition: Error, Hashable, Sendable {
    /// What was expected and what was found.
    package var message: String

    /// The reason in words.
    package init(_ message: String) { self.message = message }
}

/// Why a text cannot be read as a rule.
package struct UnreadableFault: Error, Hashable, Sendable {
    /// What was expected, what was found, and where.
    package var message: String

    /// The reason in words.
    package init(_ message: String) { self.message = message }
}

/// Everything that is wrong with a rule.
package struct UnusableFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, each with its place in the rule; at least one.
    package var violations: [SchemaViolation]

    /// Those violations.
    package init(_ violations: [SchemaViolation]) { self.violations = violations }

    /// All in one line.
    package var description: String {
        violations.map(\.description).joined(separator: "; ")
    }
}
