/// One thing that the participant's contract asks for (protocol.md), as an examination sees it.
///
/// The raw value is its name in a report, the order that of a report.
enum ContractRule: String, CaseIterable, Sendable {
    /// A command is answered with an outcome.
    case answer
    /// A final answer is repeated to later deliveries.
    case duplicate
    /// Deliveries at the same time have one answer.
    case concurrent
    /// After a retriable error the next delivery acts afresh.
    case retriable
    /// A final error is repeated to later deliveries.
    case finalError = "final-error"
    /// What was done is taken back.
    case compensation
    /// It is taken back once, however often that is asked for.
    case secondCompensation = "second-compensation"
    /// The command that comes after it was taken back is refused.
    case lateCommand = "late-command"
    /// What never came is taken back.
    case earlyCompensation = "early-compensation"
    /// The command that comes after that is refused.
    case commandAfterEarlyCompensation = "command-after-early-compensation"
    /// A probe of a command that never came.
    case probeUnknown = "probe-unknown"
    /// The command that comes after a probe said that it will never be done.
    case commandAfterNever = "command-after-never"
    /// A probe of a command that was done.
    case probeDone = "probe-done"
    /// A probe of a command that was taken back.
    case probeCompensated = "probe-compensated"
    /// A probe of a command that failed for good.
    case probeFinalError = "probe-final-error"
    /// A probe of a command that failed with a retriable error.
    case probeRetriable = "probe-retriable"
    /// A restart forgets no final answer.
    case restartAnswer = "restart-answer"
    /// A restart forgets no refusal.
    case restartRefusal = "restart-refusal"
    /// What was sent before a restart is answered after it.
    case restartOwed = "restart-owed"
    /// What was answered is acknowledged.
    case acknowledge

    /// Which rule of the contract it is part of, 1 to 4; the fifth, how long records are kept,
    /// nobody can see in an hour.
    var number: Int {
        switch self {
        case .answer, .duplicate, .concurrent, .retriable, .finalError: 1
        case .compensation, .secondCompensation, .lateCommand, .earlyCompensation,
            .commandAfterEarlyCompensation:
            2
        case .restartAnswer, .restartRefusal, .restartOwed, .acknowledge: 3
        case .probeUnknown, .commandAfterNever, .probeDone, .probeCompensated, .probeFinalError,
            .probeRetriable:
            4
        }
    }

    /// The rule in words.
    var words: String {
        switch self {
        case .answer: "a command is answered with an outcome"
        case .duplicate: "a later delivery, or attempt, has the same answer"
        case .concurrent: "deliveries at the same time have one answer"
        case .retriable: "after a retriable error the next delivery acts afresh"
        case .finalError: "an error that is not retriable is repeated"
        case .compensation: "the compensation of what was done is answered done"
        case .secondCompensation: "a second compensation is answered done"
        case .lateCommand: "the command is refused after its compensation"
        case .earlyCompensation: "the compensation of what never came is answered done"
        case .commandAfterEarlyCompensation: "the command that comes after that is refused"
        case .probeUnknown: "a probe of what never came says never or pending"
        case .commandAfterNever: "the command is refused after never"
        case .probeDone: "a probe of what was done says its outcome"
        case .probeCompensated: "a probe of what was taken back says never"
        case .probeFinalError: "a probe of what failed for good says never"
        case .probeRetriable: "a probe after a retriable error says never or pending"
        case .restartAnswer: "after a restart the answer is the same"
        case .restartRefusal: "after a restart what was taken back is refused"
        case .restartOwed: "what was sent before a restart is answered"
        case .acknowledge: "commands are acknowledged"
        }
    }
}

/// What an examination says of one rule.
struct Finding: Equatable, Sendable {
    /// The rule.
    var rule: ContractRule
    /// What was seen.
    var verdict: Verdict

    /// Whether a rule is kept.
    enum Verdict: Equatable, Sendable {
        /// It was seen kept.
        case kept
        /// It was seen broken: what was expected, and what was found.
        case broken(expected: String, found: String)
        /// It was not tried, for that reason.
        case notTried(String)
    }
}
