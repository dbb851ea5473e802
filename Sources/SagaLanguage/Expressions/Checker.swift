internal import SagaCore

/// Gives a syntax tree its meaning in a context, and collects everything that is wrong with it.
struct Checker {
    let context: ExpressionContext
    let scalars: [Unicode.Scalar]
    var issues: [ExpressionIssue] = []
    /// The names that enclosing macros bind, the innermost last.
    var locals: [(name: String, type: ExpressionType)] = []
    /// The variables that are known to have a value where the check stands.
    var present: Set<Variable> = []

    init(context: ExpressionContext, scalars: [Unicode.Scalar]) {
        self.context = context
        self.scalars = scalars
    }

    mutating func check(_ syntax: Syntax) -> Checked {
        switch syntax.kind {
        case .literal(let value): return Checked(.literal(value), literalType(value))
        case .name(let name): return checkName(name, at: syntax.range)
        case .list(let elements): return checkList(elements)
        case .map(let entries): return checkMap(entries)
        case .member(let operand, let name): return checkMember(name, of: operand)
        case .index(let operand, let index): return checkIndex(index, of: operand)
        case .call(let receiver, let name, let arguments):
            return checkCall(receiver, name, arguments, at: syntax.range)
        case .unary(let mark, let operand): return checkUnary(mark, operand)
        case .binary(let mark, let range, let left, let right):
            return checkBinary(mark, at: range, left, right)
        case .conditional(let condition, let whenTrue, let whenFalse):
            return checkConditional(condition, whenTrue, whenFalse)
        }
    }

    /// Checks something with more variables known to be present.
    mutating func check(_ syntax: Syntax, knowing facts: Set<Variable>) -> Checked {
        let before = present
        present.formUnion(facts)
        defer { present = before }
        return check(syntax)
    }

    /// Reports an issue and stands in for the value that cannot be known.
    @discardableResult
    mutating func refuse(
        _ range: Range<Int>, _ code: String, _ message: String, fix: String? = nil
    ) -> Checked {
        issues.append(
            ExpressionIssue(
                offset: range.lowerBound, length: range.count, message: message, fix: fix,
                code: code))
        return .unknown
    }

    /// The text of a range, for a fix.
    func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    private func literalType(_ value: Value) -> ExpressionType {
        switch value {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .double: .double
        case .string: .string
        case .list, .map, .timestamp, .duration: .any
        }
    }

    private mutating func checkList(_ syntaxes: [Syntax]) -> Checked {
        var elements = syntaxes.map { check($0) }
        if elements.contains(where: { $0.type == .double || $0.type == .any }) {
            elements = elements.map { $0.asDouble ?? $0 }
        }
        return Checked(.list(elements.map(\.expression)), .list(joined(elements.map(\.type))))
    }

    private mutating func checkMap(_ entries: [Syntax.Entry]) -> Checked {
        var compiled: [Expression.MapEntry] = []
        var fields: [String: ExpressionType.Field] = [:]
        var isOpen = false
        for entry in entries {
            let key = checkKey(entry.key)
            let value = check(entry.value)
            compiled.append(Expression.MapEntry(key: key.expression, value: value.expression))
            guard case .literal(.string(let name)) = key.expression else {
                isOpen = true
                continue
            }
            if fields.updateValue(.init(value.type), forKey: name) != nil {
                refuse(entry.key.range, "duplicate-key", "the key '\(name)' is given twice")
            }
        }
        return Checked(.map(compiled), .map(fields: fields, isOpen: isOpen))
    }

    private mutating func checkKey(_ syntax: Syntax) -> Checked {
        let issueCount = issues.count
        let key = check(syntax)
        if case .name(let name) = syntax.kind, issues.count > issueCount {
            issues[issues.count - 1].fix = "write '\(name)' in quotes: a map's keys are strings"
        } else if !key.type.mayBe(.string) {
            refuse(
                syntax.range, "wrong-type",
                "a map's keys are strings, but this is \(key.type.shown)",
                fix: "write the key in quotes")
        }
        return key
    }

    private mutating func checkConditional(
        _ condition: Syntax, _ whenTrue: Syntax, _ whenFalse: Syntax
    ) -> Checked {
        let asked = check(condition)
        requireBool(asked, condition, "the condition of '?:'")
        let (left, right) = alike(
            check(whenTrue, knowing: asked.whenTrue), check(whenFalse, knowing: asked.whenFalse))
        return Checked(
            .conditional(asked.expression, left.expression, right.expression),
            left.type.joined(with: right.type))
    }

    /// Reports an operand that can be no truth value.
    mutating func requireBool(_ checked: Checked, _ syntax: Syntax, _ place: String) {
        guard !checked.type.mayBe(.bool) else { return }
        refuse(
            syntax.range, "wrong-type",
            "\(place) must be a bool, but this is \(checked.type.shown)",
            fix: checked.type.isNumber ? "compare it, as in \(text(syntax.range)) > 0.0" : nil)
    }
}

/// A part of an expression that has been checked.
struct Checked {
    /// What the core evaluates.
    var expression: Expression
    /// What is known of its value.
    var type: ExpressionType
    /// The variables that have a value wherever this is true.
    var whenTrue: Set<Variable> = []
    /// The variables that have a value wherever this is false.
    var whenFalse: Set<Variable> = []

    init(_ expression: Expression, _ type: ExpressionType) {
        self.expression = expression
        self.type = type
    }

    /// Stands in for what was refused.
    static let unknown = Checked(.literal(.null), .any)

    /// The same as a double where it is made of whole-number literals only, or nil.
    var asDouble: Checked? {
        guard type == .int, let expression = expression.wholeAsDouble else { return nil }
        return Checked(expression, .double)
    }
}

/// Two operands, a whole-number literal taken as a double where it stands beside what is one or,
/// coming from JSON, may be one.
func alike(_ left: Checked, _ right: Checked) -> (Checked, Checked) {
    if right.type == .double || right.type == .any { return (left.asDouble ?? left, right) }
    if left.type == .double || left.type == .any { return (left, right.asDouble ?? right) }
    return (left, right)
}

extension Expression {
    /// The expression with doubles for its ints, where all that it is made of are int literals.
    fileprivate var wholeAsDouble: Expression? {
        switch self {
        case .literal(.int(let number)):
            return Double(exactly: number).map { .literal(.double($0)) }
        case .unary(.negate, let operand):
            return operand.wholeAsDouble.map { .unary(.negate, $0) }
        case .binary(let mark, let left, let right):
            guard [.add, .subtract, .multiply].contains(mark), let left = left.wholeAsDouble,
                let right = right.wholeAsDouble
            else { return nil }
            return .binary(mark, left, right)
        case .conditional(let condition, let left, let right):
            guard let left = left.wholeAsDouble, let right = right.wholeAsDouble else { return nil }
            return .conditional(condition, left, right)
        case .literal, .variable, .local, .list, .map, .field, .hasField, .hasVariable, .index,
            .unary, .call, .comprehension:
            return nil
        }
    }
}
