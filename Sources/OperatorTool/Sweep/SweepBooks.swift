import OrderWorkers
import SagaCore

/// The participants' books, where they can be read; of others only the saga's own account is known.
enum SweepBooks: Sendable {
    /// The ledger of the order participants, in that file.
    case orders(path: String)
    /// What participants remember that the sweep plays itself.
    case played(CommandDesk)
    /// Nobody can read them.
    case unread

    /// Whether what such a command does is written there.
    private func keep(_ subject: String) -> Bool {
        switch self {
        case .orders: ["payments.debit", "payments.refund"].contains(subject)
        case .played: !subject.isEmpty
        case .unread: false
        }
    }

    /// How often the work of each of those commands is done and not taken back.
    private func standing(_ commands: [String]) async throws -> [String: Int] {
        switch self {
        case .orders(let path): try await Ledger(path: path).standing(commandIDs: commands)
        case .played(let desk): desk.standing(commands)
        case .unread: [:]
        }
    }

    /// What the books say of a saga, and what is wrong with it: each step's work must be there once
    /// where the saga takes it for done, and not at all where it was refused or taken back.
    func check(
        _ verdict: SweepVerdict, _ definition: SagaDefinition
    ) async -> (words: String, problems: [String]) {
        let steps = verdict.steps.filter { keep(definition.step(at: $0.path)?.subject ?? "") }
        guard !steps.isEmpty else { return (verdict.ownAccount, []) }
        let standing: [String: Int]
        do {
            standing = try await self.standing(steps.flatMap(\.commands))
        } catch {
            return ("unreadable", ["the books cannot be read: \(error)"])
        }
        return Self.judge(steps, standing)
    }

    /// What books with that in them say of those steps.
    static func judge(
        _ steps: [SweepVerdict.StepAccount], _ standing: [String: Int]
    ) -> (words: String, problems: [String]) {
        var (done, problems): ([String], [String]) = ([], [])
        for step in steps {
            let count = step.commands.reduce(0) { $0 + (standing[$1] ?? 0) }
            if count != 0 { done.append(count == 1 ? step.path : "\(step.path) × \(count)") }
            if let isDone = step.isDone, count != (isDone ? 1 : 0) {
                let account = isDone ? "is done" : "is not, or no longer, done"
                problems.append("\(step.path) \(account), and stands \(count) times in the books")
            }
        }
        return (done.isEmpty ? "net to nothing" : done.joined(separator: ", "), problems)
    }
}
