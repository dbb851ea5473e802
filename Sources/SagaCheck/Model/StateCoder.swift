import SagaCore

/// Writes states of a model so that those have the same key that are one under the reduction.
///
/// Times collapse to an order, identities to what they identify: neither is written.
struct StateCoder {
    let layout: Layout
    let reduction: Reduction
    /// Whether participants break their contract.
    let isHostile: Bool
    /// Whether it is told apart what happened after an operator acted.
    let tellsAided: Bool

    private var isReduced: Bool { reduction >= .states }

    /// The key of a state.
    func key(of state: ModelState) -> StateKey {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96)
        let saga = state.saga
        bytes.add(SagaStatus.allCases.firstIndex(of: saga.status) ?? 0)
        bytes.add(
            flags: saga.failure != nil, saga.isSettledByHand, saga.deadline != nil,
            saga.heldDeadline != nil, saga.heldDeadline.map { $0 < SagaState.modelNow } ?? false,
            state.isAided && tellsAided)
        for tree in layout.trees { write(tree, state, &bytes) }
        write(chosen: state, at: [], &bytes)
        for event in state.events { bytes.add(text: event) }
        if !isReduced { writeRest(of: state, &bytes) }
        return StateKey(bytes)
    }

    private func write(_ tree: Layout.Tree, _ state: ModelState, _ bytes: inout [UInt8]) {
        let place = layout.places[tree.place]
        let known = state.saga.steps[place.path]
        let isBack = isReduced && !state.mayAsk
        if isBack, place.step == nil {
            // On the way back only what stands inside counts.
        } else if let known, !isInert(known, place, state) {
            write(known, of: place, state, &bytes)
        } else if known == nil || isBack {
            bytes.add(0)
            if !isBack { return }
        } else {
            bytes.add(Self.over)
        }
        for branch in tree.branches { for inner in branch { write(inner, state, &bytes) } }
        if !place.elements.isEmpty { write(elementsOf: place, known?.list, state, &bytes) }
    }

    /// What is written of a step that is over, while the saga goes forward.
    private static let over = 255

    /// Whether nothing that may still happen asks what became of a step.
    ///
    /// It is over, nothing is to be taken back of it or has been, no late news of it counts, and
    /// nobody reads it: on the way back it is as if it had never been entered.
    private func isInert(
        _ known: StepState, _ place: Layout.Place, _ state: ModelState
    ) -> Bool {
        guard isReduced, let step = place.step, !step.isPivot, !place.isSeen,
            !(place.isAsked && state.mayAsk), known.doubts.isEmpty, !known.compensatesAgain
        else { return false }
        switch known.phase {
        case .running, .entered, .probing, .stuck: return false
        case .completed, .rejected, .failed, .unknown, .skipped: break
        }
        guard step.compensation != nil else { return true }
        if case .await = step.work { return false }
        return isTakenBack(known, state) && !mayHaveNews(known, step, place, state)
    }

    private func isTakenBack(_ known: StepState, _ state: ModelState) -> Bool {
        switch known.compensation {
        case .done: return true
        case .running, .stuck: return false
        case nil:
            let isDone = known.phase == .completed || known.phase == .unknown
            return !isDone || known.phase == .completed && state.saga.hasEnded
        }
    }

    private func mayHaveNews(
        _ known: StepState, _ step: Step, _ place: Layout.Place, _ state: ModelState
    ) -> Bool {
        state.truths.contains { truth in
            guard truth.path == place.path else { return false }
            if isHostile { return true }
            switch truth.answer {
            case nil: return true
            case .finalNo: return false
            case .outcome(let name):
                let saysDone = step.outcomes.first { $0.name == name }?.then == .continue
                let isKnown = known.phase == .completed || known.outcome == name
                let isKept = state.saga.hasEnded && known.compensation == nil
                return saysDone && !(isKnown && (truth.isUndone || isKept))
            }
        }
    }

    /// Elements that only their places tell apart are written in one order.
    private func write(
        elementsOf place: Layout.Place, _ list: [Value]?, _ state: ModelState,
        _ bytes: inout [UInt8]
    ) {
        let isBack = isReduced && !state.mayAsk
        guard let list else { return bytes.add(isBack ? 0 : 255) }
        var written = place.elements.prefix(list.count).enumerated().map { index, trees in
            var element: [UInt8] = []
            for tree in trees { write(tree, state, &element) }
            write(chosen: state, at: place.indices + [index], &element)
            return element
        }
        if isBack { written.removeAll { $0.allSatisfy { $0 == 0 } } }
        bytes.add(written.count)
        if isReduced, place.isSymmetric { written.sort { $0.lexicographicallyPrecedes($1) } }
        for element in written { bytes += element }
    }

    // MARK: Steps

    private func write(
        _ known: StepState, of place: Layout.Place, _ state: ModelState, _ bytes: inout [UInt8]
    ) {
        let compensation = known.compensation.flatMap(CompensationPhase.allCases.firstIndex)
        bytes.add(1 + (StepPhase.allCases.firstIndex(of: known.phase) ?? 0))
        guard let step = place.step else { return writeWait(at: place, state, &bytes) }
        let isAsked = place.isAsked && state.mayAsk
        bytes.add(compensation.map { $0 + 1 } ?? 0)
        bytes.add(
            flags: known.isUndone, known.isTakenBack, known.compensatesAgain,
            known.childStuckReason != nil,
            state.saga.order.contains(place.path), known.result != nil && (isAsked || !isReduced))
        let isExact = isAsked || place.isOutcomeSeen || !isReduced
        bytes.add(known.outcome.map { step.code(of: $0, isExact) } ?? 0)
        write(truthsOf: known, step, isExact, state, place, &bytes)
        for command in state.saga.open where command.path == place.path {
            write(command, of: known, &bytes)
        }
        bytes.add(0)
        writeWait(at: place, state, &bytes)
        if !isReduced { bytes.add(min(known.attempt, ModelDefinition.attempts)) }
    }

    private func write(
        truthsOf known: StepState, _ step: Step, _ isExact: Bool, _ state: ModelState,
        _ place: Layout.Place, _ bytes: inout [UInt8]
    ) {
        for truth in state.truths where truth.path == place.path {
            let answer =
                switch truth.answer {
                case nil: 1
                case .finalNo: 2
                case .outcome(let name): 2 + step.code(of: name, isExact)
                }
            bytes.add(answer)
            bytes.add(
                flags: truth.isUndone, truth.id == known.commandID,
                known.doubts.contains(truth.id))
        }
        bytes.add(0)
    }

    private func write(_ command: OpenCommand, of known: StepState, _ bytes: inout [UInt8]) {
        bytes.add(1 + (CommandKind.allCases.firstIndex(of: command.kind) ?? 0))
        bytes.add(
            flags: command.originalID == known.commandID, command.phase == .inFlight,
            command.dueAt != nil, command.child?.order == .cancel)
        if !isReduced { bytes.add(min(command.attempt, ModelDefinition.attempts)) }
    }

    private func writeWait(
        at place: Layout.Place, _ state: ModelState, _ bytes: inout [UInt8]
    ) {
        guard let wait = state.saga.waits.first(where: { $0.path == place.path }) else {
            return bytes.add(0)
        }
        guard let question = wait.question, let step = place.step else { return bytes.add(1) }
        bytes.add(2 + question.answers.count)
        let answers = question.answers.map { UInt8(step.code(of: $0.outcome, true)) }
        bytes += isReduced ? answers.sorted() : answers
        if !isReduced {
            bytes.add(flags: question.escalatesAt != nil, question.remindAt != nil)
        }
    }

    // MARK: Conditions, and what only a whole exploration tells apart

    private func write(chosen state: ModelState, at indices: [Int], _ bytes: inout [UInt8]) {
        guard !state.chosen.isEmpty else { return bytes.add(0) }
        let here = state.chosen.filter { $0.key.indices == indices }
        bytes.add(here.count)
        for (key, choice) in here.sorted(by: { $0.key < $1.key }) {
            bytes.add(key.number)
            bytes.add(text: key.data)
            bytes.append(choice.rawValue)
        }
    }

    private func writeRest(of state: ModelState, _ bytes: inout [UInt8]) {
        bytes.add(text: state.saga.failure.map { "\($0.kind) \($0.step ?? "") \($0.reason)" } ?? "")
        for path in state.saga.order { bytes.add(text: path) }
        for command in state.saga.open {
            bytes.add(text: "\(command.kind.rawValue) \(command.path)")
        }
        for path in state.saga.steps.keys.sorted() {
            bytes.add(text: state.saga.steps[path]?.stuckReason ?? "")
        }
        let former = state.saga.former.map { former in
            let isOwn = [former.id, former.originalID].contains(
                state.saga.steps[former.path]?.commandID)
            return "\(former.kind.rawValue) \(former.path) \(isOwn)"
        }
        for text in Set(former).sorted() { bytes.add(text: text) }
    }
}

extension ModelState {
    /// Whether conditions may still be asked.
    var mayAsk: Bool { saga.failure == nil && !saga.hasEnded }
}

extension Step {
    /// A number from 1 for an outcome; where it need not be exact, the first of those that lead
    /// the same way stands for all.
    func code(of name: String, _ isExact: Bool) -> Int {
        guard let place = outcomes.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("A state names no outcome that its step does not have.")
        }
        if isExact { return place + 1 }
        return (outcomes.firstIndex { $0.then == outcomes[place].then } ?? place) + 1
    }
}
