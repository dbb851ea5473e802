import ArgumentParser
import Foundation
import SagaCore
import SagaLanguage
import SagaTool

/// `sagactl fault`: the rules by which failures are provoked.
struct FaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault",
        abstract: "Provokes failures by rules, where the daemon's faults.enabled is true.",
        subcommands: [
            FaultAddCommand.self, FaultListCommand.self, FaultRemoveCommand.self,
            FaultClearCommand.self,
        ],
        defaultSubcommand: FaultListCommand.self)
}

/// `sagactl fault add`: sets rules.
struct FaultAddCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Sets rules, each in the place of the one of its name.",
        discussion: """
            A rule is a JSON object, as in '{"name": "lost", "saga": "order", "step": "payment", \
            "timeout": true, "times": 1}'; a file may have a list of them, in YAML or JSON.
            """)

    @Argument(help: ArgumentHelp("The rule, or a file.", valueName: "json|file"))
    var rules: [String]

    @OptionGroup var person: PersonOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
        if rules.isEmpty { throw ValidationError("expected a rule, or a file with rules") }
    }

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let by = try person.person()
        for document in try rules.flatMap(Self.documents) {
            guard case .map(var members) = document else {
                throw UsageProblem("a rule must be an object, is \(document.jsonText)")
            }
            members["by"] = .string(by)
            let rule = try await server.post("/api/faults", .map(members))
            console.write(FaultText.line(rule).joined(separator: "  ") + "\n")
        }
        return .fine
    }

    /// The rules that an argument says or names.
    private static func documents(_ argument: String) throws(UsageProblem) -> [Value] {
        let isFile = argument.first { !$0.isWhitespace } != "{"
        let rules =
            isFile
            ? FaultDocument.rules(ofFile: argument)
            : FaultDocument.rules(of: argument, file: "the rule")
        switch rules {
        case .success(let rules): return rules.map(\.value)
        case .failure(let unreadable): throw UsageProblem(unreadable.message)
        }
    }
}

/// `sagactl fault list`.
struct FaultListCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the rules, by name.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let page = try await server.get("/api/faults")
        let rules = page["items"]?.elements ?? []
        switch format.format {
        case .json: console.write(page.jsonText + "\n")
        case .text:
            if rules.isEmpty { console.complain("There are no rules.\n") }
            let head = ["rule", "strikes", "with", "struck", "until", "set by"]
            if !rules.isEmpty { console.write(Columns.text([head] + rules.map(FaultText.line))) }
        }
        return .fine
    }
}

/// `sagactl fault remove`.
struct FaultRemoveCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes rules: from then on they strike nothing.")

    @Argument(help: "The rules' names.")
    var names: [String]

    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        for name in names {
            try await server.delete("/api/faults/\(PercentCoding.encoded(name))")
            console.write("\(name) is removed\n")
        }
        return .fine
    }
}

/// `sagactl fault clear`.
struct FaultClearCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Removes every rule.")

    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let rules = try await server.get("/api/faults")["items"]?.elements ?? []
        for name in rules.compactMap({ $0["name"]?.text }) {
            do {
                try await server.delete("/api/faults/\(PercentCoding.encoded(name))")
            } catch ServerProblem.refused(status: 404, _) {
                // Somebody else was quicker.
                continue
            }
            console.write("\(name) is removed\n")
        }
        if rules.isEmpty { console.complain("There are no rules.\n") }
        return .fine
    }
}

/// A rule as text.
enum FaultText {
    /// The rule in columns: its name, what it strikes with what, how often, until when, by whom.
    static func line(_ rule: Value) -> [String] {
        let count = "\(rule["struck"]?.whole ?? 0)"
        let times = rule["times"]?.whole.map { " of \($0)" } ?? ""
        let isOver = rule["active"]?.truth == false ? " (over)" : ""
        return [
            rule["name"]?.text ?? "?", target(of: rule), strike(of: rule),
            count + times + isOver, TimeText.dateAndTime(rule["until"]?.text),
            rule["set_by"]?.text ?? "?",
        ]
    }

    private static func target(of rule: Value) -> String {
        let step = rule["step"]?.text ?? "any step"
        let kind = rule["kind"]?.text.flatMap { $0 == "command" ? nil : ".\($0)" } ?? ""
        var words = ["\(rule["saga"]?.text ?? "any saga")/\(step)\(kind)"]
        if let key = rule["key"]?.text { words.append("of \(key)") }
        if let when = rule["when"]?.text { words.append("when \(when)") }
        if let share = rule["share"]?.text { words.append(share) }
        return words.joined(separator: " ")
    }

    private static func strike(of rule: Value) -> String {
        for name in [
            "outcome", "error", "timeout", "lose_reply", "late_reply", "duplicate", "delay",
            "reorder", "crash", "store", "bus",
        ] {
            guard let value = rule[name] else { continue }
            if value == true { return name }
            return "\(name) \(value.text ?? value.jsonText)"
        }
        return "?"
    }
}
