import SagaCore

/// Judges a saga that was struck, by what the daemon shows of it.
struct SweepVerdict {
    /// The saga.
    let saga: Value
    /// Its journal, oldest first.
    let journal: [Value]

    /// A step as the saga takes it.
    struct StepAccount {
        /// Its path.
        let path: String
        /// The commands that asked for it, compensations and probes not counted.
        let commands: [String]
        fileprivate let state: Value

        private var phase: String { state["state"]?.text ?? "" }
        private var compensation: String? { state["compensation"]?.text }

        /// Whether it is done and not taken back; nil where nobody knows.
        var isDone: Bool? {
            if compensation == "done" { return false }
            switch phase {
            case "completed": return true
            case "rejected", "failed", "skipped": return false
            default: return nil
            }
        }

        /// Whether it is done, or may be, and was to be taken back.
        fileprivate func isLeft(_ definition: SagaDefinition) -> Bool {
            ["completed", "unknown"].contains(phase) && compensation != "done"
                && (compensation != nil || definition.step(at: path)?.compensation != nil)
        }

        /// Whether it was taken back.
        fileprivate var isTakenBack: Bool { compensation == "done" }
        /// Whether it was entered, and not passed by.
        var isEntered: Bool { phase != "skipped" }
        /// Why it waits for a person; nil where it does not.
        fileprivate var stuck: String? { state["stuck"]?.text }
    }

    /// The entries of one kind, with their times.
    private func entries(_ kind: String) -> [(entry: Value, at: Instant?)] {
        journal.flatMap { row in
            (row["entries"]?.elements ?? []).filter { $0["kind"]?.text == kind }.map {
                ($0, row["at"]?.text.flatMap { Instant($0) })
            }
        }
    }

    /// The status.
    var end: String { saga["status"]?.text ?? "?" }

    /// The steps that the saga has entered.
    var steps: [StepAccount] {
        let opened = entries("command_opened").map(\.entry).filter {
            $0["command"]?.text == "command"
        }
        // What is no step, such as a `parallel`, has a number in its name.
        let members = (saga["steps"]?.members ?? Members()).filter { !$0.name.contains("#") }
        return members.map { step in
            StepAccount(
                path: step.name,
                commands: opened.filter { $0["step"]?.text == step.name }
                    .compactMap { $0["command_id"]?.text },
                state: step.value)
        }
    }

    /// The sagas that it has started.
    var children: [String] {
        entries("command_opened").filter { $0.entry["command"]?.text == "command" }
            .compactMap { $0.entry["child_id"]?.text }
    }

    /// From turning round to the end.
    var compensationMilliseconds: Int64? {
        guard let turned = entries("turned").first?.at, let ended = entries("ended").last?.at else {
            return nil
        }
        return (ended - turned).microseconds / 1000
    }

    /// What is wrong with the saga itself.
    func problems(_ definition: SagaDefinition) -> [String] {
        var problems: [String] = []
        if saga["ended_at"]?.text == nil { problems.append("it has not ended") }
        if saga["open"]?.elements?.isEmpty == false { problems.append("commands are open still") }
        for step in steps {
            if let why = step.stuck { problems.append("\(step.path) is stuck: \(why)") }
        }
        guard end == "compensated" else { return problems }
        return problems
            + steps.filter { $0.isLeft(definition) }.map { "\($0.path) is done and not taken back" }
    }

    /// What of a case did not come about, by the saga's own account.
    func omissions(of one: SweepCase) -> [String] {
        guard one.kind == .compensation else { return [] }
        let isTakenBack = steps.contains {
            NodeAddress($0.path).name == one.step && $0.isTakenBack
        }
        return isTakenBack ? [] : ["\(one.step) was not taken back, as the case has it"]
    }

    /// The saga's own account: how many steps are done, and how many of them taken back.
    var ownAccount: String {
        let done = steps.count { $0.isDone == true || $0.isTakenBack }
        let back = steps.count { $0.isTakenBack }
        return "the saga's own: \(done) done, \(back) taken back"
    }
}
