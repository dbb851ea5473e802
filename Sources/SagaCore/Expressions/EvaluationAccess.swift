extension Evaluator {
    /// The member of that name of what must be a map with it.
    func member(
        _ name: String, of value: Value, writtenAs operand: Expression
    ) throws(ExpressionError) -> Value {
        let members = try members(of: value, writtenAs: operand, for: name)
        guard let member = members[name] else {
            throw ExpressionError(noMember(name, in: members, writtenAs: operand))
        }
        return member
    }

    /// Whether what must be a map has a member of that name, be it `null`.
    func hasMember(
        _ name: String, of value: Value, writtenAs operand: Expression
    ) throws(ExpressionError) -> Bool {
        try members(of: value, writtenAs: operand, for: name)[name] != nil
    }

    private func members(
        of value: Value, writtenAs operand: Expression, for name: String
    ) throws(ExpressionError) -> Members {
        guard case .map(let members) = value else {
            throw ExpressionError(
                "\(operand.placeText) has no member '\(name)': it is \(value.kind), not a map")
        }
        return members
    }

    private func noMember(
        _ name: String, in members: Members, writtenAs operand: Expression
    ) -> String {
        let start = "\(operand.placeText) has no member '\(name)'"
        if members.isEmpty { return "\(start): it is empty" }
        let shown = members.prefix(8).map { "'\($0.name)'" }.joined(separator: ", ")
        return "\(start); it has \(shown)\(members.count > 8 ? ", …" : "")"
    }

    /// The element of a list, or the member of a map, at a computed place.
    mutating func element(
        of operand: Expression, at index: Expression
    ) throws(ExpressionError) -> Value {
        let container = try value(of: operand)
        let place = try value(of: index)
        switch (container, place) {
        case (.list(let elements), .int), (.list(let elements), .double):
            guard let number = place.whole else {
                throw ExpressionError("a list's index must be whole, found \(place.jsonText)")
            }
            guard let offset = Int(exactly: number), elements.indices.contains(offset) else {
                throw ExpressionError(
                    "\(operand.placeText) has no element \(number): it has \(elements.count)")
            }
            return elements[offset]
        case (.map(let members), .string(let name)):
            guard let member = members[name] else {
                throw ExpressionError(noMember(name, in: members, writtenAs: operand))
            }
            return member
        case (.map, _):
            throw ExpressionError("a map's keys are strings, found \(place.kind)")
        case (.list, _):
            throw ExpressionError("a list's index must be an int, found \(place.kind)")
        default:
            throw ExpressionError(
                "\(operand.placeText) cannot be indexed: it is \(container.kind)")
        }
    }
}

extension Value {
    /// The value's type as CEL calls it, with its article, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a bool"
        case .int: "an int"
        case .double: "a double"
        case .string: "a string"
        case .list: "a list"
        case .map: "a map"
        case .timestamp: "a timestamp"
        case .duration: "a duration"
        }
    }
}

extension Variable: CustomStringConvertible {
    /// The variable as expressions write it.
    package var description: String {
        switch self {
        case .input: "input"
        case .key: "key"
        case .sagaID: "saga.id"
        case .sagaName: "saga.name"
        case .sagaVersion: "saga.version"
        case .stepOutcome(let name): "\(stepText(name)).outcome"
        case .stepResult(let name): "\(stepText(name)).result"
        case .stepResults(let name): "\(stepText(name)).results"
        case .result: "result"
        case .now: "now"
        case .failure: "failure"
        case .element(let name): name
        }
    }

    private func stepText(_ name: String) -> String {
        name.utf8.contains(UInt8(ascii: "-")) ? "steps['\(name)']" : "steps.\(name)"
    }
}

extension Expression {
    /// The place that an expression names, such as `input.items[0]`, for messages.
    fileprivate var placeText: String { path ?? "the value" }

    private var path: String? {
        switch self {
        case .variable(let variable): variable.description
        case .local(let name): name
        case .field(let operand, let name): operand.path.map { "\($0).\(name)" }
        case .index(let operand, .literal(let value)):
            operand.path.map { "\($0)[\(value.jsonText)]" }
        case .index(let operand, _): operand.path.map { "\($0)[…]" }
        case .literal, .list, .map, .hasField, .hasVariable, .unary, .binary, .conditional, .call,
            .comprehension:
            nil
        }
    }
}
