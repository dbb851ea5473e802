import SagaCheck
import SagaCore
import SagaLanguage

/// What a participant is asked while it is examined.
///
/// In the texts of bodies `${key}` stands for the business key, which is another in each case.
struct ExaminedStep: Sendable {
    /// The saga's name in the headers.
    var saga = "conform"
    /// The step's name in the headers.
    var step = "conform"
    /// What follows `saga.command.` in the command.
    var command: String
    /// What follows it in the compensation; nil where there is none to try.
    var compensation: String?
    /// What follows it in the probe; nil where there is none to try.
    var probe: String?
    /// The body of a command that the participant can do, and of its probe.
    var body: Value
    /// The body of the compensation.
    var compensationBody: Value
    /// A body that is answered with a retriable error; nil where none is known.
    var retriableBody: Value?
    /// A body that is answered with an error that is not retriable; nil where none is known.
    var refusedBody: Value?
    /// The step's outcomes; nil where they are not known.
    var outcomes: [String]?

    /// How the business key is written in a body.
    static let keyMark = "${key}"

    /// The subjects it asks on.
    var subjects: [String] { [command] + [compensation, probe].compactMap { $0 } }
}

extension ExaminedStep {
    /// The step of that name of a definition, with the bodies that it sends when the first scenario
    /// beside the file is played in which it sends any, and is then cancelled.
    init(_ name: String, of path: String) throws {
        let isScenarios = path.hasSuffix(".test.yaml")
        let result = ScenarioFile.read(isScenarios ? path : ScenarioFile.scenarios(beside: path))
        guard let file = result.file else { throw UnusableScript(diagnostics: result.diagnostics) }
        let definition = file.definition
        guard let step = definition.step(at: name), !step.subject.isEmpty else {
            let known = definition.steps.filter { !$0.subject.isEmpty }.map(\.name)
            throw UsageProblem(
                "--step must be a step that sends a command, is '\(name)': \(definition.name) has "
                    + known.listed)
        }
        let bodies = file.scenarios.lazy.map { Self.bodies(of: name, in: $0, definition) }
        guard let bodies = bodies.first(where: { $0.command != nil }), let body = bodies.command
        else {
            throw UsageProblem(
                "no scenario of \(file.file) sends the command of '\(name)': give --body, or a "
                    + "scenario that does")
        }
        self.init(command: step.subject, body: body, compensationBody: bodies.compensation ?? body)
        saga = definition.name
        self.step = name
        if let compensation = step.compensation, !compensation.subject.isEmpty {
            self.compensation = compensation.subject
        }
        if case .probe(let policy) = step.unknown { probe = policy.subject }
        outcomes = step.outcomes.map(\.name)
    }

    private typealias Bodies = (command: Value?, compensation: Value?)

    /// The bodies of a step's command and compensation in that story, the key marked.
    private static func bodies(
        of name: String, in scenario: Scenario, _ definition: SagaDefinition
    ) -> Bodies {
        var story = scenario
        story.given[Target(name)] = nil
        story.interventions = [Intervention(.cancel, Target(name), reason: "conform")]
        guard case .success(let run) = Rehearsal.run(story, of: definition) else {
            return (nil, nil)
        }
        let key = run.state.identity.key
        let marked = { (value: Value) in value.replacing(key, with: keyMark) }
        return (
            run.bodies[Target(name)].map(marked),
            run.bodies[Target(name, .compensation)].map(marked)
        )
    }
}

extension Value {
    /// The value with that text within every text replaced.
    func replacing(_ mark: String, with text: String) -> Value {
        switch self {
        case .string(let whole): .string(whole.split(mark).joined(separator: text))
        case .list(let elements): .list(elements.map { $0.replacing(mark, with: text) })
        case .map(let members): .map(members.mapValues { $0.replacing(mark, with: text) })
        case .null, .bool, .int, .double, .timestamp, .duration: self
        }
    }
}

extension String {
    /// The parts between the occurrences of a text that is not empty.
    fileprivate func split(_ mark: String) -> [Substring] {
        guard !mark.isEmpty else { return [self[...]] }
        return split(separator: mark, omittingEmptySubsequences: false)
    }
}

extension [String] {
    /// The names with commas between them.
    fileprivate var listed: String { isEmpty ? "none" : joined(separator: ", ") }
}
