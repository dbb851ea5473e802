package import SagaCore

/// Turns a document into its canonical value and text.
///
/// The language's own keys come in the order of their tables. The author's names keep their order,
/// which means something in `set`, `outcomes` and the bodies of commands.
struct CanonicalForm {
    /// The documents of schema files by the names that the file gives them.
    var schemas: [String: YAMLNode]

    /// The canonical value of a whole file.
    func value(of document: YAMLNode) -> Value { value(of: document, by: .named(.saga)) }

    /// The canonical text of a value: JSON on one line that is YAML as well.
    ///
    /// JSON lets characters stand in strings that YAML takes for line ends or refuses; they are
    /// escaped here.
    static func text(of value: Value) -> String {
        var text = ""
        for scalar in value.jsonText.unicodeScalars {
            if isPlainInYAML(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return text
    }

    private static func isPlainInYAML(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    private func value(of node: YAMLNode, by table: KeyTable) -> Value {
        guard let members = node.members else { return node.plainValue }
        var ordered = Members()
        for key in table.keys {
            guard let member = node[key.name] else { continue }
            ordered[key.name] = value(of: member, as: key.kind)
        }
        for member in members where ordered[member.name] == nil {
            ordered[member.name] = member.value.plainValue
        }
        return .map(ordered)
    }

    /// A list of nodes, each by the table of its kind.
    private func nodes(_ list: YAMLNode) -> Value {
        list.elements.map { elements in
            .list(
                elements.map { node in
                    value(of: node, by: .named(NodeKind(of: node)?.table ?? .commandStep))
                })
        } ?? list.plainValue
    }

    private func value(of node: YAMLNode, as kind: KeyTable.Kind) -> Value {
        switch kind {
        case .table(let name), .choiceOrTable(_, let name):
            value(of: node, by: .named(name))
        case .nodes: nodes(node)
        case .branches:
            node.members.map { members in
                .map(Members(members.map { ($0.name, nodes($0.value)) }))
            } ?? node.plainValue
        case .namedTables(let name):
            node.members.map { members in
                .map(
                    Members(members.map { ($0.name, value(of: $0.value, by: .named(name))) }))
            } ?? node.plainValue
        case .schemaOrFile:
            SchemaKeyword.canonicalValue(of: node.scalar.flatMap { schemas[$0.text] } ?? node)
        case .text, .name, .path, .whole, .number, .percentage, .duration, .flag, .choice,
            .condition, .expression, .expressions, .expressionText, .templateText, .template,
            .templateMapping, .assignments:
            node.plainValue
        }
    }
}

extension YAMLNode {
    /// The node as a JSON value, names in file order, expressions as text.
    ///
    /// A number that JSON does not have becomes `null`; the reader reports it.
    package var plainValue: Value {
        switch content {
        case .sequence(let elements): .list(elements.map(\.plainValue))
        case .mapping(let members): .map(Members(members.map { ($0.name, $0.value.plainValue) }))
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null, .notFinite: .null
            case .bool(let truth): .bool(truth)
            case .whole(let number): .double(Double(number))
            case .number(let number): .double(number)
            case .text: .string(scalar.text)
            }
        }
    }
}
