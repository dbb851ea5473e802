extension ExpressionType {
    /// The type with its article, for messages.
    package var shown: String {
        switch self {
        case .any: "a value of any type"
        case .null: "null"
        case .bool: "a bool"
        case .int: "an int"
        case .double: "a double"
        case .string: "a string"
        case .timestamp: "a timestamp"
        case .duration: "a duration"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// Whether the type is a number, or may be one.
    var mayBeNumber: Bool { self == .any || isNumber }

    /// Whether the type is an int or a double.
    var isNumber: Bool { self == .int || self == .double }

    /// Whether a value of this type may be of the other, as far as both are known.
    func mayBe(_ other: ExpressionType) -> Bool {
        switch (self, other) {
        case (.any, _), (_, .any), (.list, .list), (.map, .map): true
        default: self == other
        }
    }

    /// Whether `==` between the types can ever be true, `null` beside anything included.
    func mayEqual(_ other: ExpressionType) -> Bool {
        switch (self, other) {
        case (.null, _), (_, .null): true
        case (.int, .double), (.double, .int): true
        case (.list(let left), .list(let right)): left.mayEqual(right)
        default: mayBe(other)
        }
    }

    /// Whether `<` has a meaning between the types.
    func mayCompare(with other: ExpressionType) -> Bool {
        switch (self, other) {
        case (.null, _), (_, .null), (.list, _), (_, .list), (.map, _), (_, .map): false
        case (.int, .double), (.double, .int): true
        default: mayBe(other)
        }
    }

    /// What is known of a value that has this or the other type.
    func joined(with other: ExpressionType) -> ExpressionType {
        switch (self, other) {
        case _ where self == other: self
        case (.list(let left), .list(let right)): .list(left.joined(with: right))
        case (.map, .map): .anyMap
        default: .any
        }
    }
}

/// What is known of a value that has any of these types; `any` of none.
func joined(_ types: [ExpressionType]) -> ExpressionType {
    guard let first = types.first else { return .any }
    return types.dropFirst().reduce(first) { $0.joined(with: $1) }
}
