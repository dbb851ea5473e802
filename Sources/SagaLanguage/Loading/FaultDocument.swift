package import SagaCore

/// A file of rules of provoked failures: one rule, or a list of them, in YAML or JSON.
package enum FaultDocument {
    /// The rules of a file, unchecked; why they cannot be read otherwise.
    package static func rules(ofFile path: String) -> Result<[Value], UnreadableFile> {
        DefinitionDirectory.text(ofFile: path)
            .mapError { UnreadableFile("\(path): \($0.message)") }
            .flatMap { rules(of: $0, file: path) }
    }

    /// The rules of a text; `file` is the name that diagnostics show.
    package static func rules(of text: String, file: String) -> Result<[Value], UnreadableFile> {
        let (document, diagnostics) = YAMLReader.read(SourceText(file: file, text: text))
        guard let document, !diagnostics.hasErrors else {
            return .failure(UnreadableFile(diagnostics.rendered))
        }
        if let elements = document.elements { return .success(elements.map(\.plainValue)) }
        if document.members != nil { return .success([document.plainValue]) }
        return .failure(
            UnreadableFile(
                "\(file): expected a rule or a list of rules, found \(document.phrase)"))
    }
}
