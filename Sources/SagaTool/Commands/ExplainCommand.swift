import ArgumentParser
import SagaLanguage

/// `sagactl explain`: what a rule is for.
struct ExplainCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what a diagnostic's code means, why the rule exists, and what to write.",
        discussion: "Without a code it lists all of them.")

    @Argument(help: "A code, such as missing-compensation.")
    var code: String?

    func report() -> Report {
        guard let code else { return Report(output: Explanation.list) }
        guard let explanation = Explanation.of(DiagnosticCode(rawValue: code)) else {
            let codes = Explanation.all.map(\.code.rawValue)
            let meant = nearest(to: code, among: codes).map { "; did you mean \($0)?" } ?? ""
            return .wrongUsage(
                "there is no code '\(code)'\(meant) All are listed by: sagactl explain")
        }
        return Report(output: explanation.text)
    }
}
