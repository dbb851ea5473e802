import SagaCore

extension Expression {
    /// The names of the scope that the expression may ask for.
    var variables: Set<Variable> { valued.union(probed) }

    /// The names whose values it may ask for.
    var valued: Set<Variable> {
        var found: Set<Variable> = []
        collect(into: &found) { expression in
            guard case .variable(let variable) = expression else { return nil }
            return variable
        }
        return found
    }

    /// The names of which it may ask whether they have a value.
    var probed: Set<Variable> {
        var found: Set<Variable> = []
        collect(into: &found) { expression in
            guard case .hasVariable(let variable) = expression else { return nil }
            return variable
        }
        return found
    }

    private func collect(into found: inout Set<Variable>, _ pick: (Expression) -> Variable?) {
        if let variable = pick(self) { found.insert(variable) }
        for part in parts { part.collect(into: &found, pick) }
    }

    /// The expressions of which it is made.
    var parts: [Expression] {
        switch self {
        case .literal, .local, .variable, .hasVariable: []
        case .list(let elements): elements
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .field(let operand, _), .hasField(let operand, _), .unary(_, let operand): [operand]
        case .index(let one, let other), .binary(_, let one, let other),
            .comprehension(_, let one, _, let other):
            [one, other]
        case .conditional(let condition, let one, let other): [condition, one, other]
        case .call(_, let arguments): arguments
        }
    }
}

extension Template {
    /// Whether it has a value whatever the scope.
    var isConstant: Bool {
        if case .literal = self { true } else { false }
    }
}
