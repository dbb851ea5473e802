import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl list`: the sagas there are.
struct ListCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists sagas, the newest first.")

    @Option(help: "Only sagas of this definition.")
    var saga: String?

    @Option(help: "Only the sagas with this key.")
    var key: String?

    @Option(help: "Only sagas in one of these, comma separated: running, stuck, completed, …")
    var status: String?

    @Option(help: "Only sagas that wait at this step, or are stuck there.")
    var step: String?

    @Option(help: "Only sagas started at or after this time, such as 2026-01-31T12:00:00Z.")
    var since: String?

    @Option(help: "Only sagas started before this time.")
    var until: String?

    @Option(
        name: .customShort("q"), help: "Only sagas with this text in id, key, input or failure.")
    var text: String?

    @Option(help: "The most sagas to show, 1 to 1000.")
    var limit = 100

    @Option(help: "Where the page before ended.")
    var after: String?

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    /// The parameters that say which sagas are meant.
    var filter: [(String, String?)] {
        [
            ("saga", saga), ("key", key), ("status", status), ("step", step), ("since", since),
            ("until", until), ("q", text), ("limit", String(limit)),
        ]
    }

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let page = try await server.get("/api/sagas", filter + [("after", after)])
        let items = page["items"]?.elements ?? []
        switch format.format {
        case .json: console.write(page.jsonText + "\n")
        case .text:
            console.write(SagaText.table(items))
            if let after = page["after"]?.text {
                console.complain("There are more: add --after \(after)\n")
            } else if items.isEmpty {
                console.complain("No saga is like that.\n")
            }
        }
        return .fine
    }
}

/// `sagactl show`: one saga.
struct ShowCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one saga: its steps, what it waits for, what can be done, its journal.")

    @OptionGroup var saga: SagaArgument
    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let path = try await server.sagaPath(saga.saga)
        let document = try await server.get(path)
        let journal = try await server.all("\(path)/journal")
        switch format.format {
        case .json:
            let whole = Members([("saga", document), ("journal", .list(journal))])
            console.write(Value.map(whole).jsonText + "\n")
        case .text: console.write(SagaText(document).text + JournalText.text(journal))
        }
        return .fine
    }
}

/// `sagactl tasks`: what waits for whom.
struct TasksCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "Lists what people are asked and have not decided.")

    @Option(help: "Only of sagas of this definition.")
    var saga: String?

    @Option(help: "Only of the saga with this key.")
    var key: String?

    @Option(help: "Only what this role may decide.")
    var role: String?

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let items = try await server.all(
            "/api/tasks", [("saga", saga), ("key", key), ("role", role)])
        switch format.format {
        case .json: console.write(Value.list(items).jsonText + "\n")
        case .text:
            console.write(items.map(TaskText.text).joined(separator: "\n"))
            if items.isEmpty { console.complain("Nobody is asked anything.\n") }
        }
        return .fine
    }
}

/// `sagactl definitions`: what can be started.
struct DefinitionsCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "definitions",
        abstract: "Lists the definitions that new sagas take, or the versions of one.")

    @Argument(help: "Only this one, with all of its versions.")
    var name: String?

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        if let name { return try await performOne(name, server, console) }
        let page = try await server.get("/api/definitions")
        switch format.format {
        case .json: console.write(page.jsonText + "\n")
        case .text: console.write(DefinitionText.table(page["items"]?.elements ?? []))
        }
        return .fine
    }

    private func performOne(
        _ name: String, _ server: Server, _ console: Console
    ) async throws -> ExitStatus {
        let one = try await server.get("/api/definitions/\(PercentCoding.encoded(name))")
        switch format.format {
        case .json: console.write(one.jsonText + "\n")
        case .text: console.write(DefinitionText.text(one))
        }
        return .fine
    }
}
