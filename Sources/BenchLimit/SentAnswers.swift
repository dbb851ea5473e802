import OrderWorkers
import Synchronization

/// Answers that the reply stream has, and whose records do not say so yet.
final class SentAnswers: Sendable {
    private let answers = Mutex<[LedgerWrites.Answer]>([])

    func add(_ sent: [LedgerWrites.Answer]) { answers.withLock { $0 += sent } }

    func take() -> [LedgerWrites.Answer] {
        answers.withLock { answers in
            defer { answers = [] }
            return answers
        }
    }
}
