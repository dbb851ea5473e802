import SagaCore

/// One thing that the world may do next.
enum Move: Equatable {
    /// An answer to an open or a former command arrives.
    ///
    /// `isOver` where the time for probing has passed by then.
    case answer(CommandID, Target, Reply.Answer, isOver: Bool)
    /// The time of an open command comes.
    case due(CommandID, Target, isOver: Bool)
    /// Somebody answers a question, or reports an awaited event.
    case report(NodePath, outcome: String, by: String)
    /// The time of a timer, a question or an awaited event comes.
    case waitDue(NodePath)
    /// The saga's deadline passes.
    case deadline
    /// The deadline passes that the pivot holds.
    case heldDeadline
    /// An operator cancels.
    case cancel

    static let operatorAction = OperatorAction(by: "operator", reason: "cancelled")
    static let retriable = Reply.Answer.error(
        code: "unavailable", message: "", isRetriable: true)
    static let finalNo = Reply.Answer.error(code: "refused", message: "", isRetriable: false)
}

/// What the world may do, as participants and time allow.
struct World {
    /// The definition.
    let definition: SagaDefinition
    /// Whether participants break their contract.
    let isHostile: Bool

    /// Everything that may happen next; some of it may change nothing.
    func moves(in state: ModelState) -> [Move] {
        var moves: [Move] = []
        for command in state.saga.open { moves += self.moves(of: command, state) }
        for wait in state.saga.waits { moves += self.moves(of: wait) }
        moves += lateReports(state)
        for command in state.saga.former { moves += lateMoves(of: command, state) }
        if state.saga.deadline != nil { moves.append(.deadline) }
        if state.saga.heldDeadline == SagaState.modelFar { moves.append(.heldDeadline) }
        if state.saga.failure == nil, !state.saga.hasEnded { moves.append(.cancel) }
        return moves
    }

    private func moves(of command: OpenCommand, _ state: ModelState) -> [Move] {
        let target = Target(command.path, command.kind)
        func answer(_ answer: Reply.Answer, isOver: Bool = false) -> Move {
            .answer(command.id, target, answer, isOver: isOver)
        }
        var moves: [Move] = []
        switch command.kind {
        case .command:
            moves += finalAnswers(of: command.id, target, state).map { answer($0) }
            if command.child == nil { moves.append(answer(Move.retriable)) }
            if command.dueAt != nil { moves.append(.due(command.id, target, isOver: false)) }
        case .compensation:
            moves += [answer(.outcome("done", .map(Members()))), answer(Move.finalNo)]
            if command.child == nil { moves.append(answer(Move.retriable)) }
            if command.dueAt != nil { moves.append(.due(command.id, target, isOver: false)) }
        case .probe:
            moves += finalAnswers(of: command.originalID, target, state).map { answer($0) }
            for isOver in [false, true] {
                moves.append(answer(.outcome("pending", .map(Members())), isOver: isOver))
                moves.append(.due(command.id, target, isOver: isOver))
            }
        }
        return moves
    }

    private func moves(of wait: OpenWait) -> [Move] {
        let person = "person-\((wait.question?.answers.count ?? 0) + 1)"
        let due = wait.dueAt == nil ? [] : [Move.waitDue(wait.path)]
        switch wait.kind {
        case .timer: return due
        case .event, .question: return reports(of: wait.path, by: person) + due
        }
    }

    private func reports(of path: NodePath, by person: String) -> [Move] {
        let outcomes = definition.step(at: path)?.outcomes ?? []
        // Silence, not a person, says `timeout`.
        return outcomes.filter { $0.name != "timeout" }
            .map { .report(path, outcome: $0.name, by: person) }
    }

    /// An awaited event may be appended although nobody waits for it any longer.
    private func lateReports(_ state: ModelState) -> [Move] {
        let open = Set(state.saga.waits.map(\.path))
        return state.saga.steps.keys.sorted().flatMap { path -> [Move] in
            guard !open.contains(path), case .await? = definition.step(at: path)?.work else {
                return []
            }
            return reports(of: path, by: "somebody")
        }
    }

