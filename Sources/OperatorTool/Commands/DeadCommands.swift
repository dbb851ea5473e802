import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl dead`: what could not be used.
struct DeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Lists the replies that could not be used, and sends them back.",
        subcommands: [DeadListCommand.self, DeadRetryCommand.self],
        defaultSubcommand: DeadListCommand.self)
}

/// `sagactl dead list`.
struct DeadListCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the dead letters, the newest first.")

    @Option(help: "The most letters to show, 1 to 1000.")
    var limit = 100

    @Option(help: "Where the page before ended.")
    var after: String?

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let page = try await server.get(
            "/api/dead-letters", [("limit", String(limit)), ("after", after)])
        let items = page["items"]?.elements ?? []
        switch format.format {
        case .json: console.write(page.jsonText + "\n")
        case .text:
            console.write(items.map(DeadLetterText.text).joined(separator: "\n"))
            if let after = page["after"]?.text {
                console.complain("There are more: add --after \(after)\n")
            } else if items.isEmpty {
                console.complain("There are no dead letters.\n")
            }
        }
        return .fine
    }
}

/// `sagactl dead retry`: sends letters to their subjects once more.
struct DeadRetryCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Sends dead letters to the subjects they came on, and removes them here.",
        discussion: "What still cannot be used comes back as a new dead letter.")

    @Argument(help: "The letters' ids, as the list has them.")
    var ids: [String] = []

    @Flag(help: "All that there are now.")
    var all = false

    @OptionGroup var server: ServerOptions

    func validate() throws {
        guard all != ids.isEmpty else { return }
        throw ValidationError("expected ids, or --all")
    }

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        // All are found before the first is sent: one that comes back is not sent again.
        let found =
            all ? try await server.all("/api/dead-letters").compactMap { $0["id"]?.text } : ids
        for id in found.reversed() {
            let path = "/api/dead-letters/\(PercentCoding.encoded(id))/retry"
            let letter = try await server.post(path, .null)
            console.write("\(id) sent to \(letter["subject"]?.text ?? "its subject")\n")
        }
        if found.isEmpty { console.complain("There are no dead letters.\n") }
        return .fine
    }
}

/// A dead letter as text.
enum DeadLetterText {
    /// The most bytes of a body that are shown.
    private static let bodyBytes = 400

    /// The letter in three lines.
    static func text(_ letter: Value) -> String {
        func part(_ name: String) -> String { letter[name]?.text ?? "–" }
        let body = letter["body"]?.text ?? "(hexadecimal) \(part("body_hex"))"
        let shown = String(decoding: Array(body.utf8.prefix(bodyBytes)), as: UTF8.self)
        let rest = body.utf8.count > bodyBytes ? "…" : ""
        return """
            \(part("id"))  \(part("at"))  \(part("reason")): \(part("message"))
              on    \(part("subject"))
              body  \(shown)\(rest)

            """
    }
}
