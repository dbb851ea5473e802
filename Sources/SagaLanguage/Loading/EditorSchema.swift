package import SagaCore

/// The key tables as a JSON Schema (draft 2020-12), by which editors complete and check a file.
///
/// It knows what one value may look like. What parts of a file owe one another only the loader
/// knows, so a file that fits may still be refused; a file that loads fits.
package enum EditorSchema {
    /// The schema as the file `schema/saga.schema.json` has it: indented JSON, a line end last.
    package static var text: String { value.jsonTextIndented + "\n" }

    /// The schema.
    package static var value: Value {
        var definitions = KeyTable.Name.allCases.map { name in
            (name.rawValue, table(KeyTable.named(name)))
        }
        definitions.append(("nodes", nodes))
        definitions.append(("node", node))
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A saga definition of sagad",
            "$ref": reference(KeyTable.Name.saga.rawValue),
            "$defs": .map(Members(definitions)),
        ]
    }

    private static func reference(_ name: String) -> Value { .string("#/$defs/\(name)") }

    private static func table(_ table: KeyTable) -> Value {
        let properties = table.keys.map { key in
            (key.name, described(schema(of: key.kind), as: key.documentation))
        }
        let required = table.keys.filter(\.isRequired).map { Value.string($0.name) }
        var members: [(String, Value)] = [
            ("type", "object"), ("properties", .map(Members(properties))),
        ]
        if !required.isEmpty { members.append(("required", .list(required))) }
        return .map(Members(members + [("additionalProperties", false)]))
    }

    private static func described(_ members: [(String, Value)], as text: String) -> Value {
        .map(Members([("description", .string(text))] + members))
    }

    private static var nodes: Value {
        [
            "type": "array", "minItems": 1,
            "maxItems": .double(Double(DefinitionReader.nodeLimit)),
            "items": ["$ref": reference("node")],
        ]
    }

    private static var node: Value {
        let kinds = NodeKind.allCases.map { kind -> Value in
            ["$ref": reference(kind.table.rawValue)]
        }
        return ["anyOf": .list(kinds)]
    }
}

// What a key's value may look like.
extension EditorSchema {
    private static func schema(of kind: KeyTable.Kind) -> [(String, Value)] {
        switch kind {
        case .text, .templateText: [("type", "string")]
        case .name(let rule): text(by: rule)
        case .path: pattern("^/.")
        case .whole(let range):
            [
                ("type", "integer"), ("minimum", .double(Double(range.lowerBound))),
                ("maximum", .double(Double(range.upperBound))),
            ]
        case .number(let bound):
            [("type", "number"), ("minimum", .double(bound)), ("maximum", 1000)]
        case .percentage: pattern("^.+%$")
        case .duration(let allowsZero): pattern(duration(allowsZero: allowsZero))
        case .flag: [("type", "boolean")]
        case .choice(let words): [("enum", .list(words.map(Value.string)))]
        case .condition, .expression: pattern(oneExpression)
        case .expressions:
            either([
                pattern(oneExpression),
                [("type", "array"), ("items", .map(Members(pattern(oneExpression))))],
            ])
        case .expressionText: pattern(anyExpression)
        case .template: []
        case .templateMapping: either([[("type", "object")], pattern(anyExpression)])
        case .assignments:
            [("type", "object"), ("propertyNames", .map(Members(text(by: .member))))]
        case .schemaOrFile: [("type", ["object", "string"])]
        case .table(let name): [("$ref", reference(name.rawValue))]
        case .choiceOrTable(let words, let name):
            either([
                [("enum", .list(words.map(Value.string)))], [("$ref", reference(name.rawValue))],
            ])
        case .namedTables(let name): named(name)
        case .nodes: [("$ref", reference("nodes"))]
        case .branches: branches
        }
    }

    /// Exactly one `${…}`.
    private static let oneExpression = "^\\$\\{[\\s\\S]*\\}$"
    /// Text with a `${…}` in it.
    private static let anyExpression = "\\$\\{"

    private static func duration(allowsZero: Bool) -> String {
        let parts = ["d", "h", "m", "s", "ms"].map { "([0-9]+\($0))?" }.joined()
        return (allowsZero ? "^(?=.)" : "^(?=.*[1-9])") + parts + "$"
    }

    private static func text(by rule: NameRule) -> [(String, Value)] {
        switch rule {
        case .subject:
            pattern(rule.pattern) + [("maxLength", .double(Double(NameRule.subjectLengthLimit)))]
        case .member:
            [
                ("type", "string"), ("minLength", 1),
                ("maxLength", .double(Double(NameRule.lengthLimit))),
            ]
        case .saga, .step, .outcome, .event, .aggregateType, .stream, .branch, .element, .role:
            pattern(rule.pattern)
        }
    }

    private static func pattern(_ pattern: String) -> [(String, Value)] {
        [("type", "string"), ("pattern", .string(pattern))]
    }

    private static func either(_ schemas: [[(String, Value)]]) -> [(String, Value)] {
        [("anyOf", .list(schemas.map { .map(Members($0)) }))]
    }

    /// The author's names, each with a mapping by a table, or with nothing.
    private static func named(_ name: KeyTable.Name) -> [(String, Value)] {
        [
            ("type", "object"), ("minProperties", 1),
            ("maxProperties", .double(Double(DefinitionReader.outcomeLimit))),
            ("propertyNames", .map(Members(text(by: .outcome)))),
            (
                "additionalProperties",
                .map(Members(either([[("$ref", reference(name.rawValue))], [("type", "null")]])))
            ),
        ]
    }

    private static var branches: [(String, Value)] {
        [
            ("type", "object"), ("minProperties", 1),
            ("maxProperties", .double(Double(DefinitionReader.branchLimit))),
            ("propertyNames", .map(Members(text(by: .branch)))),
            ("additionalProperties", ["$ref": reference("nodes")]),
        ]
    }
}
