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
    /// From the case's beginning until the verdict, in milliseconds.
    var milliseconds: Int64 = 0
    /// What the participants' books say.
    var books = "–"
    /// The steps that the saga has entered.
    var entered: Set<String> = []
    /// What is wrong; empty where it ended well.
    var problems: [String] = []

    /// Whether it ended well; nil where it was not run.
    var endedWell: Bool? { swept.skipped == nil ? problems.isEmpty : nil }
}
