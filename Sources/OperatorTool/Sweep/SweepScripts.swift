import Foundation
import SagaCheck
import SagaCore
import SagaLanguage
import SagaTool

/// The stories that a sweep plays.
enum SweepScripts {
    /// The definition of that file with its first story, then those of the sagas that it starts, from
    /// the same folder.
    ///
    /// - Parameter hasInput: whether the input is given, so that a definition needs no story.
    /// - Throws: ``UnusableScript``, ``UsageProblem``.
    static func read(_ file: String, hasInput: Bool) throws -> [Script] {
        var scripts = [try script(of: file, needsStory: !hasInput)]
        let folder = (file as NSString).deletingLastPathComponent
        var place = 0
        while place < scripts.count {
            for child in scripts[place].definition.children
            where !scripts.contains(where: { $0.definition.name == child }) {
                let path = (folder as NSString).appendingPathComponent("\(child).yaml")
                scripts.append(try script(of: path, needsStory: false))
            }
            place += 1
        }
        return scripts
    }

    private static func script(of file: String, needsStory: Bool) throws -> Script {
        let stories = ScenarioFile.scenarios(beside: file)
        if FileManager.default.fileExists(atPath: stories) {
            return try Script.read([file], scenarios: [])[0]
        }
        let loaded = DefinitionDirectory.load(files: [file])
        guard let definition = loaded.definitions.first?.definition else {
            throw UnusableScript(diagnostics: loaded.diagnostics)
        }
        if needsStory {
            throw UsageProblem(
                "there is no \(stories), whose first scenario has the input: give --input")
        }
        return Script(
            file: file, definition: definition, scenario: Scenario(name: "as usual"))
    }
}

extension SagaDefinition {
    /// The sagas that it starts.
    fileprivate var children: [String] {
        steps.compactMap { step in
            guard case .child(let child) = step.work else { return nil }
            return child.saga
        }
    }
}
