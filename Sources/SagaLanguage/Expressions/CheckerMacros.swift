internal import SagaCore

extension Checker {
    /// A macro: the value it goes over, the name it gives each element, and what it asks of each.
    mutating func checkMacro(
        _ macro: Expression.Comprehension, _ receiver: Syntax?, _ name: Syntax.Name,
        _ arguments: [Syntax]
    ) -> Checked {
        guard let receiver, isCountRight(macro, arguments),
            case .name(let local)? = arguments.first?.kind
        else { return refuseForm(macro, name) }
        let operand = check(receiver)
        guard let element = elementType(of: operand.type, name) else { return .unknown }
        locals.append((local, element))
        defer { locals.removeLast() }
        let body = check(arguments[arguments.count - 1])
        var source = operand.expression
        if arguments.count == 3 {
            let condition = check(arguments[1])
            requireBool(condition, arguments[1], "the condition of map()")
            source = .comprehension(.filter, source, local, condition.expression)
        }
        if macro != .map {
            requireBool(body, arguments[1], "what \(name.text)() asks")
        }
        let expression = Expression.comprehension(macro, source, local, body.expression)
        switch macro {
        case .all, .exists, .existsOne: return Checked(expression, .bool)
        case .filter: return Checked(expression, .list(element))
        case .map: return Checked(expression, .list(body.type))
        }
    }

    private func isCountRight(_ macro: Expression.Comprehension, _ arguments: [Syntax]) -> Bool {
        arguments.count == 2 || (macro == .map && arguments.count == 3)
    }

    private mutating func refuseForm(
        _ macro: Expression.Comprehension, _ name: Syntax.Name
    ) -> Checked {
        let body = macro == .map ? "x.price" : "x.price > 1.0"
        return refuse(
            name.range, "wrong-arguments",
            "\(name.text)() is written after a list and takes a name and an expression",
            fix: "write list.\(name.text)(x, \(body))")
    }

    private mutating func elementType(
        of container: ExpressionType, _ name: Syntax.Name
    ) -> ExpressionType? {
        switch container {
        case .any: return .any
        case .list(let element): return element
        case .map: return .string
        case .null, .bool, .int, .double, .string, .timestamp, .duration:
            refuse(
                name.range, "wrong-type",
                "\(name.text)() goes over a list or a map's keys, but this is \(container.shown)")
            return nil
        }
    }
}
