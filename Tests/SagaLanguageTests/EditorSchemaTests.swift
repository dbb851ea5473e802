import Foundation
import SagaCore
import SagaLanguage
import Testing

private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

@Suite struct `The editors' schema` {
    @Test func `is committed as the key tables give it`() throws {
        let file = root.appendingPathComponent("schema").resolvingSymlinksInPath()
            .appendingPathComponent("saga.schema.json")
        if Fixture.writes {
            try EditorSchema.text.write(to: file, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(
            committed == EditorSchema.text,
            "SAGA_FIXTURES=write swift test --filter SagaLanguageTests writes it anew")
    }

    @Test func `is JSON that refers only to what it defines`() throws {
        let schema = try Value(json: EditorSchema.text)
        let defined = Set(schema["$defs"]?.members?.names ?? [])
        let used = Set(references(in: schema))
        #expect(used.isSubset(of: defined), "\(used.subtracting(defined))")
        #expect(defined == used)
    }

    @Test(arguments: KeyTable.Name.allCases)
    func `has every key with its sentence`(name: KeyTable.Name) throws {
        let table = KeyTable.named(name)
        let schema = try #require(EditorSchema.value["$defs"]?[name.rawValue])
        #expect(schema["properties"]?.members?.names == table.keys.map(\.name))
        for key in table.keys {
            let property = schema["properties"]?[key.name]
            #expect(property?["description"] == .string(key.documentation))
        }
        let required = table.keys.filter(\.isRequired).map { Value.string($0.name) }
        #expect(schema["required"] == (required.isEmpty ? nil : .list(required)))
        #expect(schema["additionalProperties"] == false)
    }

    private func references(in value: Value) -> [String] {
        if case .string(let text)? = value["$ref"], text.hasPrefix("#/$defs/") {
            return [String(text.dropFirst(8))] + inner(of: value)
        }
        return inner(of: value)
    }

    private func inner(of value: Value) -> [String] {
        let members = value.members?.map(\.value) ?? []
        return (members + (value.elements ?? [])).flatMap(references)
    }
}
