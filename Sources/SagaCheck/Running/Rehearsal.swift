package import SagaCore

/// One run of a scenario on the real decisions, in virtual time.
///
/// Identities are derived, jitter is none, and the clock jumps from one thing to the next: the same
/// scenario always runs the same way.
package struct Rehearsal: Sendable {
    /// When every run starts.
    package static let start = Instant(microseconds: 1_767_225_600_000_000)
    /// How many inputs a run takes at most; what goes on beyond is as it stands then.
    package static let inputLimit = 1000
    /// How long a participant takes for an answer.
    package static let answerTime: Duration = .milliseconds(1)
    private static let sagaID = SagaID(high: 0x5A6A_0000_0000_4000, low: 0x8000_0000_0000_0001)

    private let decider: Decider
    private var participants: Participants
    private var interventions: [Intervention]
    private var deliveries: [Delivery] = []
    private var inputs = 0
    private var now = Self.start
    private var isOver = false
    /// What came of the run so far.
    package private(set) var result: RunResult

    /// An answer on its way.
    private struct Delivery {
        var at: Instant
        var input: Input
        var words: String
    }

    /// Runs a scenario, or says why the saga refuses to start.
    package static func run(
        _ scenario: Scenario, of definition: SagaDefinition
    ) -> Result<RunResult, Refusal> {
        let decider = Decider(definition)
        let begun = decider.start(
            scenario.input, id: sagaID, freshKey: "key-1", at: circumstances(at: start))
        return begun.map { decision in
            var rehearsal = Rehearsal(scenario, decider, decision)
            while !rehearsal.isOver { rehearsal.goOn() }
            return rehearsal.result
        }
    }

    private init(_ scenario: Scenario, _ decider: Decider, _ decision: Decision) {
        self.decider = decider
        participants = Participants(scenario, decider.definition)
        interventions = scenario.interventions
        result = RunResult(state: decision.state)
        result.timeline.add(.came, "start", after: .zero)
        take(decision)
    }

    /// Nothing is lost unless a scenario says so, so that nothing need be sent again.
    private static func circumstances(at now: Instant) -> Circumstances {
        let never = Duration.seconds(100 * 365 * 86_400)
        return Circumstances(
            now: now, jitter: 0.5, resend: ResendPolicy(initial: never, max: never))
    }

    /// The next thing happens: what an operator can do, then what comes first.
    private mutating func goOn() {
        guard inputs < Self.inputLimit else {
            result.isCutShort = true
            isOver = true
            return
        }
        inputs += 1
        if let place = interventions.firstIndex(where: { canAct($0) }) {
            return act(interventions.remove(at: place))
        }
        let due = result.state.open.isEmpty && result.state.hasEnded ? nil : nextDue
        let first = deliveries.indices.min { deliveries[$0].at < deliveries[$1].at }
        switch (first, due) {
        case (nil, nil): isOver = true
        case (let place?, let due) where due.map { deliveries[place].at <= $0 } ?? true:
            deliver(deliveries.remove(at: place))
        case (_, let due?):
            now = max(now, due)
            decide(.due(), "\(timeWords(due))")
        case (_?, nil): preconditionFailure("A delivery without a due time is delivered.")
        }
    }

    /// The next due time that is not a resend, which lies beyond every run.
    private var nextDue: Instant? {
        let horizon = Self.start + .seconds(50 * 365 * 86_400)
        return result.state.nextDue.flatMap { $0 < horizon ? $0 : nil }
    }

    private func timeWords(_ due: Instant) -> String {
        if let wait = result.state.waits.first(where: { $0.dueAt == due }) {
            return wait.timeWords
        }
        let command = result.state.open.first { $0.dueAt == due }
        guard let command else { return "the time has come" }
        let target = Target(command.path, command.kind).written
        switch command.phase {
        case .inFlight: return "\(target): no answer in time"
        case .waiting: return "\(target): the next attempt is due"
        }
    }

    private mutating func deliver(_ delivery: Delivery) {
        now = max(now, delivery.at)
        decide(delivery.input, delivery.words)
    }

    private mutating func decide(_ input: Input, _ words: String) {
        result.timeline.add(.came, words, after: now - Self.start)
        switch decider.decide(input, in: result.state, at: Self.circumstances(at: now)) {
        case .record(let decision): take(decision)
        case .ignore(let why): result.timeline.add(.recorded, "nothing changes: \(why)")
        case .refuse(let refusal): result.timeline.add(.recorded, "refused: \(refusal.message)")
        }
    }

    private mutating func take(_ decision: Decision) {
        result.timeline.add(decision)
        result.take(decision)
        for effect in decision.effects {
            switch effect {
            case .send(let sent):
                answer(
                    sent.command.id, sent.command.attempt,
                    Target(sent.command.path, sent.command.kind), decision)
            case .order(let order):
                answer(order.commandID, order.attempt, order.target, decision)
            case .raise, .storeAppended, .tellParent: break
            }
        }
        for case .waitOpened(let wait) in decision.entries { answer(wait) }
    }

    /// A participant, or a child saga, answers a command as the scenario says.
    private mutating func answer(
        _ id: CommandID, _ attempt: Int, _ target: Target, _ decision: Decision
    ) {
        let dueAt = decision.state.open.first { $0.id == id }?.dueAt
        for (delay, answer) in participants.answers(to: target) {
            deliveries.append(
                Delivery(
                    at: time(of: delay, dueAt: dueAt),
                    input: .reply(Reply(commandID: id, attempt: attempt, answer: answer)),
                    words: "\(target.written): \(answer.words)"))
        }
    }

    /// People answer a question, or somebody reports an awaited event, as the scenario says.
    private mutating func answer(_ wait: OpenWait) {
        for (place, given) in participants.reports(to: wait).enumerated() {
            guard case .outcome(let outcome, let data) = given.answer else { continue }
            let action = OperatorAction(by: "person-\(place + 1)", reason: "")
            let who = wait.question == nil ? "" : " by \(action.by)"
            deliveries.append(
                Delivery(
                    at: time(of: given.delay, dueAt: wait.dueAt),
                    input: .report(wait.path, outcome: outcome, data: data, action),
                    words: "\(wait.path): \(given.answer.words)\(who)"))
        }
    }

    private func time(of delay: Participants.Delay, dueAt: Instant?) -> Instant {
        switch delay {
        case .soon: now + Self.answerTime
        case .late: (dueAt ?? now) + Self.answerTime
        }
    }

    // MARK: Operators

    private func canAct(_ intervention: Intervention) -> Bool {
        let step = result.state.steps[intervention.target.path]
        switch intervention.act {
        case .cancel: return step != nil
        case .retry, .settle:
            return intervention.target.kind == .compensation
                ? step?.compensation == .stuck : step?.phase == .stuck
        }
    }

    private mutating func act(_ intervention: Intervention) {
        let action = OperatorAction(by: "operator", reason: intervention.reason)
        let path = intervention.target.path
        switch intervention.act {
        case .cancel: decide(.cancel(action), "an operator cancels: \(action.reason)")
        case .retry:
            decide(.retry(path, body: nil, action), "an operator has \(path) tried again")
        case .settle(let outcome):
            let settlement = outcome.map { Settlement.outcome($0, .map(Members())) } ?? .compensated
            decide(.settle(path, settlement, action), "an operator settles \(path)")
        }
    }
}

