import Foundation
import LoadClient
import NATS
import OrderWorkers
import SagaCheck
import SagaCore
import SagaTool

/// A sweep as its arguments say.
struct Sweep: Sendable {
    private let scripts: [Script]
    private let input: Value
    private let file: String
    private let programs: String?
    private let step: String?
    private let fault: String?
    private let isShort: Bool
    private let patience: Duration
    private let junit: String?
    private let markdown: String?
    private let console: Console

    /// The time after which our own daemon sends again what nobody answered.
    private static let resend = "1s"

    /// That sweep.
    ///
    /// - Throws: what cannot be meant.
    init(
        scripts: [Script], input: Value, file: String, programs: String?, step: String?,
        fault: String?, isShort: Bool, patience: Duration, junit: String?, markdown: String?,
        console: Console
    ) throws(UsageProblem) {
        (self.scripts, self.input, self.file, self.programs) = (scripts, input, file, programs)
        (self.step, self.fault, self.isShort) = (step, fault, isShort)
        (self.patience, self.junit, self.markdown) = (patience, junit, markdown)
        self.console = console
        let definition = scripts[0].definition
        let names = definition.steps.map(\.name)
        if let step, !names.contains(step) {
            throw UsageProblem(
                "\(definition.name) has no step '\(step)': it has "
                    + names.joined(separator: ", "))
        }
        if definition.key != nil, input.replacing("{n}", with: "") == input {
            throw UsageProblem(
                "\(definition.name) computes its key from the input, so that every saga would be "
                    + "the same one: write {n} into a text that the key is made of, such as\n  "
                    + "--input '\(Self.numbered(input).jsonText)'")
        }
    }

    /// The input with `{n}` in its first text.
    private static func numbered(_ input: Value) -> Value {
        guard case .map(var members) = input,
            let first = members.first(where: { $0.value.text != nil })
        else { return input }
        members[first.name] = .string("\(first.value.text ?? "")-{n}")
        return .map(members)
    }

    // MARK: Servers

    /// Sweeps on a `sagad dev` of its own.
    ///
    /// - Throws: ``LaunchFailure`` where that does not run.
    func performOnOwnDaemon() async throws -> ExitStatus {
        let folder = (file as NSString).deletingLastPathComponent
        let programs = try Programs.find(
            folder: programs, sagas: folder.isEmpty ? "." : folder)
        return try await untilInterrupted {
            try await Stage.run("sweep") { stage in
                if isServed { return try await performServed(stage, programs) }
                return try await performPlayed(stage, programs)
            }
        }
    }

    /// Whether the order participants serve all that is sent: they take back what they were commanded
    /// to do, and nothing else.
    private var isServed: Bool {
        let definitions = scripts.map(\.definition)
        return definitions.flatMap(\.subjects).allSatisfy(OrderParticipants.subjects.contains)
            && definitions.flatMap(\.steps).allSatisfy { step in
                !step.subject.isEmpty || step.compensation?.subject.isEmpty ?? true
            }
    }

    private func daemon(
        _ stage: Stage, _ programs: Programs, _ settings: [(name: String, value: String)] = []
    ) async throws -> LoadClient.Daemon {
        let daemon = try LoadClient.Daemon(
            .dev,
            settings: [
                ("state-directory", stage.path("state")), ("coordinator-resend", Self.resend),
            ] + settings, on: stage, programs: programs)
        try await daemon.startReady()
        return daemon
    }

    private func performServed(_ stage: Stage, _ programs: Programs) async throws -> ExitStatus {
        let daemon = try await daemon(stage, programs)
        let books = SweepBooks.orders(path: stage.path("state/workers.db"))
        let status = try await perform(
            on: Server("http://127.0.0.1:\(daemon.port)"), daemon, books)
        await daemon.stop()
        return status
    }

    /// Plays the participants over a broker that stays when the daemon's process ends.
    private func performPlayed(_ stage: Stage, _ programs: Programs) async throws -> ExitStatus {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        // Debian puts servers where only root's PATH looks.
        let broker = try Broker(on: stage, environment: ["PATH=\(path):/usr/sbin:/sbin"])
        try await broker.start()
        let daemon = try await daemon(
            stage, programs, [("nats-url", broker.url), ("dev-workers", "false")])
        let connection = try await Connection.connect(
            ConnectionOptions(servers: broker.url, name: "sagactl-sweep"))
        let desk = try await CommandDesk(
            scripts, connection, Console(write: { _ in }, complain: console.complain))
        console.complain(
            "Plays the participants as "
                + scripts.map { "\($0.definition.name): \($0.scenario.name)" }
                .joined(separator: "; ") + ".\n")
        var families: [String] = []
        for family in scripts.flatMap(\.families) where !families.contains(family) {
            families.append(family)
        }
        let status = try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
            for family in families {
                group.addTask {
                    try await desk.serve(family)
                    return nil
                }
            }
            group.addTask {
                try await perform(
                    on: Server("http://127.0.0.1:\(daemon.port)"), daemon, .played(desk))
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let status = ended { return status }
            }
            return .findings
        }
        await connection.close()
        await daemon.stop()
        return status
    }
}

// MARK: - Cases

extension Sweep {
    /// Sweeps on a daemon that runs.
    ///
    /// - Throws: ``ServerProblem`` where it does not answer, or provokes no failures.
    func perform(
        on server: Server, _ daemon: LoadClient.Daemon?, _ books: SweepBooks
    ) async throws -> ExitStatus {
        _ = try await server.get("/api/faults")
        let run = SweepRun(
            scripts: scripts, input: input, server: server, daemon: daemon, books: books,
            atMost: patience)
        let trial = try await run.trial()
        if let wait = trial.swept.skipped {
            console.complain(
                "Error: without any failure \(wait)\n  give an --input that does not wait, or more "
                    + "--patience\n")
            return .findings
        }
        guard trial.problems.isEmpty else {
            console.complain(
                "Error: without any failure the saga ends '\(trial.end)': "
                    + trial.problems.joined(separator: "; ")
                    + "\n  have its participants run, and give an --input that goes through\n")
            return .findings
        }
        let cases = try cases(mayEndDaemon: daemon != nil, trial.entered)
        console.complain("Without any failure: \(trial.end). \(cases.count) cases follow.\n")
        let results = try await run.perform(cases)
        return try show(SweepReport(saga: scripts[0].definition.name, results: results))
    }

    private func cases(
        mayEndDaemon: Bool, _ entered: Set<String>
    ) throws(UsageProblem) -> [SweepCase] {
        let plan = SweepPlan(
            definition: scripts[0].definition, isShort: isShort, mayEndDaemon: mayEndDaemon,
            patience: patience, entered: entered)
        let cases = plan.cases.filter { one in
            (step ?? one.step) == one.step
                && (fault.map { one.fault.hasPrefix($0) } ?? true)
        }
        if cases.isEmpty {
            throw UsageProblem("no failure is left whose name begins with '\(fault ?? "")'")
        }
        return cases
    }

    private func show(_ report: SweepReport) throws -> ExitStatus {
        console.write(report.text)
        for (path, text) in [(junit, report.junit), (markdown, report.markdown)] {
            guard let path else { continue }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            } catch {
                throw UsageProblem("\(path) cannot be written: \(error.localizedDescription)")
            }
        }
        return report.isFine ? .fine : .findings
    }
}
