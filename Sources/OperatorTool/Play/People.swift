import SagaCheck
import SagaCore

/// The people of stories, and the events that they await: who answers questions, and what comes.
struct People {
    let server: Server
    /// How many answers were given at each question or event.
    private var given: [String: Int] = [:]

    init(_ server: Server) { self.server = server }

    /// Answers a question once more, or reports an event, as the story says; tells what was said, or
    /// nil where the story says nothing more.
    ///
    /// - Parameter path: the saga's.
    mutating func answer(
        _ wait: Value, of path: String, _ script: Script
    ) async throws -> String? {
        guard let step = wait["step"]?.text, wait["kind"]?.text != "wait" else { return nil }
        let known = Self.name(wait, path)
        let count = given[known] ?? 0
        guard count < script.quorum(of: step) else { return nil }
        let target = Target(step)
        let usual = Reaction.answer(script.definition.usualAnswer(to: target))
        switch script.scenario.reaction(to: target, attempt: count) ?? usual {
        case .answer(.outcome(let outcome, let data)),
            .duplicate(.outcome(let outcome, let data)):
            let by = "person-\(count + 1)"
            let body = Members([
                ("outcome", .string(outcome)), ("data", data), ("by", .string(by)),
            ])
            _ = try await server.post(
                "\(path)/steps/\(PercentCoding.encoded(step))/outcome", .map(body))
            given[known] = count + 1
            return "\(step)  → \(outcome) by \(by)"
        case .timeout, .late, .answer(.error), .duplicate(.error): return nil
        }
    }

    /// Takes the next answer for given, which the daemon refuses.
    mutating func passOver(_ wait: Value, of path: String) {
        given[Self.name(wait, path), default: 0] += 1
    }

    /// What tells a question from the others: one that is asked again is another.
    private static func name(_ wait: Value, _ path: String) -> String {
        "\(path) \(wait["step"]?.text ?? "") \(wait["since"]?.text ?? "")"
    }
}

extension Script {
    /// How many answers a step takes: a question as many as its quorum needs.
    fileprivate func quorum(of step: String) -> Int {
        guard case .ask(let question)? = definition.step(at: step)?.work else { return 1 }
        return question.quorum
    }
}
