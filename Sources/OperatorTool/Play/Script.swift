import SagaCheck
import SagaCore
import SagaLanguage

/// What is played of one scenario file: its definition, and one of its stories.
struct Script: Sendable {
    /// The file.
    var file: String
    /// The definition beside it.
    var definition: SagaDefinition
    /// The story.
    var scenario: Scenario

    /// The scripts of those files: of each the story that is named, else its first.
    ///
    /// - Throws: a problem where a file cannot be used, or a name is none of a story.
    static func read(_ paths: [String], scenarios names: [String]) throws -> [Script] {
        var scripts: [Script] = []
        var unused = Set(names)
        for path in paths {
            let isDefinition = path.hasSuffix(".yaml") && !path.hasSuffix(".test.yaml")
            let result = ScenarioFile.read(
                isDefinition ? ScenarioFile.scenarios(beside: path) : path)
            guard let file = result.file else {
                throw UnusableScript(diagnostics: result.diagnostics)
            }
            let named = file.scenarios.filter { names.contains($0.name) }
            unused.subtract(named.map(\.name))
            if named.count > 1 {
                throw UsageProblem("name one scenario of \(path) only: a participant plays one")
            }
            let scenario = named.first ?? file.scenarios.first ?? Scenario(name: "as usual")
            let definition = file.definition
            if let other = scripts.first(where: { $0.definition.name == definition.name }) {
                throw UsageProblem(
                    "\(path) and \(other.file) are both of the saga '\(definition.name)': "
                        + "give one of them")
            }
            scripts.append(Script(file: path, definition: definition, scenario: scenario))
        }
        if let name = unused.sorted().first {
            throw UsageProblem(
                "no file has a scenario '\(name)': `sagactl test` lists those there are")
        }
        return scripts
    }

    /// The first parts of the subjects on which the saga sends, each once, in file order.
    var families: [String] {
        var families: [String] = []
        for subject in definition.subjects {
            let family = subject.split(separator: ".").first.map(String.init) ?? subject
            if !families.contains(family) { families.append(family) }
        }
        return families
    }
}

/// A file with mistakes in it.
struct UnusableScript: Error {
    /// What is wrong.
    var diagnostics: [Diagnostic]
}
