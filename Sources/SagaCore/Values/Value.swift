/// A value as documents hold it and expressions compute it.
///
/// The JSON kinds are `null`, `bool`, `double`, `string`, `list` and `map`: a value read from JSON
/// holds no other. Expressions also make `int`, `timestamp` and `duration`; ``json`` turns these
/// into their JSON forms. Equality is structural: `int(1)` and `double(1)` differ here, although
/// the expression `1 == 1.0` is true.
package enum Value: Hashable, Sendable {
    /// The absence of a value, written `null`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number made by an expression (`size`, `int`, a literal); never read from JSON.
    case int(Int64)
    /// Any number read from JSON, finite.
    case double(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case list([Value])
    /// Named values, in the order in which they were first written.
    case map(Members)
    /// A point in time, microseconds precise; in JSON an RFC 3339 string in UTC.
    case timestamp(Instant)
    /// A length of time; in JSON seconds with an `s`, as in `90s` or `0.25s`.
    case duration(Duration)
}

extension Value {
    /// The same value with the JSON kinds only.
    package var json: Value {
        switch self {
        case .null, .bool, .double, .string: self
        case .int(let number): .double(Double(number))
        case .list(let elements): .list(elements.map(\.json))
        case .map(let members): .map(members.mapValues(\.json))
        case .timestamp(let instant): .string(instant.description)
        case .duration(let duration): .string(duration.secondsText)
        }
    }

    /// The member of that name, or nil where this is no map or has none.
    package subscript(name: String) -> Value? {
        guard case .map(let members) = self else { return nil }
        return members[name]
    }

    /// The text of a string value, or nil.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The truth of a boolean value, or nil.
    package var truth: Bool? {
        guard case .bool(let truth) = self else { return nil }
        return truth
    }

    /// The number of an int or double value that is whole and fits 64 bits, or nil.
    package var whole: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        case .null, .bool, .string, .list, .map, .timestamp, .duration: nil
        }
    }

    /// The elements of a list value, or nil.
    package var elements: [Value]? {
        guard case .list(let elements) = self else { return nil }
        return elements
    }

    /// The members of a map value, or nil.
    package var members: Members? {
        guard case .map(let members) = self else { return nil }
        return members
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByNilLiteral
{
    /// Text.
    package init(stringLiteral text: String) { self = .string(text) }
    /// A truth value.
    package init(booleanLiteral truth: Bool) { self = .bool(truth) }
    /// A list.
    package init(arrayLiteral elements: Value...) { self = .list(elements) }
    /// A map; a name given twice keeps the last value.
    package init(dictionaryLiteral members: (String, Value)...) { self = .map(Members(members)) }
    /// A double.
    package init(floatLiteral number: Double) { self = .double(number) }
    /// A double, as every number in JSON is.
    package init(integerLiteral number: Int64) { self = .double(Double(number)) }
    /// `null`.
    package init(nilLiteral: ()) { self = .null }
}
