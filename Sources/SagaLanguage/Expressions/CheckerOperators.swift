internal import SagaCore

extension Checker {
    mutating func checkUnary(
        _ mark: Expression.UnaryOperator, _ syntax: Syntax
    ) -> Checked {
        let operand = check(syntax)
        switch mark {
        case .not:
            requireBool(operand, syntax, "what '!' turns round")
            var checked = Checked(.unary(.not, operand.expression), .bool)
            (checked.whenTrue, checked.whenFalse) = (operand.whenFalse, operand.whenTrue)
            return checked
        case .negate:
            guard operand.type.mayBeNumber else {
                return refuse(
                    syntax.range, "wrong-type",
                    "'-' needs a number, but this is \(operand.type.shown)")
            }
            return Checked(.unary(.negate, operand.expression), operand.type)
        }
    }

    mutating func checkBinary(
        _ mark: Expression.BinaryOperator, at range: Range<Int>, _ left: Syntax, _ right: Syntax
    ) -> Checked {
        switch mark {
        case .and, .or: return checkLogic(mark, left, right)
        case .equal, .notEqual: return checkEquality(mark, at: range, check(left), check(right))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return checkOrder(mark, at: range, left, right)
        case .in: return checkIn(at: range, check(left), check(right))
        case .add, .subtract, .multiply, .divide, .remainder:
            return checkArithmetic(mark, at: range, left, right)
        }
    }

    private mutating func checkLogic(
        _ mark: Expression.BinaryOperator, _ left: Syntax, _ right: Syntax
    ) -> Checked {
        let place = "each side of '\(mark.rawValue)'"
        let first = check(left)
        let second = check(right, knowing: mark == .and ? first.whenTrue : first.whenFalse)
        requireBool(first, left, place)
        requireBool(second, right, place)
        var checked = Checked(.binary(mark, first.expression, second.expression), .bool)
        if mark == .and {
            checked.whenTrue = first.whenTrue.union(second.whenTrue)
            checked.whenFalse = first.whenFalse.intersection(second.whenFalse)
        } else {
            checked.whenTrue = first.whenTrue.intersection(second.whenTrue)
            checked.whenFalse = first.whenFalse.union(second.whenFalse)
        }
        return checked
    }

    private mutating func checkEquality(
        _ mark: Expression.BinaryOperator, at range: Range<Int>, _ left: Checked, _ right: Checked
    ) -> Checked {
        guard left.type.mayEqual(right.type) else {
            return refuse(
                range, "wrong-type",
                "\(left.type.shown) and \(right.type.shown) are never equal",
                fix: conversionFix(left.type, right.type))
        }
        return Checked(.binary(mark, left.expression, right.expression), .bool)
    }

    private mutating func checkOrder(
        _ mark: Expression.BinaryOperator, at range: Range<Int>, _ left: Syntax, _ right: Syntax
    ) -> Checked {
        let (first, second) = (check(left), check(right))
        guard first.type.mayCompare(with: second.type) else {
            return refuse(
                range, "wrong-type",
                "'\(mark.rawValue)' cannot compare \(first.type.shown) and \(second.type.shown)",
                fix: conversionFix(first.type, second.type))
        }
        return Checked(.binary(mark, first.expression, second.expression), .bool)
    }

    private func conversionFix(_ left: ExpressionType, _ right: ExpressionType) -> String? {
        switch (left, right) {
        case (.timestamp, .string), (.string, .timestamp): "put the string in timestamp()"
        case (.duration, .string), (.string, .duration): "put the string in duration()"
        case (.double, .string), (.string, .double), (.int, .string), (.string, .int):
            "put the string in double(), or the number in string()"
        default: nil
        }
    }

    private mutating func checkIn(
        at range: Range<Int>, _ value: Checked, _ container: Checked
    ) -> Checked {
        let checked = Checked(.binary(.in, value.expression, container.expression), .bool)
        switch container.type {
        case .any: return checked
        case .list(let element):
            if value.type.mayEqual(element) { return checked }
            return refuse(
                range, "wrong-type",
                "\(value.type.shown) is never in a list whose elements are \(element.shown)",
                fix: conversionFix(value.type, element))
        case .map:
            if value.type.mayBe(.string) { return checked }
            return refuse(
                range, "wrong-type", "a map's keys are strings, but this is \(value.type.shown)")
        case .null, .bool, .int, .double, .string, .timestamp, .duration:
            return refuse(
                range, "wrong-type",
                "'in' asks a list or a map, but this is \(container.type.shown)",
                fix: container.type == .string ? "write TEXT.contains(PART)" : nil)
        }
    }

