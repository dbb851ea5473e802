internal import SagaCore

/// Compiles one JSON Schema document and finds everything that is wrong with it.
struct SchemaReader {
    /// The most schemas that one document may stand for, references written out.
    static let schemaLimit = 10_000

    var diagnostics: DiagnosticList
    private let definitions: [YAMLMember]
    private let root: YAMLSpan
    /// The definitions that are being read, the innermost last.
    private var openReferences: [String] = []
    private var schemaCount = 0
    private var hasReportedSize = false

    private init(_ document: YAMLNode, in source: SourceText) {
        diagnostics = DiagnosticList(source)
        definitions = document[SchemaKeyword.definitions.rawValue]?.members ?? []
        root = document.firstPlace
    }

    /// The schema of a document, and what is wrong with it.
    static func read(
        _ document: YAMLNode, in source: SourceText
    ) -> (schema: Schema, diagnostics: [Diagnostic]) {
        var reader = SchemaReader(document, in: source)
        let schema = reader.read(document, depth: 0)
        // What nothing refers to must be right all the same.
        for member in reader.definitions {
            reader.openReferences = [member.name]
            _ = reader.read(member.value, depth: 1)
        }
        return (schema, reader.diagnostics.sorted)
    }

    mutating func read(_ node: YAMLNode, depth: Int) -> Schema {
        schemaCount += 1
        guard schemaCount <= Self.schemaLimit, depth <= Schema.depthLimit else {
            if !hasReportedSize {
                report(
                    root,
                    "with its references written out the schema is larger than"
                        + " \(Self.schemaLimit) schemas or deeper than \(Schema.depthLimit)")
            }
            hasReportedSize = true
            return .anything
        }
        if case .bool(let truth) = node.scalar?.resolved { return truth ? .anything : .nothing }
        guard let members = node.members else {
            report(node.firstPlace, "a schema must be a mapping, is \(node.phrase)")
            return .anything
        }
        for member in members { checkKeyword(member, depth: depth) }
        var assertions: [Schema.Assertion] = []
        for keyword in SchemaKeyword.allCases {
            guard let member = members.first(where: { $0.name == keyword.rawValue }) else {
                continue
            }
            assertions += read(keyword, member, of: node, depth: depth)
        }
        return Schema(assertions)
    }

    mutating func report(_ place: YAMLSpan, _ message: String, fix: String? = nil) {
        diagnostics.error(.badSchema, at: place, message, fix: fix)
    }

    private mutating func checkKeyword(_ member: YAMLMember, depth: Int) {
        if member.name == SchemaKeyword.definitions.rawValue, depth > 0 {
            report(
                member.nameSpan, "`$defs` stands at the top of a schema only",
                fix: "move it there")
        }
        guard SchemaKeyword(rawValue: member.name) == nil else { return }
        let subset = "of the subset of JSON Schema that sagad checks"
        if let instead = SchemaKeyword.leftOut[member.name] {
            report(member.nameSpan, "`\(member.name)` is no part \(subset)", fix: instead)
        } else {
            let near = nearest(
                to: member.name, among: SchemaKeyword.allCases.map(\.rawValue))
            report(
                member.nameSpan, "`\(shortened(member.name))` is no keyword \(subset)",
                fix: near.map { "did you mean `\($0)`?" })
        }
    }

    private mutating func read(
        _ keyword: SchemaKeyword, _ member: YAMLMember, of node: YAMLNode, depth: Int
    ) -> [Schema.Assertion] {
        switch keyword {
        case .dialect, .id, .comment, .title, .description, .deprecated, .default, .examples,
            .definitions:
            []
        case .type: readType(member)
        case .enum: readEnumeration(member)
        case .const: [.oneOfValues([member.value.plainValue])]
        case .properties: readMembers(of: node, depth: depth)
        case .additionalProperties:
            // Read with `properties`, where these are.
            node["properties"] == nil ? readMembers(of: node, depth: depth) : []
        case .required: readRequired(member, of: node)
        case .items: readItems(member, depth: depth)
        case .minItems: count(member).map { [.minItems($0)] } ?? []
        case .maxItems: count(member).map { [.maxItems($0)] } ?? []
        case .uniqueItems: readUnique(member)
        case .minimum: number(member).map { [.minimum($0)] } ?? []
        case .maximum: number(member).map { [.maximum($0)] } ?? []
        case .exclusiveMinimum: number(member).map { [.exclusiveMinimum($0)] } ?? []
        case .exclusiveMaximum: number(member).map { [.exclusiveMaximum($0)] } ?? []
        case .multipleOf: readMultiple(member)
        case .minLength: count(member).map { [.minLength($0)] } ?? []
        case .maxLength: count(member).map { [.maxLength($0)] } ?? []
        case .format: readFormat(member)
        case .reference: readReference(member, depth: depth)
        case .allOf: readList(member, depth: depth).map { [.allOf($0)] } ?? []
        case .anyOf: readList(member, depth: depth).map { [.anyOf($0)] } ?? []
        case .oneOf: readList(member, depth: depth).map { [.oneOf($0)] } ?? []
        case .not: [.not(read(member.value, depth: depth + 1))]
        }
    }

    private mutating func readReference(_ member: YAMLMember, depth: Int) -> [Schema.Assertion] {
        let prefix = "#/$defs/"
        let text = member.value.scalar?.text ?? ""
        guard text.hasPrefix(prefix), !text.contains("%") else {
            report(
                member.place, "`$ref` must be `#/$defs/NAME`, is \(member.value.phrase)",
                fix: "put the schema into `$defs` of this document")
            return []
        }
        let name = text.dropFirst(prefix.count).split(
            separator: "~1", omittingEmptySubsequences: false
        ).map { $0.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~") }
            .joined(separator: "/")
        guard let definition = definitions.first(where: { $0.name == name }) else {
            let near = nearest(to: name, among: definitions.map(\.name))
            report(
                member.place, "`$defs` has no `\(shortened(name))`",
                fix: near.map { "did you mean `\($0)`?" })
            return []
        }
        guard !openReferences.contains(name) else {
            let way = (openReferences + [name]).map { "`\($0)`" }.joined(separator: " → ")
            report(member.place, "this reference leads back to itself: \(way)")
            return []
        }
        openReferences.append(name)
        let schema = read(definition.value, depth: depth + 1)
        openReferences.removeLast()
        return schema.assertions
    }
}
