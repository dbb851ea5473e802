internal import SagaCore

/// The keywords of the JSON Schema subset, in the order of canonical text and of evaluation.
package enum SchemaKeyword: String, CaseIterable, Sendable {
    /// The dialect; an annotation here.
    case dialect = "$schema"
    /// The schema's identity; an annotation here.
    case id = "$id"
    /// A remark.
    case comment = "$comment"
    /// A short name.
    case title
    /// What it is for.
    case description
    /// Whether it should no longer be used.
    case deprecated
    /// The kinds of value.
    case type
    /// The values, listed.
    case `enum`
    /// The one value.
    case const
    /// The members with a schema of their own.
    case properties
    /// What all other members are.
    case additionalProperties
    /// The members that must be there.
    case required
    /// What each element is.
    case items
    /// The fewest elements.
    case minItems
    /// The most elements.
    case maxItems
    /// Whether elements differ.
    case uniqueItems
    /// The least number.
    case minimum
    /// The greatest number.
    case maximum
    /// What a number is above.
    case exclusiveMinimum
    /// What a number is below.
    case exclusiveMaximum
    /// What a number is a multiple of.
    case multipleOf
    /// The fewest code points.
    case minLength
    /// The most code points.
    case maxLength
    /// The form of a text.
    case format
    /// Another schema of `$defs`.
    case reference = "$ref"
    /// All of these.
    case allOf
    /// Any of these.
    case anyOf
    /// One of these.
    case oneOf
    /// Not this.
    case not
    /// What it is when nothing is given; an annotation.
    case `default`
    /// Examples; an annotation.
    case examples
    /// Schemas to refer to.
    case definitions = "$defs"

    /// Where schemas stand in a keyword's value.
    enum Shape {
        /// Nowhere.
        case value
        /// It is one.
        case schema
        /// Its elements are.
        case schemas
        /// Its members are.
        case namedSchemas
    }

    var shape: Shape {
        switch self {
        case .additionalProperties, .items, .not: .schema
        case .allOf, .anyOf, .oneOf: .schemas
        case .properties, .definitions: .namedSchemas
        case .dialect, .id, .comment, .title, .description, .deprecated, .type, .enum, .const,
            .required, .minItems, .maxItems, .uniqueItems, .minimum, .maximum,
            .exclusiveMinimum, .exclusiveMaximum, .multipleOf, .minLength, .maxLength, .format,
            .reference, .default, .examples:
            .value
        }
    }

    /// Keywords of draft 2020-12 that the subset leaves out on purpose, and why.
    static let leftOut: [String: String] = [
        "pattern": "regular expressions have no bound on their time",
        "patternProperties": "regular expressions have no bound on their time",
        "if": "write it with `anyOf`", "then": "write it with `anyOf`",
        "else": "write it with `anyOf`", "dependentRequired": "write it with `anyOf`",
        "dependentSchemas": "write it with `anyOf`",
        "unevaluatedProperties": "write `additionalProperties`",
        "unevaluatedItems": "write `items`", "prefixItems": "give the elements names, as members",
        "additionalItems": "write `items`", "contains": "check it in a step's `when`",
        "minContains": "check it in a step's `when`", "maxContains": "check it in a step's `when`",
        "minProperties": "write `required`", "maxProperties": "write `additionalProperties: false`",
        "propertyNames": "write `additionalProperties: false`",
        "$anchor": "refer to `#/$defs/NAME`", "$dynamicRef": "refer to `#/$defs/NAME`",
        "$dynamicAnchor": "refer to `#/$defs/NAME`", "definitions": "write `$defs`",
        "contentEncoding": "leave it out", "contentMediaType": "leave it out",
        "contentSchema": "leave it out", "$vocabulary": "leave it out",
    ]

    /// The canonical value of a schema: keywords in one order, names in file order.
    static func canonicalValue(of node: YAMLNode) -> Value {
        guard let members = node.members else { return node.plainValue }
        var ordered = Members()
        for keyword in allCases {
            guard let value = node[keyword.rawValue] else { continue }
            ordered[keyword.rawValue] = keyword.canonicalValue(of: value)
        }
        for member in members where ordered[member.name] == nil {
            ordered[member.name] = member.value.plainValue
        }
        return .map(ordered)
    }

    private func canonicalValue(of node: YAMLNode) -> Value {
        switch (shape, node.content) {
        case (.schema, _): return Self.canonicalValue(of: node)
        case (.schemas, .sequence(let elements)):
            return .list(elements.map { Self.canonicalValue(of: $0) })
        case (.namedSchemas, .mapping(let members)):
            let pairs = members.map { ($0.name, Self.canonicalValue(of: $0.value)) }
            return .map(Members(pairs))
        case (.value, _), (.schemas, _), (.namedSchemas, _): return node.plainValue
        }
    }
}
