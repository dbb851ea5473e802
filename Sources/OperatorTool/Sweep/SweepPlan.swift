import SagaCore

/// The cases of a definition: every step with a command × every kind of failure.
struct SweepPlan {
    /// The definition.
    let definition: SagaDefinition
    /// Whether only one of several alike failures is taken.
    var isShort = false
    /// Whether the daemon is ours, and may be ended.
    var mayEndDaemon = true
    /// The longest time for one saga.
    var patience: Duration = .seconds(120)
    /// The steps that a saga with this input enters; nil where that is not known.
    var entered: Set<String>?

    /// The failures that end no saga otherwise than without them, in rules' words.
    static let passing: [(name: String, members: Value, isLong: Bool)] = [
        ("timeout", ["timeout": true], false),
        ("lose_reply", ["lose_reply": true], false),
        ("late_reply 2s", ["late_reply": "2s"], false),
        ("duplicate 3", ["duplicate": 3], false),
        ("delay 1s", ["delay": "1s"], true),
        ("reorder", ["reorder": true], true),
        ("error retriable", retriable, false),
        ("store conflict", ["store": "conflict"], false),
        ("store lost_connection", ["store": "lost_connection"], true),
        ("store lost_commit_answer", ["store": "lost_commit_answer"], false),
        ("store slow 500ms", ["store": "slow 500ms"], true),
        ("bus disconnect", ["bus": "disconnect"], false),
        ("bus publish_refused", ["bus": "publish_refused"], true),
    ]
    private static let retriable: Value = ["error": ["code": "swept", "retriable": true]]
    private static let final: Value = ["error": ["code": "swept", "retriable": false]]

    /// Where the daemon's process ends.
    private static let crashes: [(point: String, isLong: Bool)] = [
        ("before_commit", true), ("after_commit", false), ("after_publish", true),
        ("before_ack", false),
    ]

    /// What is said where a failure would need a person.
    private static let stuck = "the step is stuck then, as the file says"

    /// Every case, step by step; those that cannot be run say why.
    var cases: [SweepCase] {
        definition.steps.flatMap { step in
            if let entered, !entered.contains(step.name) {
                return [none(of: step, "the saga does not come there with this input")]
            }
            return forward(step) + backward(step) + probes(step)
        }
    }

    /// The line of a step that no failure can strike.
    private func none(of step: Step, _ why: String) -> SweepCase {
        SweepCase(step: step.name, kind: .command, fault: "any", rules: [], skipped: why)
    }

    /// A rule that strikes sagas that ask for it.
    ///
    /// - Parameter times: how often it strikes; nil is always.
    private func rule(
        _ step: Step, _ kind: CommandKind, _ members: Value, times: Int? = 1
    ) -> Value {
        var rule = Members([
            ("saga", .string(definition.name)), ("step", .string(step.name)),
            ("kind", .string(kind.rawValue)), ("share", "0%"),
        ])
        if let times { rule["times"] = .int(Int64(times)) }
        for member in members.members ?? Members() { rule[member.name] = member.value }
        return .map(rule)
    }

    /// The failures of one of a step's commands; `others` bring the saga there.
    private func struck(_ step: Step, _ kind: CommandKind, with others: [Value]) -> [SweepCase] {
        var cases = Self.passing.filter { !(isShort && $0.isLong) }.map { one in
            SweepCase(
                step: step.name, kind: kind, fault: one.name,
                rules: [rule(step, kind, one.members)] + others)
        }
        for crash in Self.crashes where !(isShort && crash.isLong) {
            cases.append(
                SweepCase(
                    step: step.name, kind: kind, fault: "crash \(crash.point)",
                    rules: [rule(step, kind, ["crash": .string(crash.point)])] + others,
                    endsDaemon: true,
                    skipped: mayEndDaemon
                        ? nil : "the daemon is not ours to end: sweep without --server"))
        }
        return cases
    }
}

// MARK: - Forward

extension SweepPlan {
    private func forward(_ step: Step) -> [SweepCase] {
        switch step.work {
        case .command: break
        case .ask: return [none(of: step, "it asks a person, and sends no command")]
        case .await: return [none(of: step, "it awaits an event, and sends no command")]
        case .child(let child):
            return [none(of: step, "it is a saga of its own: sweep \(child.saga) by itself")]
        }
        var cases = struck(step, .command, with: [])
        if isStuckByOneError(step) { skip("error retriable", Self.stuck, in: &cases) }
        cases.append(
            SweepCase(
                step: step.name, kind: .command, fault: "error final",
                rules: [rule(step, .command, Self.final)],
                skipped: step.failed == .stuck ? Self.stuck : nil))
        for outcome in step.outcomes where outcome.then == .reject && outcome.name != "timeout" {
            cases.append(
                SweepCase(
                    step: step.name, kind: .command, fault: "outcome \(outcome.name)",
                    rules: [rule(step, .command, ["outcome": .string(outcome.name)])]))
        }
        return cases
    }

