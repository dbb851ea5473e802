/// What would run if a saga were cancelled now, or what is left to run of a way back that it is on.
///
/// Found by rehearsal: the rules decide on the cancel, then on a silent answer to all that is in
/// flight, which is the worst case, and on a success of each compensation.
package struct CompensationPlan: Equatable, Sendable {
    /// Why the saga cannot be cancelled; nil where it can.
    package var refusal: Refusal?
    /// What is in flight and would be waited for before anything is taken back, in the order in
    /// which it was sent.
    package var awaited: [Awaited]
    /// What would run then, in the order in which it would be sent.
    package var compensations: [Planned]
    /// The steps that may have been done and that nothing takes back, in file order.
    package var lasting: [NodePath]
    /// Where the saga would be afterwards: `compensated`, `settled`, or `stuck`; `compensating` where
    /// the plan was too long to be played to its end; where it cannot be cancelled and is on no way
    /// back, where it is now.
    package var end: SagaStatus

    /// Something in flight.
    package struct Awaited: Equatable, Sendable {
        /// The step.
        package var path: NodePath
        /// Whom it asks.
        package var target: CommandTarget
        /// Until when it is waited for; nil for a child saga, which takes itself back first.
        package var until: Instant?

        /// What is in flight of that step.
        package init(path: NodePath, target: CommandTarget, until: Instant?) {
            self.path = path
            self.target = target
            self.until = until
        }
    }

    /// A compensation that would be sent, or would get stuck at once.
    package struct Planned: Equatable, Sendable {
        /// Which of the rounds it belongs to, from 1: those of one round run at the same time.
        package var round: Int
        /// The step that is taken back.
        package var path: NodePath
        /// What would be done.
        package var work: Work
        /// Whether the step is known to be done; otherwise it only may be.
        package var isKnownDone: Bool

        /// What would be done.
        package enum Work: Equatable, Sendable {
            /// A participant or a child saga is asked with that body.
            case send(CommandTarget, body: Value)
            /// Nothing, as the body has no value: an operator is needed.
            case stuck(reason: String)
        }

        /// The compensation of that step.
        package init(round: Int, path: NodePath, work: Work, isKnownDone: Bool) {
            self.round = round
            self.path = path
            self.work = work
            self.isKnownDone = isKnownDone
        }
    }
}

extension Decider {
    /// What would run if that saga were cancelled now, for the reason that will be given.
    package func compensationPlan(
        of state: SagaState, at circumstances: Circumstances, reason: String = "cancelled"
    ) -> CompensationPlan {
        var rehearsal = WayBackRehearsal(self, state, circumstances)
        rehearsal.begin(reason: reason)
        let isOnWayBack = state.failure != nil && !state.hasEnded
        if let refusal = rehearsal.refusal, !isOnWayBack {
            return CompensationPlan(
                refusal: refusal, awaited: [], compensations: [],
                lasting: state.failure == nil ? others(in: state) : lasting(in: state),
                end: state.status)
        }
        rehearsal.run()
        return CompensationPlan(
            refusal: rehearsal.refusal, awaited: rehearsal.awaited,
            compensations: rehearsal.planned, lasting: lasting(in: rehearsal.state),
            end: rehearsal.state.status)
    }

    /// The steps that may have been done and have no compensation.
    private func lasting(in state: SagaState) -> [NodePath] {
        others(in: state).filter { path in
            guard case .step(let step)? = outline.place(of: path)?.node.body else { return false }
            return step.compensation == nil
        }
    }

    /// The steps with work of others that may have been done, in file order.
    private func others(in state: SagaState) -> [NodePath] {
        outline.inFileOrder(
            state.steps.filter { path, known in
                guard case .step(let step)? = outline.place(of: path)?.node.body,
                    step.work.isOthersDoing, !known.isUndone, known.compensation != .done
                else { return false }
                switch known.phase {
                case .running, .probing, .completed, .unknown, .stuck: return true
                case .entered, .rejected, .failed, .skipped: return false
                }
            }.map(\.key))
    }
}

extension Work {
    /// Whether a participant or a child saga does something that lasts.
    fileprivate var isOthersDoing: Bool {
        switch self {
        case .command, .child: true
        case .ask, .await: false
        }
    }
}

/// A saga's way back, played by the rules themselves.
private struct WayBackRehearsal {
    /// The most inputs of a rehearsal, each of which opens, answers or gives up something; beyond it
    /// the plan is cut, and its end is `compensating`.
    static let inputsMax = 10_000

    let decider: Decider
    var state: SagaState
    var circumstances: Circumstances
    var refusal: Refusal?
    var awaited: [CompensationPlan.Awaited] = []
    var planned: [CompensationPlan.Planned] = []
    private var round = 1
    private var inputsLeft = Self.inputsMax

    init(_ decider: Decider, _ state: SagaState, _ circumstances: Circumstances) {
        self.decider = decider
        self.state = state
        self.circumstances = circumstances
    }

    /// Turns the saga round, unless the rules refuse it.
    mutating func begin(reason: String) {
        for command in state.open where command.kind == .compensation { plan(command) }
        take(.cancel(OperatorAction(by: "", reason: reason)))
        awaited = state.open.filter { $0.kind == .command }.map { command in
            CompensationPlan.Awaited(
                path: command.path, target: command.target,
                until: command.child == nil ? command.dueAt : nil)
        }
    }

    /// Goes on until nothing is open that could be answered.
    mutating func run() {
        while inputsLeft > 0 {
            let answerable = state.open.compactMap(answer)
            if !answerable.isEmpty {
                round += planned.isEmpty ? 0 : 1
                for reply in answerable { take(.reply(reply)) }
            } else if !state.open.isEmpty, let due = state.nextDue(after: circumstances.now) {
                circumstances.now = due
                take(.due())
            } else {
                return
            }
        }
    }

    /// What is assumed of an open command: a compensation succeeds, a child saga that is cancelled
    /// takes itself back, anything else stays silent.
    private func answer(_ command: OpenCommand) -> Reply? {
        let answer: Reply.Answer
        switch (command.kind, command.phase) {
        case (.compensation, .inFlight): answer = .outcome("done", .map(Members()))
        case (.command, .inFlight) where command.child != nil:
            answer = .outcome("compensated", ["reason": ""])
        case (.command, _), (.compensation, .waiting), (.probe, _): return nil
        }
        return Reply(commandID: command.id, attempt: command.attempt, answer: answer)
    }

    private mutating func take(_ input: Input) {
        inputsLeft -= 1
        switch decider.decide(input, in: state, at: circumstances) {
        case .record(let decision):
            state = decision.state
            decision.entries.forEach { note($0) }
        case .refuse(let why): if case .cancel = input { refusal = why }
        case .ignore: break
        }
    }

    private mutating func note(_ entry: Entry) {
        if case .commandOpened(let command) = entry, command.kind == .compensation {
            plan(command)
        } else if case .compensationStuck(let path, let reason) = entry {
            plan(path, .stuck(reason: reason))
        }
    }

    private mutating func plan(_ command: OpenCommand) {
        let body =
            switch command.body {
            case .document: state.input
            case .value(let value): value
            }
        plan(command.path, .send(command.target, body: body))
    }

    private mutating func plan(_ path: NodePath, _ work: CompensationPlan.Planned.Work) {
        planned.append(
            CompensationPlan.Planned(
                round: round, path: path, work: work,
                isKnownDone: state.steps[path]?.phase == .completed))
    }
}
