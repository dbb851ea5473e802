package import SagaCore

/// A file of rules of provoked failures: one rule, or a list of them, in YAML or JSON.
package enum FaultDocument {
    /// A rule as it stands in a text.
    package struct Rule: Sendable {
        /// What it says.
        package var value: Value
        private let node: YAMLNode

        fileprivate init(_ node: YAMLNode) {
            self.node = node
            value = node.plainValue
        }

        /// The place of what a JSON pointer names in the rule, as `line:column`, each from 1; the
        /// rule's own where there is no such member.
        package func place(of pointer: String) -> String {
            var (node, mark) = (node, node.span.start)
            for name in pointer.split(separator: "/") {
                guard let member = node.members?.first(where: { $0.name == name }) else { break }
                (node, mark) = (member.value, member.nameSpan.start)
            }
            return "\(mark.line):\(mark.column)"
        }
    }

    /// The rules of a file, unchecked; why they cannot be read otherwise.
    package static func rules(ofFile path: String) -> Result<[Rule], UnreadableFile> {
        DefinitionDirectory.text(ofFile: path)
            .mapError { UnreadableFile("\(path): \($0.message)") }
            .flatMap { rules(of: $0, file: path) }
    }

    /// The rules of a text; `file` is the name that diagnostics show.
    package static func rules(of text: String, file: String) -> Result<[Rule], UnreadableFile> {
        let (document, diagnostics) = YAMLReader.read(SourceText(file: file, text: text))
        guard let document, !diagnostics.hasErrors else {
            return .failure(UnreadableFile(diagnostics.rendered))
        }
        if let elements = document.elements { return .success(elements.map(Rule.init)) }
        if document.members != nil { return .success([Rule(document)]) }
        return .failure(
            UnreadableFile(
                "\(file): expected a rule or a list of rules, found \(document.phrase)"))
    }
}
