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
        switch self {
        case .literal, .local, .variable, .hasVariable: break
        case .list(let elements): for element in elements { element.collect(into: &found, pick) }
        case .map(let entries):
            for entry in entries {
                entry.key.collect(into: &found, pick)
                entry.value.collect(into: &found, pick)
            }
        case .field(let operand, _), .hasField(let operand, _), .unary(_, let operand):
            operand.collect(into: &found, pick)
        case .index(let one, let other), .binary(_, let one, let other),
            .comprehension(_, let one, _, let other):
            one.collect(into: &found, pick)
            other.collect(into: &found, pick)
        case .conditional(let condition, let one, let other):
            condition.collect(into: &found, pick)
            one.collect(into: &found, pick)
            other.collect(into: &found, pick)
        case .call(_, let arguments): for value in arguments { value.collect(into: &found, pick) }
        }
    }
}

extension Template {
    /// Whether it has a value whatever the scope.
    var isConstant: Bool {
        if case .literal = self { true } else { false }
    }
}
