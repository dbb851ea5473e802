import ArgumentParser
import Foundation
import NATS
import SagaCheck
import SagaCore
import SagaLanguage
import SagaTool
import UnixSignals

/// `sagactl play`: a participant that answers as a scenario says.
struct PlayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Answers a saga's commands as a scenario says, so that it runs without workers.",
        discussion: """
            Takes the commands of each definition from SAGA_COMMANDS and answers them as `given` of \
            one of its scenarios says, like a participant that keeps its contract; what is not \
            given is answered as in `sagactl test`. What was answered is remembered in memory only. \
            Subjects that somebody else serves are left alone: run `sagad dev --dev-workers false` \
            to have all of them played.

            With --start it also starts the first file's saga with the scenario's input, answers \
            the questions and events that it waits for, follows it to its end, and compares the end \
            and the events with `expect`. Time is real: what waits for days is for `sagactl test`.
            """)

    @Argument(
        help: ArgumentHelp(
            "Scenario files; of a saga with children the children's, too.",
            valueName: "name.test.yaml"))
    var files: [String]

    @Option(help: "The scenario, of each file the one of that name. Else its first.")
    var scenario: [String] = []

    @OptionGroup var broker: BrokerOptions

    @Flag(help: "Start the first file's saga, follow it to its end, and compare with `expect`.")
    var start = false

    @Option(help: "With --start: the most seconds until the end.")
    var patience = 120

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if files.isEmpty { throw ValidationError("Name a scenario file.") }
        guard (1...86_400).contains(patience) else {
            throw ValidationError("--patience must be 1 to 86400 seconds, is \(patience).")
        }
    }

    func perform(on console: Console) async throws -> ExitStatus {
        let scripts: [Script]
        do {
            scripts = try Script.read(files, scenarios: scenario)
        } catch let unusable as UnusableScript {
            console.complain(unusable.diagnostics.rendered)
            return .findings
        }
        let server = try server.server()
        do {
            let connection = try await broker.connection(named: "sagactl-play")
            let desk = try await CommandDesk(scripts, connection, console)
            let status = try await perform(scripts, desk, server, console)
            await connection.close()
            return status
        } catch let failure as NATSFailure {
            console.complain(broker.complaint(failure))
            return .unreachable
        }
    }

    private func perform(
        _ scripts: [Script], _ desk: CommandDesk, _ server: Server, _ console: Console
    ) async throws -> ExitStatus {
        let families = try await ownFamilies(of: scripts, desk, console)
        if families.isEmpty, scripts.contains(where: { !$0.families.isEmpty }) {
            console.complain(
                "Error: nothing is left to play: end who serves those subjects first\n")
            return .findings
        }
        for script in scripts {
            console.complain("Plays \(script.definition.name): \(script.scenario.name)\n")
        }
        let run =
            start
            ? scripts.first.map { first in
                PlayRun(
                    script: first, scripts: scripts, server: server, console: console,
                    patience: .seconds(patience))
            } : nil
        defer { console.complain("Played no more.\n") }
        let status = try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
            for family in families {
                group.addTask {
                    try await desk.serve(family)
                    return nil
                }
            }
            if let run { group.addTask { try await run.perform() } }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    return run == nil ? .fine : .findings
                }
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let status = ended { return status }
            }
            return .fine
        }
        for family in families { await desk.leave(family) }
        return status
    }

    /// The families of subjects that nobody else serves.
    private func ownFamilies(
        of scripts: [Script], _ desk: CommandDesk, _ console: Console
    ) async throws -> [String] {
        var own: [String] = []
        for family in scripts.flatMap(\.families) where !own.contains(family) {
            if let other = try await desk.otherServer(of: family) {
                console.complain(
                    "\(family).> is served by the consumer '\(other)' already: it is left alone.\n")
            } else {
                own.append(family)
            }
        }
        return own
    }
}