/// What came of a run.
package struct RunResult: Equatable, Sendable {
    /// The saga when nothing moved any more.
    package var state: SagaState
    /// The domain events, in order.
    package var events: [DomainEvent] = []
    /// The steps that were taken back, in order.
    package var compensated: [NodePath] = []
    /// How many attempts were sent by subject.
    package var commands: [String: Int] = [:]
    /// The first body that was sent of each kind of command of each step, whichever element of a
    /// list it was of.
    package var bodies: [Target: Value] = [:]
    /// Whether the run went on beyond what is looked at.
    package var isCutShort = false
    /// What happened, for people.
    package var timeline = Timeline()

    mutating func take(_ decision: Decision) {
        state = decision.state
        for entry in decision.entries {
            if case .stepCompensated(let path, _) = entry, state.steps[path]?.compensation == .done
            {
                compensated.append(path)
            }
        }
        for effect in decision.effects {
            switch effect {
            case .raise(let event): events.append(event)
            case .send(let sent): note(sent.command)
            case .order, .storeAppended, .tellParent: break
            }
        }
    }

    private mutating func note(_ command: OpenCommand) {
        commands[command.subject, default: 0] += 1
        let target = Target(NodeAddress(command.path).name, command.kind)
        guard bodies[target] == nil else { return }
        switch command.body {
        case .document: bodies[target] = state.input
        case .value(let body): bodies[target] = body
        }
    }
}

/// What participants answer in one run.
private struct Participants {
    private let scenario: Scenario
    private let definition: SagaDefinition
    private var attempts: [Target: Int] = [:]

    /// When an answer comes.
    enum Delay {
        case soon
        case late
    }

    init(_ scenario: Scenario, _ definition: SagaDefinition) {
        self.scenario = scenario
        self.definition = definition
    }

    mutating func answers(to target: Target) -> [(delay: Delay, answer: Reply.Answer)] {
        let place = attempts[target, default: 0]
        attempts[target] = place + 1
        switch scenario.reaction(to: target, attempt: place) {
        case nil: return [(.soon, definition.usualAnswer(to: target))]
        case .answer(let answer)?: return [(.soon, answer)]
        case .timeout?: return []
        case .late(let answer)?: return [(.late, answer)]
        case .duplicate(let answer)?: return [(.soon, answer), (.soon, answer)]
        }
    }

    /// What is reported of a wait: of a question as many answers as its quorum needs, up to the
    /// first that rejects.
    mutating func reports(to wait: OpenWait) -> [(delay: Delay, answer: Reply.Answer)] {
        guard let step = definition.step(at: wait.path) else { return [] }
        let target = Target(wait.path)
        guard case .ask(let question) = step.work else { return answers(to: target) }
        var reports: [(delay: Delay, answer: Reply.Answer)] = []
        for _ in 0..<question.quorum {
            reports += answers(to: target)
            guard case .outcome(let name, _)? = reports.last?.answer else { continue }
            if step.outcomes.first(where: { $0.name == name })?.then == .reject { break }
        }
        return reports
    }
}

extension OpenWait {
    /// That its time has come, in words.
    fileprivate var timeWords: String {
        switch kind {
        case .timer: "\(path): the time has come"
        case .event: "\(path): nothing came in time"
        case .question: "\(path): nobody decided in time"
        }
    }
}

extension Reply.Answer {
    /// The answer in words.
    package var words: String {
        switch self {
        case .outcome(let name, let data):
            data.members?.isEmpty ?? true ? name : "\(name) \(data.jsonText)"
        case .error(let code, let message, let isRetriable):
            "error \(code)\(message.isEmpty ? "" : ": \(message)")"
                + (isRetriable ? " (may pass)" : " (final)")
        }
    }
}
