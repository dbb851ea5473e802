extension ExpressionType {
    /// The type with its article, for messages.
    var phrase: String {
        switch self {
        case .any: "anything"
        case .null: "null"
        case .bool: "a boolean"
        case .int: "a whole number"
        case .double: "a number"
        case .string: "text"
        case .timestamp: "a timestamp"
        case .duration: "a duration"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// Whether a business key may be of this type.
    var mayBeKey: Bool {
        switch self {
        case .any, .string, .int, .double, .timestamp: true
        case .null, .bool, .duration, .list, .map: false
        }
    }

    /// Whether a value of this type may be a map.
    var mayBeMap: Bool {
        switch self {
        case .any, .map: true
        case .null, .bool, .int, .double, .string, .timestamp, .duration, .list: false
        }
    }
}
