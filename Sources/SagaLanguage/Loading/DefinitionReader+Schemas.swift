internal import SagaCore

// Schemas, inline and in files.
extension DefinitionReader {
    /// The schema that a key holds or names; nil where it cannot be read.
    mutating func readSchema(_ member: YAMLMember) -> Schema? {
        if member.value.members != nil {
            let (schema, found) = SchemaReader.read(member.value, in: source)
            diagnostics.add(found)
            return schema
        }
        guard let scalar = member.value.scalar, scalar.resolved == .text else {
            reportType(member, expected: "a JSON Schema, or the name of a file that holds one")
            return nil
        }
        return readSchemaFile(scalar.text, member)
    }

    private mutating func readSchemaFile(_ name: String, _ member: YAMLMember) -> Schema? {
        guard !name.contains("/"), !name.contains("\\"), !name.hasPrefix(".") else {
            diagnostics.error(
                .unreadable, at: member.place,
                "a schema file stands beside the definition: `\(shortened(name))` is no plain"
                    + " file name",
                fix: "write the file's name alone, such as `order.schema.json`")
            return nil
        }
        switch resolveSchema(name) {
        case .failure(let reason):
            diagnostics.error(
                .unreadable, at: member.place,
                "the schema file `\(shortened(name))` cannot be read: \(reason.message)")
            return nil
        case .success(let text):
            let file = SourceText(file: beside(name), text: text)
            let (document, found) = YAMLReader.read(file)
            diagnostics.add(found)
            guard let document else { return nil }
            schemaFiles[name] = document
            var numbers = DiagnosticList(file)
            numbers.checkNumbers(document)
            let (schema, problems) = SchemaReader.read(document, in: file)
            diagnostics.add(numbers.sorted + problems)
            return schema
        }
    }

    /// The name under which a file beside this one is shown.
    private func beside(_ name: String) -> String {
        guard let slash = source.file.lastIndex(of: "/") else { return name }
        return source.file[...slash] + name
    }
}