    /// Whether a single error that may be retried makes the step wait for a person.
    private func isStuckByOneError(_ step: Step) -> Bool {
        guard step.retry.attempts == 1 else { return false }
        return switch step.unknown {
        case .compensate: false
        case .stuck: true
        case .probe: step.failed == .stuck
        }
    }

    private func skip(_ fault: String, _ why: String, in cases: inout [SweepCase]) {
        for place in cases.indices where cases[place].fault == fault {
            cases[place].skipped = why
        }
    }
}

// MARK: - Back

extension SweepPlan {
    /// How a saga comes to take a step back.
    private enum Turn {
        /// A later step turns it round by this rule.
        case rule(Value)
        /// An operator cancels it while the step is under way, which the rule has it be for a while;
        /// what needs no command waits by itself.
        case cancel(Value?)
    }

    private func backward(_ step: Step) -> [SweepCase] {
        guard let compensation = step.compensation, !compensation.subject.isEmpty else { return [] }
        guard let turn = turn(after: step) else {
            var one = none(of: step, "from the pivot on nothing is taken back")
            one.kind = .compensation
            return [one]
        }
        var cases: [SweepCase]
        switch turn {
        case .rule(let rule): cases = struck(step, .compensation, with: [rule])
        case .cancel(let rule):
            cases = struck(step, .compensation, with: rule.map { [$0] } ?? [])
            for place in cases.indices { cases[place].isCancelled = true }
        }
        if compensation.retry.attempts == 1 {
            skip("error retriable", "the compensation is stuck then, as the file says", in: &cases)
        }
        return cases
    }

    /// A later step that turns the saga round, always: where the daemon ends it is asked again. Where
    /// there is none, an operator does.
    private func turn(after step: Step) -> Turn? {
        let steps = definition.steps
        guard let place = steps.firstIndex(where: { $0.name == step.name }) else { return nil }
        if let pivot = steps.firstIndex(where: \.isPivot), place >= pivot { return nil }
        for later in steps[(place + 1)...]
        where !later.subject.isEmpty && !later.isOptional && entered?.contains(later.name) != false
        {
            let outcome = later.outcomes.first { $0.then == .reject && $0.name != "timeout" }
            if let outcome {
                return .rule(
                    rule(later, .command, ["outcome": .string(outcome.name)], times: nil))
            }
            if later.failed == .reject {
                return .rule(rule(later, .command, Self.final, times: nil))
            }
        }
        if step.subject.isEmpty { return .cancel(nil) }
        return .cancel(rule(step, .command, ["late_reply": "3s"], times: nil))
    }
}

// MARK: - Probes

extension SweepPlan {
    /// What strikes a probe; the step's attempts fail before, so that it is asked at all.
    private func probes(_ step: Step) -> [SweepCase] {
        guard case .probe = step.unknown else { return [] }
        let names = isShort ? ["lose_reply"] : ["timeout", "lose_reply", "duplicate 3"]
        var failing: [Value] = []
        var why: String?
        switch failingAttempts(of: step) {
        case .success(let rules): failing = rules
        case .failure(let problem): why = problem.why
        }
        return Self.passing.filter { names.contains($0.name) }.map { one in
            SweepCase(
                step: step.name, kind: .probe, fault: one.name,
                rules: [rule(step, .probe, one.members)] + failing, skipped: why)
        }
    }

    /// Why no attempt can be made to fail for good.
    private struct Unfailing: Error { var why: String }

    /// Rules by which every attempt fails and the last one is done all the same, its reply lost: the
    /// probe has something to tell. In short, and where that attempt takes longer than a saga may,
    /// none is sent, and the probe answers `never`.
    private func failingAttempts(of step: Step) -> Result<[Value], Unfailing> {
        guard let attempts = step.retry.attempts else {
            return .failure(Unfailing(why: "its attempts have no end, so that nobody asks"))
        }
        let isSoon = step.timeout.map { $0 < patience / 2 } ?? false
        if isSoon, !isShort || step.failed == .stuck {
            let lost = rule(step, .command, ["lose_reply": true], times: nil)
            if attempts == 1 { return .success([lost]) }
            return .success([rule(step, .command, Self.retriable, times: attempts - 1), lost])
        }
        if step.failed == .stuck { return .failure(Unfailing(why: Self.stuck)) }
        return .success([rule(step, .command, Self.retriable, times: attempts)])
    }
}
