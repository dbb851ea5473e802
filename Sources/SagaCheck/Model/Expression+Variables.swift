import SagaCore

extension Expression {
    /// The names of the scope that the expression may ask for.
    var variables: Set<Variable> {
        var found: Set<Variable> = []
        collect(into: &found)
        return found
    }

    private func collect(into found: inout Set<Variable>) {
        switch self {
        case .literal, .local: break
        case .variable(let variable), .hasVariable(let variable): found.insert(variable)
        case .list(let elements): for element in elements { element.collect(into: &found) }
        case .map(let entries):
            for entry in entries {
                entry.key.collect(into: &found)
                entry.value.collect(into: &found)
            }
        case .field(let operand, _), .hasField(let operand, _), .unary(_, let operand):
            operand.collect(into: &found)
        case .index(let one, let other), .binary(_, let one, let other),
            .comprehension(_, let one, _, let other):
            one.collect(into: &found)
            other.collect(into: &found)
        case .conditional(let condition, let one, let other):
            condition.collect(into: &found)
            one.collect(into: &found)
            other.collect(into: &found)
        case .call(_, let arguments): for value in arguments { value.collect(into: &found) }
        }
    }
}

extension Template {
    /// Whether it has a value whatever the scope.
    var isConstant: Bool {
        if case .literal = self { true } else { false }
    }
}
