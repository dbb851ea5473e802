import SagaCheck
import SagaCore

/// The cases about what a participant knows: asked by probes, and after a restart.
extension CasePlayer {
    /// Asks a probe that must not say that anything is done; what it says.
    func saysNotDone(_ probe: AskedCommand) async throws -> String {
        let answered = try await askUntilFinal(probe)
        guard case .outcome(let said, _) = answered.answer, ["never", "pending"].contains(said)
        else { throw Broken("never, or pending", answered.words) }
        return said
    }

    func expectNever(_ probe: AskedCommand) async throws {
        let answered = try await askUntilFinal(probe)
        guard case .outcome("never", _) = answered.answer else {
            throw Broken("never", answered.words)
        }
    }

    // MARK: A restart

    func areAnswered(_ commands: [AskedCommand]) async throws {
        var missing = 0
        for command in commands {
            // The first that is missing has taken all the patience there is.
            let heard =
                missing == 0
                ? await wire.answers(1, to: command.id, attempt: 1) : wire.heard(command.id)
            if heard.isEmpty { missing += 1 }
            let outcomes = heard.compactMap(\.answer).filter { !$0.isRetriable }
            if let first = outcomes.first, let other = outcomes.first(where: { $0 != first }) {
                throw Broken("one answer", "\(first.words), and \(other.words)")
            }
        }
        guard missing == 0 else {
            throw Broken(
                "answers to \(commands.count) commands that were sent before it",
                "\(missing) have none")
        }
    }
}
