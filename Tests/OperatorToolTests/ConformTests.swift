import Foundation
import LoadClient
import NATS
import SagaCore
import SagaTool
import TestBroker
import Testing

@testable import OperatorTool

/// A broker with the daemon's stream of commands, and a folder.
private struct Broker {
    let server: NATSServer
    let connection: Connection

    init() async throws {
        server = try await NATSServer()
        connection = try await Connection.connect(
            ConnectionOptions(servers: server.url, name: "test"))
        var stream = StreamConfiguration(name: "SAGA_COMMANDS", subjects: ["saga.command.>"])
        stream.retention = .workQueue
        try await JetStream(connection).createStream(stream)
    }

    /// Examines a participant of those subjects; answers the run and its report.
    func conform(_ arguments: [String]) async throws -> (run: Run, report: Value) {
        let run = await sagactl(
            ["conform", "--nats", server.url, "--format", "json"] + arguments)
        let report = try? Value(json: Array(run.output.utf8))
        return (run, report ?? .null)
    }

    /// What it leaves behind: its own streams, and commands in the queue.
    func leftovers() async throws -> (commands: UInt64, isClean: Bool) {
        let streams = JetStream(connection)
        let answer = try await connection.request(
            Message(subject: "$JS.API.STREAM.NAMES"), timeout: .seconds(5))
        let names = String(decoding: answer.payload, as: UTF8.self)
        return (
            try await streams.stream("SAGA_COMMANDS")?.contents.messages ?? 0,
            !names.contains(ExaminationWire.streamPrefix)
        )
    }
}

extension Value {
    /// The rules of a report with that verdict.
    fileprivate func rules(_ verdict: String) -> Set<String> {
        let found = self["rules"]?.elements?.filter { $0["verdict"]?.text == verdict } ?? []
        return Set(found.compactMap { $0["rule"]?.text })
    }
}

private let payments = [
    "--command", "payments.debit", "--compensation", "payments.void", "--probe", "payments.status",
]

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `An examination of a participant` {
    @Test(arguments: Flaw.allCases)
    func `sees each rule kept, or broken by who breaks it`(flaw: Flaw) async throws {
        let broker = try await Broker()
        let sign = broker.server.folder + "/restarted"
        let restarted = { FileManager.default.fileExists(atPath: sign) }
        let work = Task {
            try await FlawedParticipant.serve(flaw, on: broker.connection, restarted: restarted)
        }
        #expect(
            try await eventually {
                try await JetStream(broker.connection)
                    .consumer("payments", on: "SAGA_COMMANDS") != nil
            })
        let (run, report) = try await broker.conform(
            payments + [
                "--body", #"{"order_id": "${key}", "amount": 5}"#, "--retriable-body",
                #"{"busy": true}"#, "--refused-body", #"{"bad": true}"#, "--restart",
                "touch \(sign)", "--patience", "2",
            ])
        #expect(report.rules("broken") == Set(flaw.breaks.map(\.rawValue)), "\(run)")
        #expect(run.status == (flaw == .none ? .fine : .findings), "\(run)")
        if flaw == .none { #expect(report.rules("kept").count == ContractRule.allCases.count) }
        let left = try await broker.leftovers()
        #expect(left.commands == 0 && left.isClean)
        work.cancel()
        _ = try await work.value
        await broker.connection.close()
    }

    @Test func `finds that the order participants keep the contract`() async throws {
        let broker = try await Broker()
        let programs = try Programs.findForTests()
        let restart = try participantScript(programs.path("order-workers"), broker)
        try await Restart(command: restart).perform()
        defer { stopParticipant(broker) }
        let consumers = JetStream(broker.connection)
        #expect(
            try await eventually {
                try await consumers.consumers(on: "SAGA_COMMANDS").count == 3
            })
        let (run, report) = try await broker.conform([
            "--definition", "\(programs.sagas)/order.yaml", "--step", "payment",
            "--refused-body", "{}", "--restart", restart, "--patience", "40",
        ])
        #expect(run.status == .fine, "\(run)")
        #expect(
            report["subjects"] == ["payments.debit", "payments.void", "payments.status"])
        #expect(report.rules("not_tried") == ["retriable", "probe-retriable"])
        #expect(report.rules("kept").count == ContractRule.allCases.count - 2)
        #expect(try await broker.leftovers() == (0, true))
        let review = await sagactl([
            "conform", "--nats", broker.server.url, "--command", "reviews.review", "--body",
            #"{"order_id": "${key}", "restaurant_id": "r-1"}"#,
        ])
        #expect(review.status == .fine)
        #expect(review.output.contains("kept       1  a command is answered with an outcome\n"))
        #expect(review.output.hasSuffix("4 kept, 0 broken, 16 not tried.\n"), "\(review.output)")
        await broker.connection.close()
    }

    @Test func `names who does not listen`() async throws {
        let broker = try await Broker()
        let run = await sagactl(
            ["conform", "--nats", broker.server.url, "--body", "{}"] + payments)
        #expect(run.status == .findings)
        #expect(
            run.problems
                == "Error: nobody takes payments.debit, payments.void, payments.status from the "
                + "broker: start the participant\n")
        await broker.connection.close()
    }

    @Test(arguments: [
        (["--command", "a.b"], "--command and --body, or --definition and --step"),
        (["--definition", "a.yaml"], "--definition and --step go together"),
        (["--command", "a.b", "--body", "{}", "--patience", "0"], "must be 1 to 600 seconds"),
        (["--command", "a.b", "--body", "{"], "--body is not JSON"),
    ])
    func `is refused what it cannot be asked`(arguments: [String], words: String) async {
        let run = await sagactl(["conform"] + arguments)
        #expect(run.status == .wrongUsage)
        #expect(run.problems.contains(words), "\(run.problems)")
    }

    @Test func `names the steps that send a command, where another is asked for`() async throws {
        let sagas = try Programs.findForTests().sagas
        let run = await sagactl([
            "conform", "--definition", "\(sagas)/order.yaml", "--step", "pay",
        ])
        #expect(run.status == .wrongUsage)
        #expect(run.problems.contains("is 'pay': order has payment, review"), "\(run.problems)")
    }
}

// MARK: A participant as a process

/// Writes a script that ends the participant where it runs, and starts it; answers its path.
private func participantScript(_ program: String, _ broker: Broker) throws -> String {
    let folder = broker.server.folder
    let path = "\(folder)/restart.sh"
    let script = """
        #!/bin/sh
        if [ -f \(folder)/pid ]; then
            kill "$(cat \(folder)/pid)"
            # One that has ended and was not waited for is a zombie: it is gone, too.
            while grep -q '^State:.[^Z]' "/proc/$(cat \(folder)/pid)/status" 2>/dev/null; do
                sleep 0.05
            done
        fi
        \(program) --nats-url \(broker.server.url) --database \(folder)/ledger.sqlite \\
            >>\(folder)/participant.log 2>&1 &
        echo $! >\(folder)/pid

        """
    try Data(script.utf8).write(to: URL(filePath: path))
    return "sh \(path)"
}

private func stopParticipant(_ broker: Broker) {
    let text = try? String(contentsOfFile: broker.server.folder + "/pid", encoding: .utf8)
    guard let pid = text.flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
    else { return }
    kill(pid, SIGKILL)
}
