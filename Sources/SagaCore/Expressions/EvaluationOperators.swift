extension Evaluator {
    func apply(
        _ mark: Expression.UnaryOperator, to value: Value
    ) throws(ExpressionError) -> Value {
        switch (mark, value) {
        case (.not, .bool(let truth)): return .bool(!truth)
        case (.negate, .double(let number)): return .double(-number)
        case (.negate, .int(let number)):
            guard number != .min else { throw ExpressionError(overflow) }
            return .int(-number)
        case (.not, _), (.negate, _):
            throw ExpressionError("there is no '\(mark.rawValue)' of \(value.kind)")
        }
    }

    mutating func binary(
        _ mark: Expression.BinaryOperator, _ left: Expression, _ right: Expression
    ) throws(ExpressionError) -> Value {
        switch mark {
        case .or: return .bool(try decide(left, right, by: true, mark))
        case .and: return .bool(try decide(left, right, by: false, mark))
        case .equal: return .bool(try equals(try value(of: left), try value(of: right)))
        case .notEqual: return .bool(try !equals(try value(of: left), try value(of: right)))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return .bool(try compares(mark, try value(of: left), try value(of: right)))
        case .in: return .bool(try contains(try value(of: left), in: try value(of: right)))
        case .add: return try sum(try value(of: left), try value(of: right))
        case .subtract: return try difference(try value(of: left), try value(of: right))
        case .multiply, .divide, .remainder:
            return try product(mark, try value(of: left), try value(of: right))
        }
    }

    /// `||` and `&&`: an operand with the deciding truth decides, even beside an error.
    private mutating func decide(
        _ left: Expression, _ right: Expression, by deciding: Bool,
        _ mark: Expression.BinaryOperator
    ) throws(ExpressionError) -> Bool {
        do throws(ExpressionError) {
            if try truth(of: left, for: "each side of '\(mark.rawValue)'") == deciding {
                return deciding
            }
        } catch {
            if try isTruth(deciding, right) { return deciding }
            throw error
        }
        return try truth(of: right, for: "each side of '\(mark.rawValue)'")
    }

    /// Whether an operand has that truth; where it fails itself, the first error stands.
    private mutating func isTruth(
        _ deciding: Bool, _ operand: Expression
    ) throws(ExpressionError) -> Bool {
        do throws(ExpressionError) {
            return try value(of: operand) == .bool(deciding)
        } catch {
            try charge(0)
            return false
        }
    }

    private mutating func contains(
        _ value: Value, in container: Value
    ) throws(ExpressionError) -> Bool {
        switch container {
        case .list(let elements):
            for element in elements where try equals(value, element) { return true }
            return false
        case .map(let members):
            guard case .string(let name) = value else { return false }
            return members[name] != nil
        case .null, .bool, .int, .double, .string, .timestamp, .duration:
            throw ExpressionError("'in' asks a list or a map, found \(container.kind)")
        }
    }

    private mutating func compares(
        _ mark: Expression.BinaryOperator, _ left: Value, _ right: Value
    ) throws(ExpressionError) -> Bool {
        if case (.string(let a), .string(let b)) = (left, right) { try chargeReading(a, b) }
        let order: Order
        switch left.order(to: right) {
        case .known(let known): order = known
        case .unordered: return false
        case .incomparable:
            throw ExpressionError(
                "'\(mark.rawValue)' cannot compare \(left.kind) and \(right.kind)")
        }
        return switch mark {
        case .less: order == .before
        case .lessOrEqual: order != .after
        case .greater: order == .after
        case .greaterOrEqual: order != .before
        case .or, .and, .equal, .notEqual, .in, .add, .subtract, .multiply, .divide, .remainder:
            preconditionFailure("only an ordering is compared here")
        }
    }
}

/// The message of an int beyond 64 bits.
let overflow = "the int does not fit 64 bits"
