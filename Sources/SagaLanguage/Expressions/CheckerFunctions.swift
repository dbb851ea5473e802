internal import SagaCore

extension Expression.Function {
    /// Whether the function is written around its value: `size(x)`.
    var isGlobal: Bool {
        switch self {
        case .size, .int, .double, .string, .timestamp, .duration: true
        case .contains, .startsWith, .endsWith, .join, .sum, .min, .max: false
        }
    }

    /// Whether the function is written after its value: `x.size()`.
    var isMethod: Bool { self == .size || !isGlobal }

    /// How many values the function takes, the one before the dot included.
    var argumentCounts: ClosedRange<Int> {
        switch self {
        case .size, .int, .double, .string, .timestamp, .duration, .sum, .min, .max: 1...1
        case .contains, .startsWith, .endsWith: 2...2
        case .join: 1...2
        }
    }

    /// The function as it is written.
    var form: String {
        switch self {
        case .size, .int, .double, .string, .timestamp, .duration: "\(rawValue)(x)"
        case .sum, .min, .max: "list.\(rawValue)()"
        case .contains, .startsWith, .endsWith: "text.\(rawValue)(part)"
        case .join: "list.join(', ')"
        }
    }

    /// The types of which the first value must be one; lists are judged by their elements too.
    var takes: [ExpressionType] {
        switch self {
        case .size: [.string, .list(.any), .anyMap]
        case .int: [.double, .string, .timestamp, .int]
        case .double: [.int, .string, .double]
        case .string: [.string, .double, .int, .bool, .timestamp, .duration]
        case .timestamp: [.string, .int, .timestamp]
        case .duration: [.string, .duration]
        case .contains, .startsWith, .endsWith: [.string]
        case .join, .sum, .min, .max: [.list(.any)]
        }
    }

    /// The type of the function's value; `any` where it is that of a list's elements.
    var resultType: ExpressionType {
        switch self {
        case .size, .int: .int
        case .double: .double
        case .string, .join: .string
        case .contains, .startsWith, .endsWith: .bool
        case .timestamp: .timestamp
        case .duration: .duration
        case .sum, .min, .max: .any
        }
    }
}

extension Checker {
    /// Every function and macro of the language.
    static let functionNames =
        ["has"] + Expression.Function.allCases.map(\.rawValue)
        + Expression.Comprehension.allCases.map(\.rawValue)

    static let functionsFix = "there are \(functionNames.sorted().joined(separator: ", "))"

    /// What else CEL and its usual extensions have.
    static let otherFunctions: Set<String> = [
        "matches", "bytes", "bool", "uint", "dyn", "type", "getDate", "getDayOfMonth",
        "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds", "getMinutes",
        "getMonth", "getSeconds", "charAt", "indexOf", "lastIndexOf", "lowerAscii", "upperAscii",
        "replace", "split", "substring", "trim", "format", "quote", "reverse", "slice", "flatten",
        "sort", "sortBy", "distinct", "first", "last", "lists", "transformList", "transformMap",
        "transformMapEntry", "existsOne", "isSorted", "find", "findAll", "url", "isURL", "ip",
        "isIP", "cidr", "quantity", "isQuantity", "optMap", "orValue", "hasValue", "value",
    ]

    /// The names before the dot of CEL's extensions.
    static let namespaces: Set<String> = [
        "math", "strings", "lists", "sets", "optional", "cel", "base64", "regex", "net", "proto",
    ]

    /// What other languages call some functions.
    static let synonyms = [
        "len": "size", "length": "size", "count": "size", "str": "string", "float": "double",
        "number": "double", "toString": "string", "any": "exists", "some": "exists",
        "every": "all", "includes": "contains", "concat": "join", "total": "sum",
        "minimum": "min", "maximum": "max", "date": "timestamp", "time": "timestamp",
    ]
}