    private func lateMoves(of command: FormerCommand, _ state: ModelState) -> [Move] {
        let target = Target(command.path, command.kind)
        let answers: [Reply.Answer]
        switch command.kind {
        case .command: answers = finalAnswers(of: command.id, target, state)
        case .compensation: answers = [.outcome("done", .map(Members()))]
        case .probe: answers = finalAnswers(of: command.originalID, target, state)
        }
        return answers.map { .answer(command.id, target, $0, isOver: false) }
    }

    /// What a participant may answer for good about a step's command.
    private func finalAnswers(
        of id: CommandID?, _ target: Target, _ state: ModelState
    ) -> [Reply.Answer] {
        let nothing = Value.map(Members())
        let no: Reply.Answer = target.kind == .probe ? .outcome("never", nothing) : Move.finalNo
        let answer = isHostile ? nil : id.flatMap { state.truths[$0]?.answer }
        switch answer {
        case .outcome(let name): return [.outcome(name, nothing)]
        case .finalNo: return [no]
        case nil:
            let outcomes = definition.step(at: target.path)?.outcomes ?? []
            // Silence, not a participant, says `timeout`.
            return outcomes.filter { $0.name != "timeout" }.map { .outcome($0.name, nothing) }
                + [no]
        }
    }
}

extension Move {
    /// The move in words, as the saga stands before it.
    func words(in saga: SagaState) -> String {
        switch self {
        case .answer(_, let target, let answer, _): "\(target.written): \(answer.words)"
        case .due(let id, let target, let isOver):
            switch (saga.open.first { $0.id == id }?.phase, target.kind) {
            case (.inFlight, .command), (.inFlight, .compensation):
                "\(target.written): no answer in time"
            case (_, .probe):
                isOver
                    ? "\(target.written): nobody knows, and asking ends"
                    : "\(target.written): time to ask again"
            case (_, _): "\(target.written): the next attempt is due"
            }
        case .report(let path, let outcome, let person): "\(path): \(outcome) by \(person)"
        case .waitDue(let path): "\(path): the time has come"
        case .deadline: "the deadline passes"
        case .heldDeadline: "the deadline passes while the pivot holds it"
        case .cancel: "an operator cancels"
        }
    }

    /// What the decider is given.
    func input(in saga: SagaState) -> Input? {
        switch self {
        case .answer(let id, _, let answer, _):
            let attempt = saga.open.first { $0.id == id }?.attempt ?? 1
            return .reply(Reply(commandID: id, attempt: attempt, answer: answer))
        case .report(let path, let outcome, let person):
            let action = OperatorAction(by: person, reason: "")
            return .report(path, outcome: outcome, data: .map(Members()), action)
        case .due, .waitDue, .deadline: return .due()
        case .heldDeadline: return nil
        case .cancel: return .cancel(Self.operatorAction)
        }
    }

    /// The saga just before the move, with what it needs to be due.
    func prepared(_ saga: SagaState) -> SagaState {
        var saga = saga
        switch self {
        case .answer(_, let target, _, let isOver):
            if isOver { saga.steps[target.path]?.probingEndsAt = SagaState.modelPast }
        case .due(let id, let target, let isOver):
            for place in saga.open.indices where saga.open[place].id == id {
                saga.open[place].dueAt = SagaState.modelNow
            }
            if isOver { saga.steps[target.path]?.probingEndsAt = SagaState.modelPast }
        case .deadline: saga.deadline = SagaState.modelNow
        case .heldDeadline: saga.heldDeadline = SagaState.modelPast
        case .waitDue(let path):
            for place in saga.waits.indices where saga.waits[place].path == path {
                saga.waits[place].dueAt = SagaState.modelNow
            }
        case .report, .cancel: break
        }
        return saga
    }
}
