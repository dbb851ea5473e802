import SagaCore

/// What the world may do next, as participants, people, operators and time allow.
struct World {
    let layout: Layout
    let patience: Patience
    /// Whether participants break their contract.
    let isHostile: Bool

    /// How often an operator has a step tried again of which nobody knows whether it was done.
    static let retries = 1

    private static let nothing = Value.map(Members())
    private static let done = Reply.Answer.outcome("done", nothing)

    private var isReduced: Bool { patience.reduction >= .states }

    /// Everything that may happen next and need be explored; some of it may change nothing.
    func moves(in state: ModelState) -> [Move] {
        let first = patience.first(in: state)
        let moves = allMoves(in: state)
        return first.map { first in moves.filter { $0.path == first } } ?? moves
    }

    private func allMoves(in state: ModelState) -> [Move] {
        // Only a pivot that is not done asks for the deadline that it holds.
        let isPast = isReduced && patience.noReturn.isPassed(in: state.saga)
        var moves: [Move] = []
        for command in state.saga.open { moves += self.moves(of: command, state) }
        for wait in state.saga.waits { moves += self.moves(of: wait) }
        moves += appends(in: state) + lateReports(state)
        moves += isReduced ? lateNews(state) : state.saga.former.flatMap { late($0, state) }
        if state.saga.deadline != nil { moves.append(.deadline) }
        if let held = state.saga.heldDeadline, held > SagaState.modelNow, !isPast {
            moves.append(.heldDeadline)
        }
        if state.saga.failure == nil, !state.saga.hasEnded { moves.append(.cancel) }
        return moves + helpingMoves(state)
    }

    // MARK: Commands

    private func moves(of command: OpenCommand, _ state: ModelState) -> [Move] {
        let target = Target(command.path, command.kind)
        func answer(_ answer: Reply.Answer) -> Move {
            .answer(command.id, target, answer, isOver: false)
        }
        switch command.kind {
        case .command:
            let final = finalAnswers(of: command.id, target, state).map(answer)
            return final + unanswered(command, state) + childMoves(command, state)
        case .compensation:
            let final = [answer(Self.done), answer(Move.finalNo)]
            // Whatever else its attempts come to, they are tried again, or it is stuck.
            return isReduced
                ? final + childMoves(command, state)
                : final + unanswered(command, state) + childMoves(command, state)
        case .probe: return probeMoves(command, target, state)
        }
    }

    /// What becomes of an attempt that has no final answer.
    private func unanswered(_ command: OpenCommand, _ state: ModelState) -> [Move] {
        guard command.dueAt != nil else { return [] }
        let target = Target(command.path, command.kind)
        let due = Move.due(command.id, target, isOver: false)
        guard command.child == nil else { return [due] }
        let retriable = Move.answer(command.id, target, Move.retriable, isOver: false)
        guard isReduced, let step = layout[command.path].step else { return [retriable, due] }
        if state.saga.failure != nil { return [due] }
        // Without a last attempt it only begins anew.
        if step.retry.attempts == nil { return [] }
        return step.outcomes.contains { $0.name == "timeout" } ? [retriable, due] : [due]
    }

    private func probeMoves(
        _ command: OpenCommand, _ target: Target, _ state: ModelState
    ) -> [Move] {
        let pending = Reply.Answer.outcome("pending", Self.nothing)
        var moves = finalAnswers(of: command.originalID, target, state).map {
            Move.answer(command.id, target, $0, isOver: false)
        }
        moves.append(.due(command.id, target, isOver: true))
        if isReduced { return moves }
        for isOver in [false, true] {
            moves.append(.answer(command.id, target, pending, isOver: isOver))
        }
        return moves + [.due(command.id, target, isOver: false)]
    }

    private func childMoves(_ command: OpenCommand, _ state: ModelState) -> [Move] {
        guard command.child != nil else { return [] }
        let isStuck = state.saga.steps[command.path]?.childStuckReason != nil
        return [.child(command.id, command.path, isStuck: !isStuck)]
    }

    /// What a participant may answer for good about a step's command.
    private func finalAnswers(
        of id: CommandID?, _ target: Target, _ state: ModelState
    ) -> [Reply.Answer] {
        let no: Reply.Answer =
            target.kind == .probe ? .outcome("never", Self.nothing) : Move.finalNo
        let answer = isHostile ? nil : id.flatMap { state.truth(of: $0)?.answer }
        switch answer {
        case .outcome(let name): return [.outcome(name, Self.nothing)]
        case .finalNo: return [no]
        case nil:
            let outcomes = layout[target.path].step?.outcomes ?? []
            // Silence, not a participant, says `timeout`.
            return outcomes.filter { $0.name != "timeout" }.map { .outcome($0.name, Self.nothing) }
                + [no]
        }
    }

    // MARK: People and time

