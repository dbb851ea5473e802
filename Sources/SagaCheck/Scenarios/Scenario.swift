package import SagaCore

/// One story of a saga: what its participants answer, and what must come of it.
package struct Scenario: Equatable, Sendable {
    /// What the story is about, unique in its file.
    package var name: String
    /// The line at which it begins, from 1.
    package var line: Int
    /// What is posted.
    package var input: Value
    /// How participants react, attempt by attempt; the last reaction repeats.
    package var given: [Target: [Reaction]]
    /// What operators do, in order.
    package var interventions: [Intervention]
    /// What must come of it.
    package var expected: Expectation

    /// A story in which every participant does what is asked of it.
    package init(name: String, line: Int = 1, input: Value = .map(Members())) {
        self.name = name
        self.line = line
        self.input = input
        given = [:]
        interventions = []
        expected = Expectation()
    }

    /// How the participant reacts to that attempt, counted from 0; nil where the story does not say.
    package func reaction(to target: Target, attempt: Int) -> Reaction? {
        let family = Target(NodeAddress(target.path).name, target.kind)
        let reactions = given[target] ?? given[family] ?? []
        return reactions.indices.contains(attempt) ? reactions[attempt] : reactions.last
    }
}

/// Commands that are answered alike.
package struct Target: Hashable, Sendable {
    /// The step, such as `payment` or `pay[3]`; `pay` means all elements that are not given
    /// by themselves.
    package var path: NodePath
    /// Which of the step's commands.
    package var kind: CommandKind

    /// The commands of that kind of that step.
    package init(_ path: NodePath, _ kind: CommandKind = .command) {
        self.path = path
        self.kind = kind
    }

    /// The target as a scenario writes it.
    package var written: String {
        switch kind {
        case .command: path
        case .compensation: "\(path).compensate"
        case .probe: "\(path).probe"
        }
    }
}

/// How a participant reacts to one attempt.
package enum Reaction: Equatable, Sendable {
    /// It answers at once.
    case answer(Reply.Answer)
    /// It never answers.
    case timeout
    /// It answers just after the attempt timed out.
    case late(Reply.Answer)
    /// It answers at once, twice.
    case duplicate(Reply.Answer)
}

/// What an operator does, as soon as it can be done.
package struct Intervention: Equatable, Sendable {
    /// What is done.
    package var act: Act
    /// The step it is about; for a cancel the one whose command must have been sent.
    package var target: Target
    /// Why.
    package var reason: String

    /// What an operator can do.
    package enum Act: Equatable, Sendable {
        /// Cancels the saga.
        case cancel
        /// Has what is stuck tried again.
        case retry
        /// Settles what is stuck by hand: with that outcome, or nil for a compensation that is
        /// done.
        case settle(outcome: String?)
    }

    /// That act upon that target.
    package init(_ act: Act, _ target: Target, reason: String) {
        self.act = act
        self.target = target
        self.reason = reason
    }
}

/// What must come of a story; what is nil or empty is not looked at.
package struct Expectation: Equatable, Sendable {
    /// The saga's status when nothing moves any more.
    package var status: SagaStatus?
    /// The domain events, all of them, in order.
    package var events: [String]?
    /// The steps that were taken back, all of them, in that order.
    package var compensated: [NodePath]?
    /// How many attempts were sent by subject.
    package var commands: [String: Int] = [:]
    /// Members that the data of the last event of that name must have.
    package var data: [String: Value] = [:]
    /// The outcome, or how far a step is; ``neverEntered`` where nothing is known of it.
    package var steps: [NodePath: String] = [:]
    /// Members that `failure` must have.
    package var failure: Value?

    /// The state of a step that was not entered, in no element of the list that it is in.
    package static let neverEntered = "never"

    /// Nothing is looked at.
    package init() {}
}
