extension Evaluator {
    /// `left + right`.
    mutating func sum(_ left: Value, _ right: Value) throws(ExpressionError) -> Value {
        switch (left, right) {
        case (.int(let a), .int(let b)): return try int(a.addingReportingOverflow(b))
        case (.double(let a), .double(let b)): return double(a + b)
        case (.string(let a), .string(let b)):
            try charge(a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.list(let a), .list(let b)):
            try charge(a.count + b.count)
            return .list(a + b)
        case (.timestamp(let a), .duration(let b)): return try timestamp(a + b)
        case (.duration(let a), .timestamp(let b)): return try timestamp(b + a)
        case (.duration(let a), .duration(let b)): return try duration(a + b)
        default: throw noOperator(.add, left, right)
        }
    }

    /// `left - right`.
    mutating func difference(_ left: Value, _ right: Value) throws(ExpressionError) -> Value {
        switch (left, right) {
        case (.int(let a), .int(let b)): return try int(a.subtractingReportingOverflow(b))
        case (.double(let a), .double(let b)): return double(a - b)
        case (.timestamp(let a), .duration(let b)): return try timestamp(a + (.zero - b))
        case (.timestamp(let a), .timestamp(let b)): return try duration(between: b, and: a)
        case (.duration(let a), .duration(let b)): return try duration(a - b)
        default: throw noOperator(.subtract, left, right)
        }
    }

    /// `left * right`, `left / right` or `left % right`.
    mutating func product(
        _ mark: Expression.BinaryOperator, _ left: Value, _ right: Value
    ) throws(ExpressionError) -> Value {
        switch (mark, left, right) {
        case (.multiply, .int(let a), .int(let b)):
            return try int(a.multipliedReportingOverflow(by: b))
        case (.multiply, .double(let a), .double(let b)): return double(a * b)
        case (.divide, .double(let a), .double(let b)): return double(a / b)
        case (.divide, .int, .int(0)), (.remainder, .int, .int(0)):
            throw ExpressionError("an int is divided by zero")
        case (.divide, .int(let a), .int(let b)):
            return try int(a.dividedReportingOverflow(by: b))
        case (.remainder, .int(let a), .int(let b)):
            return try int(a.remainderReportingOverflow(dividingBy: b))
        default: throw noOperator(mark, left, right)
        }
    }

    private func int(
        _ result: (partialValue: Int64, overflow: Bool)
    ) throws(ExpressionError) -> Value {
        if result.overflow { throw ExpressionError(overflow) }
        return .int(result.partialValue)
    }

    private mutating func double(_ number: Double) -> Value {
        if !number.isFinite { hasMetNonFinite = true }
        return .double(number)
    }

    private func duration(
        between start: Instant, and end: Instant
    ) throws(ExpressionError) -> Value {
        try duration(.microseconds(end.microseconds) - .microseconds(start.microseconds))
    }

    /// A length of time within what CEL holds: 64 bits of nanoseconds, some 292 years.
    func duration(_ duration: Duration) throws(ExpressionError) -> Value {
        guard duration <= .nanoseconds(Int64.max), duration >= .nanoseconds(Int64.min) else {
            throw ExpressionError("the duration is longer than 292 years")
        }
        return .duration(duration)
    }

    /// A point in time within CEL's years 1 to 9999.
    func timestamp(_ instant: Instant) throws(ExpressionError) -> Value {
        let years: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
        guard years.contains(instant.microseconds) else {
            throw ExpressionError("the timestamp is outside the years 0001 to 9999")
        }
        return .timestamp(instant)
    }

    private func noOperator(
        _ mark: Expression.BinaryOperator, _ left: Value, _ right: Value
    ) -> ExpressionError {
        let start = "'\(mark.rawValue)' does not take \(left.kind) and \(right.kind)"
        switch (left, right) {
        case (.int, .double), (.double, .int):
            return ExpressionError("\(start): convert one with double() or int()")
        default: return ExpressionError(start)
        }
    }
}
