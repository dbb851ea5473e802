import ArgumentParser
import Foundation
import SagaCore

/// Which server a command asks.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .customLong("server"),
        help: ArgumentHelp(
            "The daemon. Else SAGACTL_SERVER, else http://127.0.0.1:3000.", valueName: "url"))
    var address: String?

    /// The server.
    func server() throws(UsageProblem) -> Server {
        try Server(
            address ?? ProcessInfo.processInfo.environment["SAGACTL_SERVER"]
                ?? "http://127.0.0.1:3000")
    }
}

/// How a reading command shows what it found.
struct FormatOptions: ParsableArguments {
    @Option(help: "text for people, json for programs.")
    var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// For people.
        case text
        /// As the server answered.
        case json
    }
}

/// Who acts.
struct PersonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who acts: the journal keeps it. Else $USER.", valueName: "who"))
    var by: String?

    /// Who acts.
    func person() throws(UsageProblem) -> String {
        if let by { return by }
        if let user = ProcessInfo.processInfo.environment["USER"], !user.isEmpty { return user }
        throw UsageProblem("who acts is not known: say so with --by")
    }
}

/// What shows that an operator's word is true.
struct EvidenceOptions: ParsableArguments {
    @Option(help: "What shows it, such as a link or a reference: the journal keeps it.")
    var evidence: String?

    /// The evidence as JSON; nil where none is given.
    var value: Value? { evidence.map(Value.string) }
}

/// The saga that a command is about.
struct SagaArgument: ParsableArguments {
    @Argument(help: "The saga: its id, or NAME/KEY.")
    var saga: String
}

/// Reads arguments that are JSON.
enum JSONArgument {
    /// The most bytes of an input that is read from a file.
    static let fileBytes = 16 * 1024 * 1024

    /// The value of a text.
    static func value(_ text: String, of option: String) throws(UsageProblem) -> Value {
        do throws(JSONError) {
            return try Value(json: Array(text.utf8))
        } catch {
            throw UsageProblem("\(option) is not JSON: \(error.description)")
        }
    }

    /// The value of a text that is JSON itself, the name of a file, or `-` for standard input.
    static func input(
        _ text: String, of option: String = "--input"
    ) throws(UsageProblem) -> Value {
        if text == "-" {
            let data = FileHandle.standardInput.readData(ofLength: fileBytes)
            return try value(String(decoding: data, as: UTF8.self), of: "standard input")
        }
        let first = text.first { !$0.isWhitespace }
        if let first, "{[\"".contains(first) { return try value(text, of: option) }
        guard let data = FileManager.default.contents(atPath: text) else {
            throw UsageProblem(
                "\(option) must be JSON, a file, or - for standard input: there is no file '\(text)'"
            )
        }
        return try value(String(decoding: data, as: UTF8.self), of: text)
    }
}
