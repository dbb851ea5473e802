internal import SagaCore

extension Schema {
    /// What expressions know of a value that fits the schema.
    ///
    /// Only what holds for every such value: alternatives say nothing, and an object is known to
    /// be closed where no other members are allowed.
    var expressionType: ExpressionType {
        assertions.reduce(.any) { known, assertion in known.narrowed(to: assertion.type(in: self)) }
    }

    /// The members that every object that fits has.
    var requiredNames: [String] {
        assertions.flatMap { assertion -> [String] in
            switch assertion {
            case .required(let names): names
            case .allOf(let schemas): schemas.flatMap(\.requiredNames)
            case .never, .type, .members, .items, .minItems, .maxItems, .uniqueItems, .minimum,
                .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf, .minLength,
                .maxLength, .oneOfValues, .format, .anyOf, .oneOf, .not:
                []
            }
        }
    }

    /// Whether some object may fit, by the types alone.
    var mayAcceptObjects: Bool {
        assertions.allSatisfy { assertion in
            switch assertion {
            case .never: false
            case .type(let types): types.contains(.object)
            case .oneOfValues(let values): values.contains { $0.members != nil }
            case .allOf(let schemas): schemas.allSatisfy(\.mayAcceptObjects)
            case .anyOf(let schemas), .oneOf(let schemas):
                schemas.contains(where: \.mayAcceptObjects)
            case .members, .required, .items, .minItems, .maxItems, .uniqueItems, .minimum,
                .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf, .minLength,
                .maxLength, .format, .not:
                true
            }
        }
    }

    /// What is known where the value is an object.
    fileprivate var objectType: ExpressionType {
        let required = Set(requiredNames)
        var fields: [String: ExpressionType.Field] = [:]
        var isOpen = true
        for case .members(let rules) in assertions {
            if rules.others == nil { isOpen = false }
            for member in rules.known {
                let type = (fields[member.name]?.type ?? .any)
                    .narrowed(to: member.schema.expressionType)
                fields[member.name] = .init(type, isRequired: required.contains(member.name))
            }
        }
        for name in required where fields[name] == nil {
            fields[name] = .init(.any, isRequired: true)
        }
        return .map(fields: fields, isOpen: isOpen)
    }

    fileprivate var elementType: ExpressionType {
        for case .items(let schema) in assertions { return schema.expressionType }
        return .any
    }
}

extension Schema.Assertion {
    /// What one assertion alone says of a value.
    fileprivate func type(in schema: Schema) -> ExpressionType {
        switch self {
        case .type(let types):
            let known = Set(types.map { $0.type(in: schema) })
            return known.count == 1 ? known.first ?? .any : .any
        case .oneOfValues(let values):
            let known = Set(values.map(\.scalarType))
            return known.count == 1 ? known.first ?? .any : .any
        case .allOf(let schemas):
            return schemas.reduce(.any) { $0.narrowed(to: $1.expressionType) }
        case .never, .members, .required, .items, .minItems, .maxItems, .uniqueItems, .minimum,
            .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf, .minLength, .maxLength,
            .format, .anyOf, .oneOf, .not:
            return .any
        }
    }
}

extension Schema.InstanceType {
    fileprivate func type(in schema: Schema) -> ExpressionType {
        switch self {
        case .null: .null
        case .boolean: .bool
        case .integer, .number: .double
        case .string: .string
        case .array: .list(schema.elementType)
        case .object: schema.objectType
        }
    }
}

extension Value {
    fileprivate var scalarType: ExpressionType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int, .double: .double
        case .string: .string
        case .list, .map, .timestamp, .duration: .any
        }
    }
}

extension ExpressionType {
    /// What is known of a value of which both are known.
    fileprivate func narrowed(to other: ExpressionType) -> ExpressionType {
        switch (self, other) {
        case (.any, let known), (let known, .any): return known
        case (.map(let left, let isLeftOpen), .map(let right, let isRightOpen)):
            let fields = left.merging(right) { one, two in
                Field(
                    one.type.narrowed(to: two.type), isRequired: one.isRequired || two.isRequired)
            }
            return .map(fields: fields, isOpen: isLeftOpen && isRightOpen)
        case (.list(let left), .list(let right)): return .list(left.narrowed(to: right))
        case (.null, _), (.bool, _), (.int, _), (.double, _), (.string, _), (.timestamp, _),
            (.duration, _), (.list, _), (.map, _):
            return self
        }
    }
}
