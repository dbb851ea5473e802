extension Evaluator {
    /// CEL's `==`: numbers by what they count, containers element by element, other types never.
    mutating func equals(_ left: Value, _ right: Value) throws(ExpressionError) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)):
            try chargeReading(a, b)
            return a.isSameText(as: b)
        case (.timestamp(let a), .timestamp(let b)): return a == b
        case (.duration(let a), .duration(let b)): return a == b
        case (.int, .int), (.int, .double), (.double, .int), (.double, .double):
            return left.order(to: right) == .known(.same)
        case (.list(let a), .list(let b)): return try equals(a, b)
        case (.map(let a), .map(let b)): return try equals(a, b)
        case (.null, _), (.bool, _), (.string, _), (.timestamp, _), (.duration, _), (.int, _),
            (.double, _), (.list, _), (.map, _):
            return false
        }
    }

    /// Counts the steps of reading two texts until they differ.
    mutating func chargeReading(_ left: String, _ right: String) throws(ExpressionError) {
        try charge(min(left.utf8.count, right.utf8.count) / textBytesPerStep)
    }

    private mutating func equals(
        _ left: [Value], _ right: [Value]
    ) throws(ExpressionError) -> Bool {
        guard left.count == right.count else { return false }
        for (a, b) in zip(left, right) {
            try charge(1)
            guard try equals(a, b) else { return false }
        }
        return true
    }

    private mutating func equals(
        _ left: Members, _ right: Members
    ) throws(ExpressionError) -> Bool {
        guard left.count == right.count else { return false }
        for member in left {
            try charge(1)
            guard let other = right[member.name], try equals(member.value, other) else {
                return false
            }
        }
        return true
    }
}

/// Which of two values comes first.
enum Order: Equatable {
    /// The left one.
    case before
    /// Neither.
    case same
    /// The right one.
    case after

    /// The order of two values of one type.
    init<Ordered: Comparable>(_ left: Ordered, _ right: Ordered) {
        self = left < right ? .before : left > right ? .after : .same
    }
}

/// What comparing two values gives.
enum Comparison: Equatable {
    /// Their order.
    case known(Order)
    /// No order, as beside "not a number": every comparison is false.
    case unordered
    /// The types have no order between them.
    case incomparable
}

extension Value {
    /// CEL's order: numbers across their types, texts by code points, `false` before `true`.
    ///
    /// An int beside a double is compared as the double nearest to it, as CEL's rules say.
    func order(to other: Value) -> Comparison {
        switch (self, other) {
        case (.int(let a), .int(let b)): .known(Order(a, b))
        case (.double(let a), .double(let b)):
            a.isNaN || b.isNaN ? .unordered : .known(Order(a, b))
        case (.int(let a), .double(let b)): Value.double(Double(a)).order(to: .double(b))
        case (.double(let a), .int(let b)): Value.double(a).order(to: .double(Double(b)))
        case (.string(let a), .string(let b)):
            .known(
                a.isSameText(as: b)
                    ? .same : a.utf8.lexicographicallyPrecedes(b.utf8) ? .before : .after)
        case (.bool(let a), .bool(let b)): .known(Order(a ? 1 : 0, b ? 1 : 0))
        case (.timestamp(let a), .timestamp(let b)): .known(Order(a, b))
        case (.duration(let a), .duration(let b)): .known(Order(a, b))
        default: .incomparable
        }
    }
}

extension String {
    /// Whether both have the same code points; `==` would also take other forms of a letter.
    func isSameText(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
