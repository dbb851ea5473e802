import SagaCheck
import SagaCore

/// The cases about commands and their compensations.
extension CasePlayer {
    /// A later delivery, and a later attempt, has the same answer.
    func repeats(_ answered: Answered) async throws {
        var again = answered.command
        again.resend += 1
        try await expectSame(again, as: answered)
        again.attempt += 1
        again.resend = 0
        try await expectSame(again, as: answered)
    }

    /// Sends one command many times at once; what was heard is judged at the end, so that answers
    /// that take their time are heard, too.
    func race() async throws -> AskedCommand {
        let first = command()
        let deliveries = (0..<Self.concurrent).map { number in
            var delivery = first
            delivery.attempt = 1 + number / (Self.concurrent / 2)
            delivery.resend = number % (Self.concurrent / 2)
            return delivery
        }
        try await wire.send(deliveries)
        _ = await wire.answers(1, to: first.id, attempt: 1)
        return first
    }

    func hasOneAnswer(_ raced: AskedCommand) throws {
        let heard = wire.heard(raced.id)
        if let unreadable = heard.first(where: { $0.answer == nil }) {
            throw Broken("an answer as the protocol has it", unreadable.words)
        }
        let final = heard.filter { $0.answer?.isRetriable == false }
        guard let first = final.first else {
            throw Broken("an answer to one of \(Self.concurrent) deliveries at once", "none")
        }
        if let other = final.first(where: { $0.answer != first.answer }) {
            throw Broken("one answer", "\(first.words), and \(other.words)")
        }
    }

    func actsAfresh() async throws {
        var command = try await failedForNow()
        command.attempt += 1
        command.body = step.body
        _ = try await done(command)
    }

    /// A command that was answered with a retriable error.
    func failedForNow() async throws -> AskedCommand {
        guard let body = step.retriableBody else { throw Untried(reason: "give --retriable-body") }
        let command = command(body: body)
        let answer = try await ask(command)
        guard answer.isRetriable else {
            throw Untried(reason: "--retriable-body is answered \(answer.words)")
        }
        return command
    }

    /// A command that was answered with an error that is not retriable.
    func failed() async throws -> Answered {
        guard let body = step.refusedBody else { throw Untried(reason: "give --refused-body") }
        let answered = try await askUntilFinal(command(body: body))
        guard case .error(_, _, isRetriable: false) = answered.answer else {
            throw Untried(reason: "--refused-body is answered \(answered.words)")
        }
        return answered
    }

    // MARK: Compensations

    func undo(_ undoing: AskedCommand) async throws {
        let answered = try await askUntilFinal(undoing)
        guard case .outcome("done", _) = answered.answer else {
            throw Broken("done", answered.words)
        }
    }

    /// Sends the command once more, which must be refused for good.
    func isRefused(_ command: AskedCommand) async throws {
        var late = command
        late.attempt += 1
        late.resend = 0
        let answered = try await askUntilFinal(late)
        guard case .error("compensated", _, isRetriable: false) = answered.answer else {
            throw Broken("an error 'compensated' that is not retriable", answered.words)
        }
    }

    func expectSame(_ command: AskedCommand, as answered: Answered) async throws {
        let answer = try await ask(command)
        guard answer == answered.answer else { throw Broken(answered.words, answer.words) }
    }

    func isAcknowledged() async throws {
        let count = try await wire.unacknowledged()
        guard count == 0 else {
            throw Broken(
                "no command in \(CommandDesk.stream)", "\(count) of this examination's lie there")
        }
    }
}

extension Reply.Answer {
    /// Whether it says that another attempt may succeed.
    var isRetriable: Bool {
        switch self {
        case .outcome: false
        case .error(_, _, let isRetriable): isRetriable
        }
    }
}