    private mutating func checkArithmetic(
        _ mark: Expression.BinaryOperator, at range: Range<Int>, _ left: Syntax, _ right: Syntax
    ) -> Checked {
        let (first, second) = alike(check(left), check(right))
        let type =
            switch mark {
            case .add: sumType(first.type, second.type)
            case .subtract: differenceType(first.type, second.type)
            case .multiply, .divide, .remainder: productType(mark, first.type, second.type)
            case .or, .and, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in:
                preconditionFailure("only arithmetic is checked here")
            }
        guard let type else {
            return refuseArithmetic(mark, at: range, (first, left), (second, right))
        }
        return Checked(.binary(mark, first.expression, second.expression), type)
    }

    private mutating func refuseArithmetic(
        _ mark: Expression.BinaryOperator, at range: Range<Int>,
        _ left: (Checked, Syntax), _ right: (Checked, Syntax)
    ) -> Checked {
        let types = (left.0.type, right.0.type)
        if types.0.isNumber, types.1.isNumber, types.0 != types.1 {
            let whole = types.0 == .int ? left.1 : right.1
            return refuse(
                range, "mixed-numbers",
                "'\(mark.rawValue)' does not mix ints and doubles: \(text(whole.range)) is an int",
                fix: "write double(\(text(whole.range)))")
        }
        if mark == .remainder, types.0 == .any || types.1 == .any {
            let operand = types.0 == .any ? left.1 : right.1
            return refuse(
                range, "wrong-type", "'%' takes ints, and a number from JSON is a double",
                fix: "write int(\(text(operand.range)))")
        }
        var fix = conversionFix(types.0, types.1)
        if mark == .add, types.0 == .string || types.1 == .string {
            fix = "put the other side in string()"
        } else if mark == .remainder, types.0 == .double || types.1 == .double {
            fix = "'%' takes ints: put doubles in int()"
        }
        return refuse(
            range, "wrong-type",
            "'\(mark.rawValue)' does not take \(types.0.shown) and \(types.1.shown)", fix: fix)
    }
}

/// The type of a sum, or nil where there is none.
private func sumType(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType? {
    switch (left, right) {
    case (.int, .int), (.double, .double), (.string, .string), (.duration, .duration): left
    case (.timestamp, .duration), (.duration, .timestamp): .timestamp
    case (.timestamp, .any), (.any, .timestamp): .timestamp
    case (.list(let first), .list(let second)): .list(first.joined(with: second))
    case (.any, .list), (.list, .any): .list(.any)
    case (.any, .duration), (.duration, .any), (.any, .any): .any
    case (.any, .int), (.any, .double), (.any, .string): right
    case (.int, .any), (.double, .any), (.string, .any): left
    default: nil
    }
}

/// The type of a difference, or nil where there is none.
private func differenceType(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType? {
    switch (left, right) {
    case (.int, .int), (.double, .double), (.duration, .duration): left
    case (.timestamp, .duration): .timestamp
    case (.timestamp, .timestamp), (.any, .timestamp): .duration
    case (.timestamp, .any), (.any, .duration), (.any, .any): .any
    case (.duration, .any): .duration
    case (.any, .int), (.any, .double): right
    case (.int, .any), (.double, .any): left
    default: nil
    }
}

/// The type of a product, a quotient or a remainder, or nil where there is none.
private func productType(
    _ mark: Expression.BinaryOperator, _ left: ExpressionType, _ right: ExpressionType
) -> ExpressionType? {
    if mark == .remainder {
        return left.mayBe(.int) && right.mayBe(.int) ? .int : nil
    }
    return switch (left, right) {
    case (.int, .int), (.double, .double), (.any, .any): left
    case (.any, .int), (.any, .double): right
    case (.int, .any), (.double, .any): left
    default: nil
    }
}
