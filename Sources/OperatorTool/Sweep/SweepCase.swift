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
    /// Whether an operator cancels the saga while the step is under way.
    var isCancelled = false
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
