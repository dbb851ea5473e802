package import SagaCore

/// Why a file or a directory cannot be read.
package struct UnreadableFile: Error, Equatable, Sendable {
    /// The reason for people, such as `there is no such file beside this one`.
    package var message: String

    /// The reason given.
    package init(_ message: String) { self.message = message }
}

/// What came of loading one file.
package struct LoadResult: Sendable {
    /// The definition; nil where any diagnostic is an error.
    package var definition: SagaDefinition?
    /// The file as a JSON value: the language's own keys in one order, external schemas written
    /// in; comments and layout leave it as it is. `null` where the file is no YAML or too large.
    package var canonical: Value
    /// The canonical value as text that loads again to an equal definition: JSON on one line.
    package var canonicalText: String
    /// The SHA-256 of the canonical text in UTF-8: 32 bytes.
    package var hash: [UInt8]
    /// Everything that is wrong, by line and column.
    package var diagnostics: [Diagnostic]
    /// Where the parts stand that other files may clash with.
    var places: DefinitionPlaces
}

/// Where the parts of a file stand that other files may clash with.
struct DefinitionPlaces: Sendable {
    var source: SourceText
    var version: YAMLSpan?
    var path: YAMLSpan?
    /// The child sagas that the file names, in file order.
    var children: [ChildPlace] = []
}

/// Where a file names a child saga.
struct ChildPlace: Sendable {
    var saga: String
    var place: YAMLSpan
    /// On which side of the parent's pivot the child runs.
    var position: PivotPosition
}

/// Turns the text of one file into a definition.
package enum DefinitionLoader {
    /// The definition that a text means, or everything that is wrong with it.
    ///
    /// `file` is the name that diagnostics show. `resolveSchema` is asked for the text of a schema
    /// file by the name that a schema's key has. Nothing else is read, so that of each child saga
    /// a warning says that it is not looked at.
    package static func load(
        text: String, file: String,
        resolveSchema: (String) -> Result<String, UnreadableFile>
    ) -> LoadResult {
        var result = load(alone: text, file: file, resolveSchema: resolveSchema)
        var warnings = DiagnosticList(result.places.source)
        for child in result.places.children {
            warnings.warning(
                .childNotChecked, at: child.place,
                "whether there is a saga `\(child.saga)` that may stand here is not known from"
                    + " this file alone",
                fix: "check the directory that holds both")
        }
        result.diagnostics = (result.diagnostics + warnings.sorted).sortedByPlace
        return result
    }

    /// The same without a word about child sagas, for those who look at them or have done so.
    static func load(
        alone text: String, file: String,
        resolveSchema: (String) -> Result<String, UnreadableFile>
    ) -> LoadResult {
        let source = SourceText(file: file, text: text)
        let (document, found) = YAMLReader.read(source)
        guard let document else { return LoadResult(unreadable: source, diagnostics: found) }
        return withoutActuallyEscaping(resolveSchema) { resolveSchema in
            var reader = DefinitionReader(source, resolveSchema: resolveSchema)
            reader.diagnostics.add(found)
            let definition = reader.read(document)
            let canonical = CanonicalForm(schemas: reader.schemaFiles).value(of: document)
            let text = CanonicalForm.text(of: canonical)
            guard reader.checkSize(ofCanonical: text, in: document) else {
                return LoadResult(unreadable: source, diagnostics: reader.diagnostics.sorted)
            }
            let diagnostics = reader.diagnostics.sorted
            return LoadResult(
                definition: diagnostics.hasErrors ? nil : definition, canonical: canonical,
                canonicalText: text, hash: SHA256.digest(of: Array(text.utf8)),
                diagnostics: diagnostics, places: reader.places)
        }
    }

    /// The definition of canonical text, as a store keeps it.
    package static func load(canonical text: String, file: String) -> LoadResult {
        load(alone: text, file: file) { name in
            .failure(UnreadableFile("canonical text has its schemas written in, not `\(name)`"))
        }
    }
}

extension LoadResult {
    /// What came of a file that has no canonical form.
    init(unreadable source: SourceText, diagnostics: [Diagnostic]) {
        self.init(
            definition: nil, canonical: .null, canonicalText: "null",
            hash: SHA256.digest(of: Array("null".utf8)), diagnostics: diagnostics,
            places: DefinitionPlaces(source: source))
    }
}
