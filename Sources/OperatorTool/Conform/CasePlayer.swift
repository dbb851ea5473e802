import Foundation
import SagaCheck
import SagaCore

/// Plays single cases of the participant's contract: sends, waits for answers, and compares.
///
/// Every case has commands, and a business key, of its own, so that none is taken for another's.
struct CasePlayer {
    /// How often a command that is answered with a retriable error is sent, at most.
    static let attempts = 5
    /// The first wait before a further attempt; doubles.
    static let retryWait: Duration = .milliseconds(200)
    /// How many deliveries of one command are sent at the same time.
    static let concurrent = 8
    /// How many commands are sent just before a restart.
    static let owed = 20

    let step: ExaminedStep
    let wire: ExaminationWire

    /// A command and what it was answered.
    struct Answered {
        var command: AskedCommand
        var answer: Reply.Answer
    }

    /// A new command of a new saga.
    func command(body: Value? = nil) -> AskedCommand {
        let saga = UUID().uuidString.lowercased()
        return AskedCommand(
            id: UUID().uuidString.lowercased(), subject: step.command, kind: .command,
            sagaID: saga, key: "conform-\(saga.prefix(8))", body: body ?? step.body)
    }

    /// A new command about another.
    func about(_ original: AskedCommand, _ kind: CommandKind, on subject: String) -> AskedCommand {
        var command = original
        command.id = UUID().uuidString.lowercased()
        command.kind = kind
        command.subject = subject
        (command.attempt, command.resend) = (1, 0)
        command.originalID = original.id
        command.body = kind == .compensation ? step.compensationBody : step.body
        return command
    }

    /// Sends one delivery of a command and waits for the answer to it.
    func ask(_ command: AskedCommand) async throws -> Reply.Answer {
        let before = wire.heard(command.id).count { $0.attempt == command.attempt }
        try await wire.send([command])
        let heard = await wire.answers(before + 1, to: command.id, attempt: command.attempt)
        guard heard.count > before, let last = heard.last else {
            throw Broken(
                "an answer on the subject of Saga-Reply-To",
                "none within \(wire.patience.components.seconds) s")
        }
        guard let answer = last.answer else {
            throw Broken("an answer as the protocol has it", last.words)
        }
        return answer
    }

    /// Asks, and asks again as long as the answer is a retriable error, which is allowed.
    func askUntilFinal(_ command: AskedCommand) async throws -> Answered {
        var command = command
        var wait = Self.retryWait
        while true {
            let answer = try await ask(command)
            guard case .error(_, _, isRetriable: true) = answer,
                command.attempt < Self.attempts
            else { return Answered(command: command, answer: answer) }
            command.attempt += 1
            command.resend = 0
            try await Task.sleep(for: wait)
            wait *= 2
        }
    }

    /// A new command that was done.
    func done(_ command: AskedCommand? = nil) async throws -> Answered {
        let answered = try await askUntilFinal(command ?? self.command())
        guard case .outcome(let outcome, _) = answered.answer else {
            throw Broken("an outcome; where the body is at fault give another", answered.words)
        }
        if let outcomes = step.outcomes, !outcomes.contains(outcome) {
            throw Broken("one of \(outcomes.joined(separator: ", "))", answered.words)
        }
        return answered
    }
}
