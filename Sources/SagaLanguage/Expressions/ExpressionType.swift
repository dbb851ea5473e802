/// What is known of an expression's value before it is evaluated.
package indirect enum ExpressionType: Hashable, Sendable {
    /// Nothing (CEL's `dyn`): checked when it is evaluated.
    case any
    /// `null`.
    case null
    /// A truth value.
    case bool
    /// A whole number as `size` and `int` make it.
    case int
    /// A number as JSON has it.
    case double
    /// Text.
    case string
    /// A point in time.
    case timestamp
    /// A length of time.
    case duration
    /// A list of elements of that type.
    case list(ExpressionType)
    /// A map with these members; an open one may have others, of any type.
    case map(fields: [String: Field], isOpen: Bool)

    /// What is known of a map's member.
    package struct Field: Hashable, Sendable {
        /// The type of the member's value.
        package var type: ExpressionType
        /// Whether every such map has the member.
        package var isRequired: Bool

        /// A member of that type.
        package init(_ type: ExpressionType, isRequired: Bool = true) {
            self.type = type
            self.isRequired = isRequired
        }
    }

    /// A map of which nothing else is known.
    package static let anyMap = ExpressionType.map(fields: [:], isOpen: true)
}
