package import SagaLanguage

/// What a diagnostic's code means, why the rule exists, and what to write.
package struct Explanation: Sendable {
    /// The code.
    package let code: DiagnosticCode
    /// What it means, in a sentence.
    package let meaning: String
    /// Why the rule exists.
    package let reason: String
    /// Files of which one breaks the rule.
    package let wrong: Example
    /// Files that keep it.
    package let right: Example

    init(
        _ code: DiagnosticCode, _ meaning: String, why reason: String, wrong: Example,
        right: Example
    ) {
        self.code = code
        self.meaning = meaning
        self.reason = reason
        self.wrong = wrong
        self.right = right
    }

    /// Every explanation, by code.
    package static let all = (files + values + parts + rules + expressions + scenarios)
        .sorted { $0.code.rawValue < $1.code.rawValue }

    /// The explanation of that code, or nil where there is none.
    package static func of(_ code: DiagnosticCode) -> Explanation? {
        all.first { $0.code == code }
    }

    /// All codes with their meanings, a line each.
    package static var list: String {
        let width = all.map(\.code.rawValue.count).max() ?? 0
        return all.map { explanation in
            let code = explanation.code.rawValue
            let gap = String(repeating: " ", count: width - code.count + 2)
            return "\(code)\(gap)\(explanation.meaning)\n"
        }.joined()
    }

    /// The explanation for people.
    package var text: String {
        """
        \(code.rawValue): \(meaning)

        \(reason)

        Wrong:

        \(wrong.shown)

        Right:

        \(right.shown)

        """
    }
}

/// Files as an explanation shows them.
package struct Example: Sendable {
    /// The files by their names, the one that is explained first.
    package var files: [(name: String, text: String)]
    /// The names in `sagas.active`; nil where the example is not about them.
    package var active: [String]?
    /// Whether the first file is read without those beside it.
    package var isReadAlone = false
    /// What is shown where it is not the files themselves.
    var summary: String?

    init(_ text: String) { files = [("example.yaml", text)] }

    init(
        files: [(name: String, text: String)], active: [String]? = nil, summary: String? = nil,
        isReadAlone: Bool = false
    ) {
        self.files = files
        self.isReadAlone = isReadAlone
        self.active = active
        self.summary = summary
    }

    /// A saga of these steps.
    static func steps(_ steps: String) -> Example {
        Example("saga: example\nversion: 1\nsteps:\n" + indented(steps, by: 2))
    }

    /// A saga of one step, with these keys at its top.
    static func top(_ keys: String) -> Example {
        Example("saga: example\nversion: 1\n\(keys)\nsteps:\n\(shortStep)")
    }

    /// A scenario file beside a saga of one step with two outcomes.
    static func scenario(_ text: String) -> Example {
        let saga = """
            saga: example
            version: 1
            input: {type: object, required: [amount]}
            steps:
              - step: payment
                command: payments.debit
                outcomes: {debited: {}, declined: {then: reject}}
                compensate: {command: payments.void}
            """
        let name = "example.test.yaml"
        return Example(
            files: [
                (name, "saga: example\nscenarios:\n" + indented(text, by: 2)),
                ("example.yaml", saga),
            ])
    }

    private static let shortStep = "  - {step: one, command: a.b, compensate: none}"

    private static func indented(_ text: String, by width: Int) -> String {
        let margin = String(repeating: " ", count: width)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
    }

    /// The example for people, each file indented.
    var shown: String {
        if let summary { return Self.indented(summary, by: 4) }
        var parts = files.map { file in
            (files.count > 1 ? "  \(file.name)\n" : "") + Self.indented(file.text, by: 4)
        }
        if let active { parts.append("  with sagas.active: \(active.joined(separator: ","))") }
        return parts.joined(separator: "\n\n")
    }
}
