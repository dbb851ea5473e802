import ArgumentParser
import SagaCheck
import SagaCore
import SagaLanguage
import SagaTool

/// `sagactl record`: a saga that ran as a scenario.
struct RecordCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Writes a saga that ran as a scenario that `sagactl test` passes.",
        discussion: """
            What participants answered, attempt by attempt, and what people and operators did, is \
            read from the journal; what came of it is what the scenario expects. It is played before \
            it is written. A scenario knows no times: what of the story comes out otherwise when it \
            is told without them is not expected, and said; where the saga's status does, nothing is \
            written and the command ends with 1.
            """)

    @OptionGroup var saga: SagaArgument

    @Option(help: ArgumentHelp("The definition. Else sagas/NAME.yaml.", valueName: "name.yaml"))
    var definition: String?

    @Option(help: "The scenario's name. Else that of the saga and its key.")
    var name: String?

    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let path = try await server.sagaPath(saga.saga)
        let document = try await server.get(path)
        guard let saga = document["saga"]?.text, let version = document["version"]?.whole,
            let status = document["status"]?.text.flatMap(SagaStatus.init(rawValue:))
        else { throw ServerProblem.unreadable("\(path) is no saga as this program knows them") }
        let file = definition ?? "sagas/\(saga).yaml"
        let loaded = DefinitionDirectory.load(files: [file])
        guard let definition = loaded.definitions.first?.definition else {
            console.complain(loaded.diagnostics.rendered)
            return .findings
        }
        guard definition.name == saga, definition.version == Int(version) else {
            throw UsageProblem(
                "the saga is of \(saga) version \(version), and \(file) is \(definition.name) "
                    + "version \(definition.version): name the file with --definition")
        }
        let rows = try await server.all("\(path)/journal")
        let input = try await server.get("\(path)/input")
        let key = document["key"]?.text ?? ""
        do {
            let recording = try Recording.of(
                rows, input: input, status: status, name: name ?? "\(saga) \(key)", definition)
            console.write(recording.text(of: definition))
            for words in recording.leftOut { console.complain("Left out: \(words)\n") }
            return .fine
        } catch {
            console.complain(
                "Error: no scenario tells this saga: \(error.message)\n  its times matter, which a "
                    + "scenario does not know\n")
            return .findings
        }
    }
}
