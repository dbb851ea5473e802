import SagaCore

/// A saga and its world: what the daemon knows, and what the participants have really done.
struct ModelState {
    /// The saga.
    var saga: SagaState
    /// What became of each command that was sent, in the order of sending.
    var truths: [Truth] = []
    /// Conditions that may be asked again.
    var chosen: Choices = [:]
    /// The events raised so far, as far as somebody looks at them.
    var events: [String] = []
    /// Whether an operator has had something tried again, or settled it.
    var isAided = false

    /// What a participant has really done about a command.
    ///
    /// Nothing is decided before somebody hears of it: until then the command may have been done,
    /// with any outcome, or not.
    struct Truth: Hashable {
        /// The command; nil of what was awaited, or told without one.
        var id: CommandID?
        /// The step.
        var path: NodePath
        /// What it has answered for good; nil while that may still be anything.
        var answer: Answer?
        /// Whether it has undone whatever it did.
        var isUndone = false
    }

    /// A participant's final answer.
    enum Answer: Hashable {
        case outcome(String)
        case finalNo
    }

    /// What is known of that command, or nil where it was never sent.
    func truth(of id: CommandID) -> Truth? { truths.first { $0.id == id } }

    /// Learns about a command that was sent.
    mutating func learn(of id: CommandID, _ change: (inout Truth) -> Void) {
        guard let place = truths.firstIndex(where: { $0.id == id }) else { return }
        change(&truths[place])
    }

    /// What is known of the step at a path without any command of it.
    mutating func learn(at path: NodePath, _ change: (inout Truth) -> Void) {
        let known = truths.firstIndex { $0.id == nil && $0.path == path }
        if known == nil { truths.append(Truth(id: nil, path: path)) }
        change(&truths[known ?? truths.count - 1])
    }

    /// Whether nothing need happen any more, or an operator must act.
    var rests: Bool { saga.hasEnded || saga.status == .stuck }
}

extension SagaState {
    /// When everything happens.
    static let modelNow = Rehearsal.start
    /// What is not due yet.
    static let modelFar = modelNow + .seconds(1_000_000_000)
    /// What is over.
    static let modelPast = modelNow + .seconds(-1)
}
