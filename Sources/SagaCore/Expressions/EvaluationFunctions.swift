extension Evaluator {
    mutating func call(
        _ function: Expression.Function, _ expressions: [Expression]
    ) throws(ExpressionError) -> Value {
        var arguments: [Value] = []
        arguments.reserveCapacity(expressions.count)
        for expression in expressions { arguments.append(try value(of: expression)) }
        guard let first = arguments.first else { throw noFunction(function, arguments) }
        let second = arguments.dropFirst().first
        let result: Value?
        switch function {
        case .size: result = try size(of: first)
        case .int: result = try int(from: first)
        case .double: result = try double(from: first)
        case .string: result = try string(from: first)
        case .timestamp: result = try timestamp(from: first)
        case .duration: result = try duration(from: first)
        case .contains, .startsWith, .endsWith: result = try search(function, first, second)
        case .join: result = try join(first, second ?? .string(""))
        case .sum: result = try total(of: first, ifEmpty: second ?? .double(0))
        case .min: result = try extreme(of: first, function, .before)
        case .max: result = try extreme(of: first, function, .after)
        }
        guard let result else { throw noFunction(function, arguments) }
        return result
    }

    private func noFunction(
        _ function: Expression.Function, _ arguments: [Value]
    ) -> ExpressionError {
        let kinds = arguments.map(\.kind).joined(separator: " and ")
        return ExpressionError("\(function.rawValue)() does not take \(kinds)")
    }

    private mutating func size(of value: Value) throws(ExpressionError) -> Value? {
        switch value {
        case .string(let text):
            try charge(text.utf8.count / textBytesPerStep)
            return .int(Int64(text.unicodeScalars.count))
        case .list(let elements): return .int(Int64(elements.count))
        case .map(let members): return .int(Int64(members.count))
        case .null, .bool, .int, .double, .timestamp, .duration: return nil
        }
    }

    private mutating func search(
        _ function: Expression.Function, _ text: Value, _ sought: Value?
    ) throws(ExpressionError) -> Value? {
        guard case .string(let text) = text, case .string(let sought)? = sought else { return nil }
        try chargeReading(text, sought)
        switch function {
        case .startsWith: return .bool(text.utf8.starts(with: sought.utf8))
        case .endsWith: return .bool(text.utf8.reversed().starts(with: sought.utf8.reversed()))
        case .contains:
            let steps = text.utf8.count.multipliedReportingOverflow(by: max(1, sought.utf8.count))
            try charge(
                steps.overflow ? Expression.costLimit : steps.partialValue / textBytesPerStep)
            return .bool(isFound(Array(sought.utf8), in: Array(text.utf8)))
        case .size, .int, .double, .string, .join, .sum, .min, .max, .timestamp, .duration:
            preconditionFailure("only a search of a text comes here")
        }
    }

    private mutating func join(_ list: Value, _ separator: Value) throws(ExpressionError) -> Value?
    {
        guard case .list(let elements) = list, case .string(let separator) = separator else {
            return nil
        }
        var joined = ""
        for (place, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw ExpressionError("join() takes a list of strings, found \(element.kind) in it")
            }
            if place > 0 { joined += separator }
            try charge(1 + text.utf8.count + separator.utf8.count)
            joined += text
        }
        return .string(joined)
    }

    private mutating func total(
        of list: Value, ifEmpty zero: Value
    ) throws(ExpressionError) -> Value? {
        guard case .list(let elements) = list else { return nil }
        guard var total = elements.first else { return zero }
        for element in elements {
            switch element {
            case .int, .double, .duration: try charge(1)
            case .null, .bool, .string, .list, .map, .timestamp:
                throw ExpressionError("sum() takes a list of numbers, found \(element.kind) in it")
            }
        }
        for element in elements.dropFirst() { total = try sum(total, element) }
        return total
    }

    private mutating func extreme(
        of list: Value, _ function: Expression.Function, _ wanted: Order
    ) throws(ExpressionError) -> Value? {
        guard case .list(let elements) = list else { return nil }
        guard var extreme = elements.first else {
            throw ExpressionError("\(function.rawValue)() of an empty list has no value")
        }
        for element in elements {
            try charge(1)
            let comparison = element.order(to: extreme)
            if comparison == .incomparable {
                throw ExpressionError(
                    "\(function.rawValue)() cannot compare \(extreme.kind) and \(element.kind)")
            }
            if comparison == .known(wanted) { extreme = element }
        }
        return extreme
    }
}

/// How many bytes of text a function reads for one step of cost.
let textBytesPerStep = 16

private func isFound(_ sought: [UInt8], in text: [UInt8]) -> Bool {
    guard let first = sought.first else { return true }
    guard sought.count <= text.count else { return false }
    for start in 0...(text.count - sought.count) where text[start] == first {
        if text[start..<(start + sought.count)].elementsEqual(sought) { return true }
    }
    return false
}
