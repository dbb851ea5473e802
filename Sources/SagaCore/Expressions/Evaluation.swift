extension Expression {
    /// The expression's value with the variables of a scope.
    ///
    /// Throws where CEL has an error: a missing member, an index outside its list, a wrong type,
    /// an overflow, a division of ints by zero; and where more than ``costLimit`` steps are taken.
    package func evaluate(in scope: some Scope) throws(ExpressionError) -> Value {
        var evaluator = Evaluator(scope: scope)
        return try evaluator.value(of: self)
    }
}

/// Evaluates one expression, counting its steps.
struct Evaluator<Names: Scope> {
    let scope: Names
    /// Whether any arithmetic gave an infinite number or none at all.
    var hasMetNonFinite = false
    private var cost = 0
    private var locals: [(name: String, value: Value)] = []

    init(scope: Names) { self.scope = scope }

    /// Counts steps; once the limit is passed every further step throws, so that no operator that
    /// absorbs errors goes on.
    mutating func charge(_ steps: Int) throws(ExpressionError) {
        cost += steps
        if cost > Expression.costLimit {
            throw ExpressionError("the expression takes more than \(Expression.costLimit) steps")
        }
    }

    mutating func value(of expression: Expression) throws(ExpressionError) -> Value {
        try charge(1)
        switch expression {
        case .literal(let value): return value
        case .variable(let variable): return try value(of: variable)
        case .local(let name): return try local(name)
        case .list(let elements): return try list(elements)
        case .map(let entries): return try map(entries)
        case .field(let operand, let name):
            return try member(name, of: try value(of: operand), writtenAs: operand)
        case .hasField(let operand, let name):
            return .bool(try hasMember(name, of: try value(of: operand), writtenAs: operand))
        case .hasVariable(let variable): return .bool(scope.value(of: variable) != nil)
        case .index(let operand, let index): return try element(of: operand, at: index)
        case .unary(let mark, let operand):
            return try apply(mark, to: try value(of: operand))
        case .binary(let mark, let left, let right): return try binary(mark, left, right)
        case .conditional(let condition, let whenTrue, let whenFalse):
            let isTrue = try truth(of: condition, for: "the condition of '?:'")
            return try value(of: isTrue ? whenTrue : whenFalse)
        case .call(let function, let arguments): return try call(function, arguments)
        case .comprehension(let macro, let operand, let name, let body):
            return try comprehend(macro, over: operand, as: name, body)
        }
    }

    private mutating func value(of variable: Variable) throws(ExpressionError) -> Value {
        guard let value = scope.value(of: variable) else {
            throw ExpressionError("\(variable) has no value here")
        }
        return value
    }

    private func local(_ name: String) throws(ExpressionError) -> Value {
        guard let local = locals.last(where: { $0.name == name }) else {
            throw ExpressionError("\(name) is not bound here")
        }
        return local.value
    }

    private mutating func list(_ elements: [Expression]) throws(ExpressionError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try value(of: element)) }
        return .list(values)
    }

    private mutating func map(_ entries: [Expression.MapEntry]) throws(ExpressionError) -> Value {
        var members = Members()
        for entry in entries {
            let key = try value(of: entry.key)
            guard case .string(let name) = key else {
                throw ExpressionError("a map's keys are strings, found \(key.kind)")
            }
            guard members[name] == nil else {
                throw ExpressionError("the key '\(name)' is given twice")
            }
            members[name] = try value(of: entry.value)
        }
        return .map(members)
    }

    /// The truth of an operand that must be a bool.
    mutating func truth(
        of expression: Expression, for place: @autoclosure () -> String
    ) throws(ExpressionError) -> Bool {
        let value = try value(of: expression)
        guard case .bool(let truth) = value else {
            throw ExpressionError("\(place()) must be a bool, found \(value.kind)")
        }
        return truth
    }

    /// The truth of an expression with one more local name bound.
    mutating func truth(
        of body: Expression, with name: String, as element: Value,
        for place: @autoclosure () -> String
    ) throws(ExpressionError) -> Bool {
        locals.append((name, element))
        defer { locals.removeLast() }
        return try truth(of: body, for: place())
    }

    /// The value of an expression with one more local name bound.
    mutating func value(
        of body: Expression, with name: String, as element: Value
    ) throws(ExpressionError) -> Value {
        locals.append((name, element))
        defer { locals.removeLast() }
        return try value(of: body)
    }
}