    private func moves(of wait: OpenWait) -> [Move] {
        let person = "person-\((wait.question?.answers.count ?? 0) + 1)"
        let due = wait.dueAt == nil ? [] : [Move.waitDue(wait.path)]
        switch wait.kind {
        case .timer: return due
        case .event: return reports(of: wait.path, by: person) + due
        case .question(let question):
            var moves = reports(of: wait.path, by: person) + due
            if question.remindAt != nil { moves.append(.attention(wait.path, escalates: false)) }
            if question.escalatesAt != nil { moves.append(.attention(wait.path, escalates: true)) }
            return moves
        }
    }

    private func reports(of path: NodePath, by person: String) -> [Move] {
        let outcomes = layout[path].step?.outcomes ?? []
        return outcomes.filter { $0.name != "timeout" }
            .map { .report(path, outcome: $0.name, by: person) }
    }

    /// An awaited event may be appended although nobody waits for it any longer.
    private func lateReports(_ state: ModelState) -> [Move] {
        layout.awaited.flatMap { path -> [Move] in
            guard state.saga.steps[path] != nil,
                !state.saga.waits.contains(where: { $0.path == path })
            else { return [] }
            return reports(of: path, by: "somebody").filter { move in
                guard case .report(_, let outcome, _) = move else { return true }
                return mayFollow(outcome, at: path, in: state.saga)
            }
        }
    }

    // MARK: Late news

    private func late(_ command: FormerCommand, _ state: ModelState) -> [Move] {
        let target = Target(command.path, command.kind)
        let answers: [Reply.Answer]
        switch command.kind {
        case .command: answers = finalAnswers(of: command.id, target, state)
        case .compensation: answers = [Self.done]
        case .probe: answers = finalAnswers(of: command.originalID, target, state)
        }
        return answers.map { .answer(command.id, target, $0, isOver: false) }
    }

    /// The late replies that the rules do not ignore from here on.
    private func lateNews(_ state: ModelState) -> [Move] {
        var moves: [Move] = []
        for truth in state.truths {
            guard let known = state.saga.steps[truth.path], let id = truth.id else { continue }
            moves += lateNews(of: id, at: truth.path, known, state)
        }
        for command in state.saga.former where command.kind == .compensation {
            let isStuck = state.saga.steps[command.path]?.compensation == .stuck
            guard isStuck, patience.mayAct(onCompensationOf: command.path, in: state) else {
                continue
            }
            moves += late(command, state)
        }
        return moves
    }

    private func lateNews(
        of id: CommandID, at path: NodePath, _ known: StepState, _ state: ModelState
    ) -> [Move] {
        let target = Target(path)
        let all = finalAnswers(of: id, target, state)
        func moves(_ answers: [Reply.Answer]) -> [Move] {
            answers.map { .answer(id, target, $0, isOver: false) }
        }
        guard id == known.commandID else { return moves(all) }
        let place = layout[path]
        let isRead = place.isOutcomeSeen || place.isAsked && state.mayAsk
        switch known.phase {
        case .running, .probing, .completed, .entered, .skipped: return []
        case .stuck: return moves(all)
        case .rejected, .failed, .unknown:
            if isRead { return moves(all) }
            // Only what says done has consequences, and one such outcome stands for all.
            guard let step = place.step, step.compensation != nil else { return [] }
            return moves(Array(all.filter { $0.saysDone(step) }.prefix(1)))
        }
    }

    // MARK: Operators

    /// What operators may do about what is stuck.
    private func helpingMoves(_ state: ModelState) -> [Move] {
        var moves: [Move] = []
        for (path, known) in state.saga.steps {
            if known.phase == .stuck { moves += helpingMoves(at: path, state) }
            if known.compensation == .stuck,
                patience.mayAct(onCompensationOf: path, in: state)
            {
                let target = Target(path, .compensation)
                moves += [.retry(target), .settle(target, outcome: "done")]
            }
        }
        // A dictionary has another order in every run; a shortest way must not.
        return moves.count < 2 ? moves : moves.sorted { $0.helpOrder < $1.helpOrder }
    }

    private func helpingMoves(at path: NodePath, _ state: ModelState) -> [Move] {
        let target = Target(path)
        let outcomes = layout[path].step?.outcomes.map(\.name) ?? ["done"]
        let settling = outcomes.map { Move.settle(target, outcome: $0) }
        let sent = state.truths.count { $0.path == path }
        return sent > Self.retries ? settling : settling + [.retry(target)]
    }
}

extension Move {
    /// By what moves of operators are sorted.
    fileprivate var helpOrder: String {
        switch self {
        case .retry(let target): "\(target.written) retry"
        case .settle(let target, let outcome): "\(target.written) settle \(outcome)"
        case .answer, .due, .report, .append, .start, .waitDue, .attention, .child, .deadline,
            .heldDeadline, .cancel:
            ""
        }
    }
}

extension Reply.Answer {
    /// Whether it says that the step was done.
    fileprivate func saysDone(_ step: Step) -> Bool {
        switch self {
        case .outcome(let name, _): step.outcomes.first { $0.name == name }?.then == .continue
        case .error: false
        }
    }
}
