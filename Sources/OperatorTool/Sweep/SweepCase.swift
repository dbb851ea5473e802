import SagaCore

/// One saga of a sweep: which failure strikes which of a step's commands, by which rules.
struct SweepCase: Equatable, Sendable {
    /// The step.
    var step: String
    /// Which of its commands.
    var kind: CommandKind
    /// What strikes, as a rule writes it.
    var fault: String
    /// The rules, without names: the first is the one that is swept, the others bring the saga there.
    var rules: [Value]
    /// Whether the daemon's process ends of it.
    var endsDaemon = false
    /// Why it is not run; nil where it is.
    var skipped: String?

    /// The case in a line, such as `payment.compensate, lose_reply`.
    var title: String { "\(target), \(fault)" }

    /// What is struck, as a scenario writes it.
    var target: String {
        switch kind {
        case .command: step
        case .compensation: "\(step).compensate"
        case .probe: "\(step).probe"
        }
    }
}

/// The cases of a definition: every step with a command × every kind of failure.
struct SweepPlan {
    /// The definition.
    let definition: SagaDefinition
    /// Whether only one of several alike failures is taken.
    var isShort = false
    /// Whether the daemon is ours, and may be ended.
    var mayEndDaemon = true

    /// The failures that end no saga otherwise than without them, in rules' words.
    private static let passing: [(name: String, members: Value, isLong: Bool)] = [
        ("timeout", ["timeout": true], false),
        ("lose_reply", ["lose_reply": true], false),
        ("late_reply 2s", ["late_reply": "2s"], false),
        ("duplicate 3", ["duplicate": 3], false),
        ("delay 1s", ["delay": "1s"], true),
        ("reorder", ["reorder": true], true),
        ("error retriable", ["error": ["code": "swept", "retriable": true]], false),
        ("store conflict", ["store": "conflict"], false),
        ("store lost_connection", ["store": "lost_connection"], true),
        ("store lost_commit_answer", ["store": "lost_commit_answer"], false),
        ("store slow 500ms", ["store": "slow 500ms"], true),
        ("bus disconnect", ["bus": "disconnect"], false),
        ("bus publish_refused", ["bus": "publish_refused"], true),
    ]

    /// Where the daemon's process ends.
    private static let crashes: [(point: String, isLong: Bool)] = [
        ("before_commit", true), ("after_commit", false), ("after_publish", true),
        ("before_ack", false),
    ]

    /// Every case, step by step; those that cannot be run say why.
    var cases: [SweepCase] {
        definition.steps.filter { !$0.subject.isEmpty }.flatMap { step in
            forward(step) + backward(step) + probes(step)
        }
    }

    private func rule(
        _ step: Step, _ kind: CommandKind, _ members: Value, times: Int = 1
    ) -> Value {
        var rule = Members([
            ("saga", .string(definition.name)), ("step", .string(step.name)),
            ("kind", .string(kind.rawValue)), ("share", "0%"), ("times", .int(Int64(times))),
        ])
        for member in members.members ?? Members() { rule[member.name] = member.value }
        return .map(rule)
    }

    /// The failures of one of a step's commands; `others` bring the saga there.
    private func struck(
        _ step: Step, _ kind: CommandKind, with others: [Value], skipped: String?
    ) -> [SweepCase] {
        var cases = Self.passing.filter { !(isShort && $0.isLong) }.map { one in
            SweepCase(
                step: step.name, kind: kind, fault: one.name,
                rules: [rule(step, kind, one.members)] + others, skipped: skipped)
        }
        for crash in Self.crashes where !(isShort && crash.isLong) {
            let notOurs =
                mayEndDaemon ? nil : "the daemon is not ours to end: sweep without --server"
            cases.append(
                SweepCase(
                    step: step.name, kind: kind, fault: "crash \(crash.point)",
                    rules: [rule(step, kind, ["crash": .string(crash.point)])] + others,
                    endsDaemon: true, skipped: skipped ?? notOurs))
        }
        return cases
    }

    private func forward(_ step: Step) -> [SweepCase] {
        var cases = struck(step, .command, with: [], skipped: nil)
        cases.append(
            SweepCase(
                step: step.name, kind: .command, fault: "error final",
                rules: [
                    rule(step, .command, ["error": ["code": "swept", "retriable": false]])
                ],
                skipped: step.failed == .stuck ? "the step is stuck then, as the file says" : nil))
        for outcome in step.outcomes where outcome.then == .reject && outcome.name != "timeout" {
            cases.append(
                SweepCase(
                    step: step.name, kind: .command, fault: "outcome \(outcome.name)",
                    rules: [rule(step, .command, ["outcome": .string(outcome.name)])]))
        }
        return cases
    }

    private func backward(_ step: Step) -> [SweepCase] {
        guard let compensation = step.compensation, !compensation.subject.isEmpty else { return [] }
        let turn = turn(after: step)
        return struck(
            step, .compensation, with: turn.map { [$0] } ?? [],
            skipped: turn == nil ? "no later step with a command can turn the saga round" : nil)
    }

    /// A rule that has a later step turn the saga round.
    private func turn(after step: Step) -> Value? {
        let steps = definition.steps
        guard let place = steps.firstIndex(where: { $0.name == step.name }) else { return nil }
        for later in steps[(place + 1)...] where !later.subject.isEmpty && !later.isOptional {
            if let outcome = later.outcomes.first(where: {
                $0.then == .reject && $0.name != "timeout"
            }) {
                return rule(later, .command, ["outcome": .string(outcome.name)])
            }
            if later.failed == .reject {
                return rule(later, .command, ["error": ["code": "swept", "retriable": false]])
            }
        }
        return nil
    }

    /// What strikes a probe; the step's attempts fail before, so that it is asked at all.
    private func probes(_ step: Step) -> [SweepCase] {
        guard case .probe = step.unknown, let attempts = step.retry.attempts else { return [] }
        let failing = rule(
            step, .command, ["error": ["code": "swept", "retriable": true]], times: attempts)
        let names = isShort ? ["lose_reply"] : ["timeout", "lose_reply", "duplicate 3"]
        return Self.passing.filter { names.contains($0.name) }.map { one in
            SweepCase(
                step: step.name, kind: .probe, fault: one.name,
                rules: [rule(step, .probe, one.members), failing])
        }
    }
}
