import SagaCore

/// What became of one case.
struct SweepResult: Sendable {
    /// The case.
    var swept: SweepCase
    /// The saga's id; nil where it was not started.
    var sagaID: String?
    /// The end that it reached, or how it stood when the time was over.
    var end = "not run"
    /// From turning round to the end, in milliseconds; nil where it did not turn round.
    var compensationMilliseconds: Int64?
    /// What the participants' books say.
    var books = "–"
    /// What is wrong; empty where it ended well.
    var problems: [String] = []

    /// Whether it ended well; nil where it was not run.
    var endedWell: Bool? { swept.skipped == nil ? problems.isEmpty : nil }
}

/// Judges a saga that was struck, by what the daemon shows of it.
struct SweepVerdict {
    /// The saga.
    let saga: Value
    /// Its journal, oldest first.
    let journal: [Value]

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

    /// From turning round to the end.
    var compensationMilliseconds: Int64? {
        guard let turned = entries("turned").first?.at, let ended = entries("ended").last?.at else {
            return nil
        }
        return (ended - turned).microseconds / 1000
    }

    /// What is wrong with the saga itself, and with a case whose failure never struck.
    func problems(hasStruck: Bool) -> [String] {
        var problems: [String] = []
        if saga["ended_at"]?.text == nil { problems.append("it has not ended") }
        if saga["open"]?.elements?.isEmpty == false { problems.append("commands are open still") }
        if !hasStruck { problems.append("the fault did not strike") }
        return problems + leftDone.map { "\($0) is done and not taken back" }
    }

    /// The steps that are done, or may be, in a saga that was taken back.
    private var leftDone: [String] {
        guard end == "compensated" else { return [] }
        return (saga["steps"]?.members ?? Members()).compactMap { step in
            guard let state = step.value["state"]?.text, ["completed", "unknown"].contains(state),
                let compensation = step.value["compensation"]?.text, compensation != "done"
            else { return nil }
            return step.name
        }
    }

    /// The saga's own account: how many steps are done, and how many of them taken back.
    var ownAccount: String {
        let steps = (saga["steps"]?.members ?? Members()).map(\.value)
        let done = steps.count { $0["state"]?.text == "completed" }
        let back = steps.count { $0["compensation"]?.text == "done" }
        return "the saga's own: \(done) done, \(back) taken back"
    }
}
