extension Evaluator {
    mutating func comprehend(
        _ macro: Expression.Comprehension, over operand: Expression, as name: String,
        _ body: Expression
    ) throws(ExpressionError) -> Value {
        let elements: [Value]
        switch try value(of: operand) {
        case .list(let list): elements = list
        case .map(let members): elements = members.map { .string($0.name) }
        case let other:
            throw ExpressionError(
                "\(macro.rawValue)() goes over a list or a map's keys, found \(other.kind)")
        }
        switch macro {
        case .all: return .bool(try search(elements, for: false, name, body, macro))
        case .exists: return .bool(try search(elements, for: true, name, body, macro))
        case .existsOne: return .bool(try filter(elements, name, body, macro).count == 1)
        case .filter: return .list(try filter(elements, name, body, macro))
        case .map:
            var results: [Value] = []
            results.reserveCapacity(elements.count)
            for element in elements {
                results.append(try value(of: body, with: name, as: element))
            }
            return .list(results)
        }
    }

    /// `exists` seeks an element that holds, `all` one that does not: found, it decides, even where
    /// others fail; where none is found the first failure stands.
    private mutating func search(
        _ elements: [Value], for deciding: Bool, _ name: String, _ body: Expression,
        _ macro: Expression.Comprehension
    ) throws(ExpressionError) -> Bool {
        var failure: ExpressionError?
        for element in elements {
            do throws(ExpressionError) {
                if try holds(body, name, element, macro) == deciding {
                    return deciding
                }
            } catch {
                try charge(0)
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !deciding
    }

    private mutating func filter(
        _ elements: [Value], _ name: String, _ body: Expression,
        _ macro: Expression.Comprehension
    ) throws(ExpressionError) -> [Value] {
        var kept: [Value] = []
        for element in elements {
            if try holds(body, name, element, macro) { kept.append(element) }
        }
        return kept
    }

    private mutating func holds(
        _ body: Expression, _ name: String, _ element: Value, _ macro: Expression.Comprehension
    ) throws(ExpressionError) -> Bool {
        try truth(of: body, with: name, as: element, for: "what \(macro.rawValue)() asks")
    }
}
