package import SagaCore
package import SagaLanguage

/// The stories and invariants beside a definition: `NAME.test.yaml` beside `NAME.yaml`.
package struct ScenarioFile: Sendable {
    /// The file as diagnostics name it.
    package var file: String
    /// The definition that it is about.
    package var definition: SagaDefinition
    /// The stories, in file order.
    package var scenarios: [Scenario]
    /// What must always hold.
    package var invariants: [Invariant]
    /// The input of the first story, which the model checker takes.
    package var sample: Value? { scenarios.first?.input }

    /// What came of reading a file of scenarios.
    package struct Result: Sendable {
        /// The file; nil where any diagnostic is an error.
        package var file: ScenarioFile?
        /// Everything that is wrong with it and with the definition beside it.
        package var diagnostics: [Diagnostic]
    }

    /// The name of the definition beside a scenario file.
    package static func definition(beside path: String) -> String {
        path.hasSuffix(".test.yaml") ? String(path.dropLast(10)) + ".yaml" : path
    }

    /// The name of the scenario file beside a definition.
    package static func scenarios(beside path: String) -> String {
        path.hasSuffix(".yaml") ? String(path.dropLast(5)) + ".test.yaml" : path + ".test.yaml"
    }

    /// Reads the scenario file of that name, and the definition beside it.
    package static func read(_ path: String) -> Result {
        let loaded = DefinitionDirectory.load(files: [definition(beside: path)])
        guard let definition = loaded.definitions.first?.definition else {
            return Result(file: nil, diagnostics: loaded.diagnostics)
        }
        switch DefinitionDirectory.text(ofFile: path) {
        case .success(let text):
            var result = read(text: text, file: path, about: definition)
            result.diagnostics = (loaded.diagnostics + result.diagnostics).sortedByPlace
            return result
        case .failure(let reason):
            var list = DiagnosticList(SourceText(file: path, text: ""))
            list.error(
                .unreadable, at: YAMLSpan(YAMLMark(line: 1, column: 1), length: 1),
                "the file cannot be read: \(reason.message)")
            return Result(file: nil, diagnostics: list.sorted)
        }
    }

    /// Reads scenarios from a text.
    package static func read(
        text: String, file: String, about definition: SagaDefinition
    ) -> Result {
        let source = SourceText(file: file, text: text)
        let (document, found) = YAMLReader.read(source)
        guard let document else { return Result(file: nil, diagnostics: found) }
        var reader = ScenarioReader(source, definition)
        reader.read(document)
        let diagnostics = (found + reader.diagnostics.sorted).sortedByPlace
        guard !diagnostics.hasErrors else { return Result(file: nil, diagnostics: diagnostics) }
        let read = ScenarioFile(
            file: file, definition: definition, scenarios: reader.scenarios,
            invariants: reader.invariants)
        return Result(file: read, diagnostics: diagnostics)
    }
}
