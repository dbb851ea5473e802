import Foundation

/// The program `sagad`: reads the command line, runs the command, and ends with its exit code.
package enum CommandLineProgram {
    /// The version that `sagad version` prints.
    package static let version = "0.1.0"

    private static let usage = """
        sagad runs sagas: business transactions over several services, each step with a
        compensation that takes it back.

        usage: sagad COMMAND [--SETTING VALUE …]

          serve         run the daemon (needs database.url)
          dev           run everything on this machine: SQLite, a nats-server of its own,
                        the order participants; reloads definitions when they change
          migrate       bring the database's tables up to this program, then end
          rebuild-views make the read model anew from the event store, while daemons run
          republish     send stored events to their streams again under their ids, while
                        daemons run: --from TIME [--to TIME] [--stream NAME]
                        [--aggregate TYPE/ID], times as in 2026-11-26T08:00:00Z
          help          this page; `sagad help config` lists every setting
          version       the program's version

        """

    /// Runs the command of those arguments, the program's name left out; answers the exit code.
    package static func run(_ arguments: [String]) async -> Int32 {
        // A log reader that went away must not end the daemon.
        signal(SIGPIPE, SIG_IGN)
        guard let command = arguments.first else {
            complain(usage)
            return Exit.Code.usage.rawValue
        }
        switch command {
        case "help", "--help", "-h": return help(Array(arguments.dropFirst()))
        case "version", "--version":
            print("sagad \(version)")
            return 0
        default: break
        }
        guard let known = Settings.Command(rawValue: command) else {
            let names = Settings.Command.allCases.map(\.rawValue) + ["help", "version"]
            complain(
                "sagad: expected a command (\(names.joined(separator: ", "))), found '\(command)'; "
                    + "see `sagad help`\n")
            return Exit.Code.usage.rawValue
        }
        if arguments.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }) {
            return help([])
        }
        return await run(known, Array(arguments.dropFirst()))
    }

    private static func run(_ command: Settings.Command, _ arguments: [String]) async -> Int32 {
        do {
            let environment = ProcessInfo.processInfo.environment
            var (republish, arguments): (RepublishOptions?, [String]) = (nil, arguments)
            if command == .republish {
                (republish, arguments) = try RepublishOptions.read(arguments)
            }
            let settings = try Settings.load(
                command: command, arguments: arguments, environment: environment)
            LineLogHandler.bootstrap(settings.log)
            switch command {
            case .serve, .dev: try await Composition(settings, environment).run()
            case .migrate: try await Migration.run(settings)
            case .rebuildViews: try await ViewsRebuilding.run(settings)
            case .republish:
                guard let republish else { preconditionFailure("Its options were read.") }
                try await EventRepublishing.run(settings, republish)
            }
            return 0
        } catch let problems as SettingsProblems {
            complain("\(problems)\n")
            return Exit.Code.usage.rawValue
        } catch let exit as Exit {
            complain("sagad: \(exit)\n")
            return exit.code.rawValue
        } catch {
            complain("sagad: \(error)\n")
            return Exit.Code.failed.rawValue
        }
    }

    private static func help(_ topics: [String]) -> Int32 {
        switch topics {
        case []: print(usage, terminator: "")
        case ["config"]: print(SettingsHelp.text(), terminator: "")
        case ["config", "--markdown"]: print(SettingsHelp.markdown(), terminator: "")
        default:
            complain("sagad: expected `sagad help` or `sagad help config`\n")
            return Exit.Code.usage.rawValue
        }
        return 0
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
