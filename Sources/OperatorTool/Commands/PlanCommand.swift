import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl plan`: what would run if a saga were cancelled now.
struct PlanCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what would run if a saga were cancelled now, and what would stay.",
        discussion: """
            Nothing is changed. What is in flight is taken to stay unanswered, and each \
            compensation to succeed.
            """)

    @OptionGroup var saga: SagaArgument
    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let path = try await server.sagaPath(saga.saga)
        let plan = try await server.get("\(path)/compensation-plan")
        switch format.format {
        case .json: console.write(plan.jsonText + "\n")
        case .text: console.write(PlanText(plan).text)
        }
        return .fine
    }
}

/// A compensation plan for people, as the server describes it.
struct PlanText {
    /// The most bytes of a body that are shown.
    private static let bodyBytes = 200

    private let plan: Value

    init(_ plan: Value) { self.plan = plan }

    /// The plan: what is waited for, what runs in which order, what stays, and the end.
    var text: String {
        SagaText.line(plan) + standing + section("Waited for first", awaited)
            + section("Then taken back, in this order", compensations)
            + section("Not taken back", lasting) + "\nEnd: \(word("end", of: plan))\n"
    }

    private var standing: String {
        plan["reason"]?.text.map { "It cannot be cancelled: \(Self.cause($0))\n" } ?? ""
    }

    /// The refusal's words without its own beginning.
    private static func cause(_ reason: String) -> String {
        let beginning = "the saga cannot be cancelled: "
        return reason.hasPrefix(beginning)
            ? String(reason.dropFirst(beginning.count)) : reason
    }

    private var awaited: [[String]] {
        elements("awaits").map { part in
            let until = part["until"]?.text
            let limit =
                until.map { "an answer, at most until \(TimeText.time($0))" }
                ?? "its end: it takes itself back first"
            return [word("step", of: part), target(of: part), limit]
        }
    }

    private var compensations: [[String]] {
        elements("compensations").map { part in
            let doubt = part["step_is"]?.text == "done" ? "" : "may be done"
            let place = "\(part["round"]?.whole ?? 0)."
            if let reason = part["stuck"]?.text {
                return [place, word("step", of: part), "an operator is needed: \(reason)", doubt]
            }
            return [place, word("step", of: part), target(of: part), doubt, body(of: part)]
        }
    }

    private var lasting: [[String]] {
        elements("stays").map { part in
            [word("step", of: part), part["outcome"]?.text ?? "may be done"]
        }
    }

    private func elements(_ name: String) -> [Value] { plan[name]?.elements ?? [] }

    private func word(_ name: String, of value: Value) -> String { value[name]?.text ?? "–" }

    private func target(of part: Value) -> String {
        part["command"]?.text ?? part["child"]?.text.map { "saga \($0)" } ?? "–"
    }

    private func body(of part: Value) -> String {
        guard let body = part["body"], body != .null else { return "" }
        let text = body.jsonText
        if text.utf8.count <= Self.bodyBytes { return text }
        return String(decoding: Array(text.utf8.prefix(Self.bodyBytes)), as: UTF8.self) + "…"
    }

    private func section(_ title: String, _ rows: [[String]]) -> String {
        rows.isEmpty ? "" : "\n\(title)\n" + Columns.text(rows, indent: "  ")
    }
}
