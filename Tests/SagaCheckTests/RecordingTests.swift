import Foundation
@testable import SagaCheck
import SagaCore
import Testing

/// A saga whose participants, people and operators do anything that they may, and its journal.
private struct Walk {
    let decider: Decider
    var dice: Dice
    var state: SagaState
    var now = Rehearsal.start
    var rows: [Value] = []

    /// The most inputs of one walk.
    static let inputs = 200
    /// What is further off is a resend: timers are nearer, those of a year among them.
    private static let horizon: Duration = .seconds(400_000_000)
    private static let never: Duration = .seconds(900_000_000)

    init(_ file: ScenarioFile, seed: UInt64) throws {
        decider = Decider(file.definition)
        dice = Dice(state: seed)
        let id = SagaID(high: 7, low: seed)
        let input = file.scenarios.first?.input ?? .map(Members())
        let begun = try decider.start(
            input, id: id, freshKey: "k-\(seed)", at: Circumstances(now: now)
        ).get()
        state = begun.state
        record(nil, begun)
    }

    mutating func run() {
        for _ in 0..<Self.inputs {
            if state.hasEnded, state.open.isEmpty { return }
            guard let input = next() else { return }
            let circumstances = Circumstances(
                now: now, jitter: 0.5,
                resend: ResendPolicy(initial: Self.never, max: Self.never))
            guard case .record(let decision) = decider.decide(input, in: state, at: circumstances)
            else { continue }
            record(input, decision)
        }
    }

    private mutating func record(_ input: Input?, _ decision: Decision) {
        state = decision.state
        let row = JournalRow(
            version: state.version, at: now, input: input, entries: decision.entries)
        if let value = try? Value(json: row.encoded) { rows.append(value) }
    }

    private mutating func next() -> Input? {
        if dice.hits(30) { return .cancel(OperatorAction(by: "ada", reason: "called")) }
        let state = state
        var choices = state.open.filter { $0.phase == .inFlight }.map { reply(to: $0) }
        choices += state.waits.compactMap { report(on: $0) }
        choices += state.steps.compactMap { repair($0.key, $0.value) }
        let due = state.nextDue.flatMap { $0 < now + Self.horizon ? $0 : nil }
        if let due, choices.isEmpty || dice.hits(5) {
            now = max(now, due)
            return .due()
        }
        // Of a dictionary's steps the order is any: the walk is to be the same each time.
        return choices.sorted { $0.key < $1.key }.randomElement(using: &dice)?.input
    }

    private typealias Choice = (key: String, input: Input)

    private mutating func reply(to command: OpenCommand) -> Choice {
        let target = Target(command.path, command.kind)
        var answer = decider.definition.usualAnswer(to: target)
        if dice.hits(4) {
            answer = .error(code: "busy", message: "later", isRetriable: !dice.hits(4))
        } else if command.kind == .command, dice.hits(4),
            let step = decider.definition.step(at: command.path),
            let other = step.outcomes.randomElement(using: &dice), other.name != "timeout"
        {
            answer = .outcome(other.name, ["seen": true])
        }
        if command.child != nil, case .error = answer { answer = .outcome("compensated", [:]) }
        let reply = Reply(commandID: command.id, attempt: command.attempt, answer: answer)
        return (target.written, .reply(reply))
    }

    private mutating func report(on wait: OpenWait) -> Choice? {
        guard let step = decider.definition.step(at: wait.path),
            let outcome = step.outcomes.filter({ $0.name != "timeout" })
                .randomElement(using: &dice)
        else { return nil }
        let by = OperatorAction(by: "person-\(Int.random(in: 1...4, using: &dice))", reason: "")
        return (wait.path, .report(wait.path, outcome: outcome.name, data: [:], by))
    }

    private func repair(_ path: NodePath, _ step: StepState) -> Choice? {
        let by = OperatorAction(by: "ada", reason: "seen to")
        if step.compensation == .stuck {
            let isSettled = state.version % 2 == 0
            return (
                path + "!",
                isSettled ? .settle(path, .compensated, by) : .retry(path, body: nil, by)
            )
        }
        guard step.phase == .stuck else { return nil }
        return (path + "!", .retry(path, body: nil, by))
    }
}

