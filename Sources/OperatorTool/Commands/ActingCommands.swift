import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl outcome`: answers a question, or reports an event.
struct OutcomeCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "outcome",
        abstract: "Answers what a saga asks a person, or reports the event that it awaits.",
        discussion: "`sagactl tasks` lists the questions with the outcomes that each may have.")

    @OptionGroup var saga: SagaArgument

    @Argument(help: "The step, such as review or pay[3].")
    var step: String

    @Argument(help: "What was decided, or has happened.")
    var outcome: String

    @Option(help: ArgumentHelp("What was filled in, as JSON.", valueName: "json"))
    var data: String?

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var person: PersonOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        var body = Members([
            ("outcome", .string(outcome)), ("by", .string(try person.person())),
        ])
        if let data { body["data"] = try JSONArgument.value(data, of: "--data") }
        if let reason { body["reason"] = .string(reason) }
        let path = try await server.sagaPath(saga.saga)
        let step = PercentCoding.encoded(step)
        let document = try await server.post("\(path)/steps/\(step)/outcome", .map(body))
        console.write(SagaText.line(document))
        return .fine
    }
}

/// `sagactl cancel`: turns a saga round.
struct CancelCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Turns a saga round: what it has done is taken back.")

    @OptionGroup var saga: SagaArgument

    @Option(help: "Why: the journal keeps it.")
    var reason: String

    @OptionGroup var person: PersonOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let body = Members([("reason", .string(reason)), ("by", .string(try person.person()))])
        let path = try await server.sagaPath(saga.saga)
        console.write(SagaText.line(try await server.post("\(path)/cancel", .map(body))))
        return .fine
    }
}

/// `sagactl retry`: has what is stuck tried again.
struct RetryCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Has a stuck step, or its stuck compensation, tried again.")

    @OptionGroup var saga: SagaArgument

    @Option(help: "The step; may be left out where exactly one is stuck.")
    var step: String?

    @Option(help: ArgumentHelp("The command's body, corrected, as JSON.", valueName: "json"))
    var body: String?

    @Option(help: "Why: the journal keeps it.")
    var reason: String

    @OptionGroup var evidence: EvidenceOptions
    @OptionGroup var person: PersonOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        var members = Members([("reason", .string(reason)), ("by", .string(try person.person()))])
        if let step { members["step"] = .string(step) }
        if let body { members["body"] = try JSONArgument.value(body, of: "--body") }
        members["evidence"] = evidence.value
        let path = try await server.sagaPath(saga.saga)
        console.write(SagaText.line(try await server.post("\(path)/retry", .map(members))))
        return .fine
    }
}

/// `sagactl settle`: says what became of what is stuck.
struct SettleCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Says what became of a stuck step, or that it is taken back.",
        discussion: """
            For what was found out, or done by hand: the saga goes on as if the participant had \
            answered so. Where the daemon's setting settle.two_people is true, the first to say so \
            proposes it, and the same said by another carries it out.
            """)

    @OptionGroup var saga: SagaArgument

    @Argument(help: "The step, such as payment or pay[3].")
    var step: String

    @Option(help: "The step's outcome.")
    var outcome: String?

    @Option(help: ArgumentHelp("The outcome's data, as JSON.", valueName: "json"))
    var data: String?

    @Flag(help: "The step is taken back.")
    var compensated = false

    @Option(help: "Why, and how it is known: the journal keeps it.")
    var reason: String

    @OptionGroup var evidence: EvidenceOptions

    @OptionGroup var person: PersonOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
        guard (outcome != nil) != compensated else {
            throw ValidationError("Say what became of it: --outcome NAME, or --compensated.")
        }
        if compensated, data != nil { throw ValidationError("--data goes with --outcome.") }
    }

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        var settlement = Members()
        if let outcome { settlement["outcome"] = .string(outcome) }
        if compensated { settlement["compensated"] = true }
        if let data { settlement["data"] = try JSONArgument.value(data, of: "--data") }
        var body = Members([
            ("reason", .string(reason)), ("by", .string(try person.person())),
            ("step", .string(step)), ("body", .map(settlement)),
        ])
        body["evidence"] = evidence.value
        let path = try await server.sagaPath(saga.saga)
        let document = try await server.post("\(path)/settle", .map(body))
        console.write(SagaText.line(document))
        if document["steps"]?[step]?["proposal"]?["by"]?.text != nil {
            console.complain("Proposed: another person has to say the same.\n")
        }
        return .fine
    }
}
