import ArgumentParser
import Foundation
import NATS
import SagaCore
import SagaLanguage
import SagaTool

/// `sagactl conform`: plays the participant's contract against a running participant.
struct ConformCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conform",
        abstract: "Plays the participant's contract against a running participant.",
        discussion: """
            Sends the participant commands as the daemon does, in every order that the contract \
            speaks of, and reports each rule as kept, broken, or not tried. Answers are asked for \
            on subjects of its own, so that a daemon beside it hears of nothing. The work is real: \
            what the participant does it does in its own books, under keys that begin with \
            'conform-'.

            A body is JSON, a file, or - for standard input; in its texts ${key} stands for the \
            business key. With --definition subjects and bodies come from a saga and the scenarios \
            beside it. What the participant's books say nobody but the participant knows: work done \
            twice is seen where its answers differ.
            """)

    @Option(help: ArgumentHelp("The command, such as payments.debit.", valueName: "subject"))
    var command: String?

    @Option(help: ArgumentHelp("What takes it back, such as payments.void.", valueName: "subject"))
    var compensation: String?

    @Option(help: ArgumentHelp("What asks about it, as payments.status.", valueName: "subject"))
    var probe: String?

    @Option(help: ArgumentHelp("A body that the participant can do.", valueName: "json"))
    var body: String?

    @Option(help: ArgumentHelp("The compensation's body. Else --body.", valueName: "json"))
    var compensationBody: String?

    @Option(help: ArgumentHelp("A body that fails, but may pass later.", valueName: "json"))
    var retriableBody: String?

    @Option(help: ArgumentHelp("A body that fails for good.", valueName: "json"))
    var refusedBody: String?

    @Option(help: ArgumentHelp("The saga whose step it serves.", valueName: "name.yaml"))
    var definition: String?

    @Option(help: "With --definition: the step.")
    var step: String?

    @Option(
        help: ArgumentHelp(
            "A shell command that restarts the participant, and returns then.",
            valueName: "command"))
    var restart: String?

    @Option(help: "The most seconds until an answer.")
    var patience = 10

    @OptionGroup var broker: BrokerOptions

    @OptionGroup var shown: FormatOptions

    func validate() throws {
        guard (1...600).contains(patience) else {
            throw ValidationError("--patience must be 1 to 600 seconds, is \(patience).")
        }
        guard (definition == nil) == (step == nil) else {
            throw ValidationError("--definition and --step go together.")
        }
        if definition == nil, command == nil || body == nil {
            throw ValidationError(
                "Say what to ask: --command and --body, or --definition and --step.")
        }
    }

    func perform(on console: Console) async throws -> ExitStatus {
        let step: ExaminedStep
        do {
            step = try examined()
        } catch let unusable as UnusableScript {
            console.complain(unusable.diagnostics.rendered)
            return .findings
        }
        do {
            let connection = try await broker.connection(named: "sagactl-conform")
            let status = try await examine(step, connection, console)
            await connection.close()
            return status
        } catch let failure as NATSFailure {
            console.complain(broker.complaint(failure))
            return .unreachable
        }
    }

    private func examine(
        _ step: ExaminedStep, _ connection: Connection, _ console: Console
    ) async throws -> ExitStatus {
        let token = UUID().uuidString.prefix(8).lowercased()
        let wire = try await ExaminationWire(
            step, token: token, patience: .seconds(patience), connection)
        let unserved = try await wire.unserved()
        guard unserved.isEmpty else {
            console.complain(
                "Error: nobody takes \(unserved.joined(separator: ", ")) from the broker: start "
                    + "the participant\n")
            return .findings
        }
        let examination = Examination(
            player: CasePlayer(step: step, wire: wire),
            restart: restart.map { Restart(command: $0) })
        let findings = try await wire.open {
            var examination = examination
            try await examination.run()
            return examination.findings
        }
        let report = ExaminationReport(step: step, findings: findings)
        switch shown.format {
        case .text: console.write(report.text)
        case .json: console.write(report.json.jsonText + "\n")
        }
        return report.isClean ? .fine : .findings
    }

    /// What is asked, as the arguments say: what they name stands before what the definition says.
    private func examined() throws -> ExaminedStep {
        var examined: ExaminedStep
        let given = try body.map { try JSONArgument.input($0, of: "--body") }
        if let definition, let step {
            examined = try ExaminedStep(step, of: definition)
            if let given { examined.body = given }
        } else {
            examined = ExaminedStep(
                command: "", body: given ?? .null, compensationBody: given ?? .null)
        }
        if let command { examined.command = command }
        if let compensation { examined.compensation = compensation }
        if let probe { examined.probe = probe }
        if let compensationBody {
            examined.compensationBody = try JSONArgument.input(
                compensationBody, of: "--compensation-body")
        }
        examined.retriableBody = try retriableBody.map {
            try JSONArgument.input($0, of: "--retriable-body")
        }
        examined.refusedBody = try refusedBody.map {
            try JSONArgument.input($0, of: "--refused-body")
        }
        return examined
    }
}