@Suite struct `A saga that ran` {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "sagas")

    private static func file(_ name: String) throws -> ScenarioFile {
        try #require(ScenarioFile.read(folder.appending(path: "\(name).test.yaml").path).file)
    }

    /// What is refused must be rare, or the test would hold little. Of branches that run side by side
    /// most stories are told without the order in which they were taken back.
    @Test(arguments: ["order", "refund", "trip", "account", "payout", "payout-seller", "renewal"])
    func `is written as a scenario that passes`(name: String) throws {
        let file = try Self.file(name)
        var (told, whole) = (0, 0)
        let seeds: UInt64 = 100
        for seed in 1...seeds {
            var walk = try Walk(file, seed: seed)
            walk.run()
            let recording: Recording
            do {
                recording = try Recording.of(
                    walk.rows, input: walk.state.input, status: walk.state.status,
                    name: "walk \(seed)", file.definition)
            } catch { continue }
            told += 1
            if recording.leftOut.isEmpty { whole += 1 }
            let text = recording.text(of: file.definition)
            let read = ScenarioFile.read(text: text, file: "walk", about: file.definition)
            let scenario = try #require(read.file?.scenarios.first, "\(read.diagnostics)\n\(text)")
            let result = ScenarioResult.of(scenario, file.definition)
            #expect(result.hasPassed, "seed \(seed)\n\(text)\n\(result.report)")
        }
        #expect(told >= 70, "\(name): \(told) of \(seeds) were told, \(whole) as a whole")
        #expect(whole >= 20, "\(name): \(told) of \(seeds) were told, \(whole) as a whole")
    }

    @Test func `is told attempt by attempt`() throws {
        let file = try Self.file("order")
        var walk = try Walk(file, seed: 1)
        func reply(_ answer: Reply.Answer) throws -> Input {
            let open = try #require(walk.state.open.first)
            return .reply(Reply(commandID: open.id, attempt: open.attempt, answer: answer))
        }
        try walk.take(reply(.error(code: "busy", message: "later", isRetriable: true)))
        try walk.take(.due(), after: .seconds(60))
        try walk.take(.due(), after: .seconds(60))
        try walk.take(.due(), after: .seconds(60))
        try walk.take(reply(.outcome("debited", ["payment_id": "p-1"])))
        try walk.take(reply(.outcome("rejected", [:])))
        try walk.take(reply(.outcome("done", [:])))
        let recording = try Recording.of(
            walk.rows, input: walk.state.input, status: walk.state.status, name: "one",
            file.definition)
        #expect(
            recording.scenario.given == [
                Target("payment"): [
                    .answer(.error(code: "busy", message: "later", isRetriable: true)), .timeout,
                    .answer(.outcome("debited", ["payment_id": "p-1"])),
                ],
                Target("review"): [.answer(.outcome("rejected", [:]))],
                Target("payment", .compensation): [.answer(.outcome("done", [:]))],
            ])
        #expect(recording.scenario.expected.status == .compensated)
        #expect(
            recording.scenario.expected.events
                == ["created", "paymentdebited", "paymentvoided", "rejected"])
        #expect(recording.scenario.expected.commands["payments.debit"] == 3)
        #expect(recording.leftOut.isEmpty)
    }

    @Test func `is told where an attempt that had failed is answered once more`() throws {
        let file = try Self.file("order")
        var walk = try Walk(file, seed: 1)
        func reply(_ answer: Reply.Answer) throws -> Input {
            let open = try #require(walk.state.open.first)
            return .reply(Reply(commandID: open.id, attempt: 1, answer: answer))
        }
        let busy = Reply.Answer.error(code: "busy", message: "later", isRetriable: true)
        try walk.take(reply(.outcome("debited", ["payment_id": "p-1"])))
        try walk.take(reply(.outcome("rejected", [:])))
        try walk.take(reply(busy))
        try walk.take(reply(.outcome("done", [:])))
        let recording = try Recording.of(
            walk.rows, input: walk.state.input, status: walk.state.status, name: "one",
            file.definition)
        #expect(
            recording.scenario.given[Target("payment", .compensation)]
                == [.answer(busy), .answer(.outcome("done", [:]))])
        #expect(recording.scenario.expected.status == .compensated)
        #expect(recording.leftOut.count == 1)
    }

    @Test func `whose end its times decided is refused`() throws {
        let file = try Self.file("order")
        var walk = try Walk(file, seed: 1)
        walk.run()
        #expect(throws: Recording.Failure.self) {
            try Recording.of(
                walk.rows, input: walk.state.input, status: .running, name: "one",
                file.definition)
        }
    }
}

extension Walk {
    /// Takes an input that must be recorded.
    fileprivate mutating func take(_ input: Input, after wait: Duration = .zero) throws {
        now = now + wait
        let circumstances = Circumstances(now: now, jitter: 0.5)
        guard case .record(let decision) = decider.decide(input, in: state, at: circumstances)
        else { throw Unrecorded(input: "\(input)") }
        record(input, decision)
    }

    private struct Unrecorded: Error {
        var input: String
    }
}
