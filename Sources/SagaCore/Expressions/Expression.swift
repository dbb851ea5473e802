/// A compiled expression: the subset of CEL that the saga language has, parsed and checked.
///
/// Its meaning is CEL's; its evaluation always terminates within ``Expression/costLimit``.
package indirect enum Expression: Hashable, Sendable {
    /// A value as written.
    case literal(Value)
    /// One of the names that the scope provides.
    case variable(Variable)
    /// A variable bound by an enclosing macro.
    case local(String)
    /// `[a, b]`.
    case list([Expression])
    /// `{a: b}`.
    case map([MapEntry])
    /// `operand.name`.
    case field(Expression, String)
    /// `has(operand.name)`.
    case hasField(Expression, String)
    /// `has(steps.NAME.result)` and the like: whether the scope has the variable.
    case hasVariable(Variable)
    /// `operand[index]`.
    case index(Expression, Expression)
    /// `!a` or `-a`.
    case unary(UnaryOperator, Expression)
    /// An operator between two operands; `&&` and `||` absorb errors as CEL says.
    case binary(BinaryOperator, Expression, Expression)
    /// `condition ? a : b`.
    case conditional(Expression, Expression, Expression)
    /// A function, its receiver first where it was written as one.
    case call(Function, [Expression])
    /// A macro over a list or a map's keys: operand, the name of each, and what is asked of it.
    case comprehension(Comprehension, Expression, String, Expression)

    /// The most steps that one evaluation may take.
    package static let costLimit = 100_000

    /// One entry of a map literal.
    package struct MapEntry: Hashable, Sendable {
        /// The key.
        package var key: Expression
        /// The value.
        package var value: Expression

        /// The entry of that key and value.
        package init(key: Expression, value: Expression) {
            self.key = key
            self.value = value
        }
    }

    /// An operator before one operand.
    package enum UnaryOperator: String, Hashable, Sendable {
        /// `!`
        case not = "!"
        /// `-`
        case negate = "-"
    }

    /// An operator between two operands.
    package enum BinaryOperator: String, Hashable, Sendable {
        /// `||`
        case or = "||"
        /// `&&`
        case and = "&&"
        /// `==`
        case equal = "=="
        /// `!=`
        case notEqual = "!="
        /// `<`
        case less = "<"
        /// `<=`
        case lessOrEqual = "<="
        /// `>`
        case greater = ">"
        /// `>=`
        case greaterOrEqual = ">="
        /// `in`
        case `in`
        /// `+`
        case add = "+"
        /// `-`
        case subtract = "-"
        /// `*`
        case multiply = "*"
        /// `/`
        case divide = "/"
        /// `%`
        case remainder = "%"
    }

    /// A function of the language.
    package enum Function: String, CaseIterable, Hashable, Sendable {
        /// The length of a text in code points, of a list or of a map, as an int.
        case size
        /// A whole number.
        case int
        /// A double.
        case double
        /// A text.
        case string
        /// Whether a text contains another.
        case contains
        /// Whether a text starts with another.
        case startsWith
        /// Whether a text ends with another.
        case endsWith
        /// A list of texts as one, with an optional separator.
        case join
        /// The sum of numbers or durations; of none the second argument, or 0.0 without one.
        case sum
        /// The least of a list; an error for an empty one.
        case min
        /// The greatest of a list; an error for an empty one.
        case max
        /// A point in time from RFC 3339 text.
        case timestamp
        /// A length of time from text such as `1h30m`, `90s`.
        case duration
    }

    /// A macro.
    package enum Comprehension: String, CaseIterable, Hashable, Sendable {
        /// Whether all elements hold.
        case all
        /// Whether any element holds.
        case exists
        /// Whether exactly one element holds.
        case existsOne = "exists_one"
        /// Each element's value.
        case map
        /// The elements that hold.
        case filter
    }
}

/// A name that a scope provides to expressions.
package enum Variable: Hashable, Sendable {
    /// The document, after `set`.
    case input
    /// The business key, a string.
    case key
    /// `saga.id`, a string.
    case sagaID
    /// `saga.name`, a string.
    case sagaName
    /// `saga.version`, an int.
    case sagaVersion
    /// `steps.NAME.outcome`, a string.
    case stepOutcome(String)
    /// `steps.NAME.result`.
    case stepResult(String)
    /// `steps.NAME.results`, after an `each`: a list in element order, `null` where skipped.
    case stepResults(String)
    /// The data of the reply at hand.
    case result
    /// When the transition is decided, a timestamp.
    case now
    /// Why the saga turned round.
    case failure
    /// A name bound by an enclosing `each`: its `as` name, or `index`, an int.
    case element(String)
}

/// Where the values of variables come from.
package protocol Scope {
    /// The variable's value, or nil where it has none: `has()` is then false and use an error.
    func value(of variable: Variable) -> Value?
}

/// Why an expression has no value.
package struct ExpressionError: Error, Equatable, Sendable {
    /// What went wrong, for people: what was expected and what was found.
    package var message: String

    /// The error with that message.
    package init(_ message: String) { self.message = message }
}

/// A YAML value with expressions inside.
package indirect enum Template: Hashable, Sendable {
    /// A value without any expression.
    case literal(Value)
    /// A scalar that is one `${…}`: keeps the expression's type.
    case expression(Expression)
    /// Text with expressions inside, put in as strings.
    case text([Part])
    /// A list with expressions inside.
    case list([Template])
    /// A map with expressions inside, names in file order.
    case map([Member])

    /// A part of a text.
    package enum Part: Hashable, Sendable {
        /// Text as it stands.
        case text(String)
        /// An expression whose value is put in as a string.
        case expression(Expression)
    }

    /// A member of a map.
    package struct Member: Hashable, Sendable {
        /// The member's name.
        package var name: String
        /// The member's value.
        package var value: Template

        /// The member of that name and value.
        package init(name: String, value: Template) {
            self.name = name
            self.value = value
        }
    }
}
