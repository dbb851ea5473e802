import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl start`: starts a saga.
struct StartCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts a saga; with --wait follows it to its end.")

    @Argument(help: "The definition's name: `sagactl definitions` lists them.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "The input: JSON, a file with JSON, or - for standard input. Else {}.",
            valueName: "json|file|-"))
    var input: String?

    @Option(help: "The saga's key, where the definition does not compute one.")
    var key: String?

    @Option(help: "The same key and input again start nothing and get the same answer.")
    var idempotencyKey: String?

    @Flag(help: "Follow it to its end; then 0 is for completed, and 1 for any other end.")
    var wait = false

    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let input = try input.map { text throws(UsageProblem) in try JSONArgument.input(text) }
        let headers = idempotencyKey.map { [("Idempotency-Key", $0)] } ?? []
        let (document, isNew) = try await server.start(
            name, input ?? .map(Members()), key: key, headers: headers)
        if !isNew { console.complain("It was there already: nothing was started.\n") }
        console.write(SagaText.line(document))
        guard wait, let id = document["id"]?.text else { return .fine }
        return try await SagaFollowing(server: server, console: console, format: .text).follow(id)
    }
}

/// `sagactl watch`: what happens, as it happens.
struct WatchCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follows one saga to its end, or all as they change.",
        discussion: """
            Of one saga the exit status is 0 where it ends completed, and 1 for any other end. \
            Without one it goes on until it is interrupted.
            """)

    @Argument(help: "The saga: its id, or NAME/KEY. Else all.")
    var saga: String?

    @Option(name: .customLong("saga"), help: "Of all, only sagas of this definition.")
    var definition: String?

    @Option(help: "Of all, only sagas in one of these, comma separated.")
    var status: String?

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    /// The most sagas whose last state is remembered, so that nothing is told twice.
    static let remembered = 10_000

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        if let saga {
            let id = try await server.sagaID(saga)
            return try await SagaFollowing(server: server, console: console, format: format.format)
                .follow(id)
        }
        let filter: [(String, String?)] = [("saga", definition), ("status", status)]
        // After a loss everything is told again: what has not changed is left out.
        var known: [String: Value] = [:]
        try await server.follow("/api/watch", filter) { event in
            let document = try event.value()
            let id = document["id"]?.text ?? ""
            if known[id] == document { return true }
            if known.count >= Self.remembered { known = [:] }
            known[id] = document
            switch format.format {
            case .json: console.write(document.jsonText + "\n")
            case .text: console.write(SagaText.change(document))
            }
            return true
        }
        return .fine
    }
}

/// Follows one saga to its end.
struct SagaFollowing {
    let server: Server
    let console: Console
    let format: FormatOptions.Format

    /// Follows; answers `fine` only where the saga ends completed.
    func follow(_ id: String) async throws -> ExitStatus {
        var status: String?
        var text = JournalText()
        try await server.follow("/api/sagas/\(PercentCoding.encoded(id))/watch") { event in
            let data = try event.value()
            switch format {
            case .json:
                let line = Members([("event", .string(event.name)), ("data", data)])
                console.write(Value.map(line).jsonText + "\n")
            case .text where event.name == "journal": console.write(text.lines(of: data))
            case .text: break
            }
            status = data["status"]?.text ?? status
            return event.name != "end"
        }
        if format == .text { console.write("= \(status ?? "nothing is known of its end")\n") }
        return status == "completed" ? .fine : .findings
    }
}

extension ServerEvent {
    /// What it says, as JSON.
    func value() throws -> Value {
        do throws(JSONError) {
            return try Value(json: Array(data.utf8))
        } catch {
            throw ServerProblem.unreadable("an event is not JSON: \(error.description)")
        }
    }
}
