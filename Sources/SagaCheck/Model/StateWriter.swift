import SagaCore

/// Writes one state.
struct StateWriter {
    let state: ModelState
    let patience: Patience
    let isReduced: Bool
    /// Whether conditions may still be asked.
    let mayAsk: Bool
    /// Whether only what may have to be taken back is written.
    private let isBack: Bool
    /// What was written.
    private(set) var bytes: [UInt8] = []

    init(_ state: ModelState, _ patience: Patience) {
        self.state = state
        self.patience = patience
        isReduced = patience.reduction >= .states
        mayAsk = state.mayAsk
        isBack = isReduced && !mayAsk
        bytes.reserveCapacity(96)
    }

    mutating func write(tellsAided: Bool, tellsFinish: Bool) {
        let saga = state.saga
        bytes.add(SagaStatus.allCases.firstIndex(of: saga.status) ?? 0)
        // Only a pivot that is not done asks for the deadline that it holds.
        let held =
            isReduced && patience.noReturn.isPassed(in: saga) ? nil : saga.heldDeadline
        bytes.add(
            flags: saga.failure != nil, saga.isSettledByHand, saga.deadline != nil,
            held != nil, held.map { $0 < SagaState.modelNow } ?? false,
            state.isAided && tellsAided)
        for tree in patience.layout.trees { write(tree) }
        if !patience.layout.appended.isEmpty { writeTold() }
        write(chosenAt: [])
        for event in state.events { bytes.add(text: event) }
        if awaitsHelp { bytes.add(1) }
        if tellsFinish { for name in saga.finishEvents.keys.sorted() { bytes.add(text: name) } }
        if !isReduced { writeRest() }
    }

    /// The events that are kept, and what was told of elements that never were.
    private mutating func writeTold() {
        let layout = patience.layout
        for number in layout.told {
            let place = layout.places[number]
            for kept in state.saga.kept where kept.step == place.name {
                bytes.add(place.step?.code(of: kept.outcome, isExact(place)) ?? 0)
            }
            bytes.add(0)
        }
        for number in layout.elementless {
            let place = layout.places[number]
            if let known = state.saga.steps[place.path] {
                write(known, of: place)
            } else {
                bytes.add(0)
            }
        }
    }

    /// Whether outcomes of a step are told apart that lead the same way.
    private func isExact(_ place: Layout.Place) -> Bool {
        place.isAsked && mayAsk || place.isOutcomeSeen || place.isTracked || !isReduced
    }

    private mutating func write(_ tree: Layout.Tree) {
        let place = patience.layout.places[tree.place]
        let known = state.saga.steps[place.path]
        if isBack, place.step == nil {
            // On the way back only what stands inside counts.
        } else if let known, !isInert(known, place) {
            write(known, of: place)
        } else if known == nil || isBack {
            bytes.add(0)
            if !isBack { return }
        } else {
            // It is over, and while the saga goes forward that counts.
            bytes.add(255)
        }
        for branch in tree.branches { for inner in branch { write(inner) } }
        if !place.elements.isEmpty { write(elementsOf: place, known?.list) }
    }

    /// Elements that only their places tell apart are written in one order.
    private mutating func write(elementsOf place: Layout.Place, _ list: [Value]?) {
        guard let list else { return bytes.add(isBack ? 0 : 255) }
        let before = bytes
        var written: [[UInt8]] = []
        for (index, trees) in place.elements.prefix(list.count).enumerated() {
            bytes = []
            for tree in trees { write(tree) }
            write(chosenAt: place.indices + [index])
            written.append(bytes)
        }
        bytes = before
        if isBack { written.removeAll { $0.allSatisfy { $0 == 0 } } }
        bytes.add(written.count)
        if isReduced, place.isSymmetric { written.sort { $0.lexicographicallyPrecedes($1) } }
        for element in written { bytes += element }
    }

    // MARK: Steps

    private mutating func write(
        _ known: StepState, of place: Layout.Place
    ) {
        let compensation = known.compensation.flatMap(CompensationPhase.allCases.firstIndex)
        bytes.add(1 + (StepPhase.allCases.firstIndex(of: known.phase) ?? 0))
        guard let step = place.step else { return writeWait(at: place) }
        let isAsked = place.isAsked && mayAsk
        bytes.add(compensation.map { $0 + 1 } ?? 0)
        bytes.add(
            flags: known.isUndone, known.isTakenBack, known.compensatesAgain,
            known.childStuckReason != nil,
            state.saga.order.contains(place.path), known.result != nil && (isAsked || !isReduced))
        let isExact = isExact(place)
        if place.isTracked { bytes.add(flags: known.eventID != nil) }
        bytes.add(known.outcome.map { step.code(of: $0, isExact) } ?? 0)
        write(truthsOf: known, step, isExact, place)
        for command in state.saga.open where command.path == place.path {
            write(command, of: known)
        }
        bytes.add(0)
        writeWait(at: place)
        if !isReduced { bytes.add(min(known.attempt, ModelDefinition.attempts)) }
    }

    private mutating func write(
        truthsOf known: StepState, _ step: Step, _ isExact: Bool, _ place: Layout.Place
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
                truth.id.map(known.doubts.contains) ?? false)
        }
        bytes.add(0)
    }

    private mutating func write(_ command: OpenCommand, of known: StepState) {
        bytes.add(1 + (CommandKind.allCases.firstIndex(of: command.kind) ?? 0))
        bytes.add(
            flags: command.originalID == known.commandID, command.phase == .inFlight,
            command.dueAt != nil, command.child?.order == .cancel)
        if !isReduced { bytes.add(min(command.attempt, ModelDefinition.attempts)) }
    }

    private mutating func writeWait(
        at place: Layout.Place
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

    private mutating func write(chosenAt indices: [Int]) {
        guard !state.chosen.isEmpty else { return bytes.add(0) }
        let here = state.chosen.filter { $0.key.indices == indices }
        bytes.add(here.count)
        for (key, choice) in here.sorted(by: { $0.key < $1.key }) {
            bytes.add(key.number)
            bytes.add(text: key.data)
            bytes.append(choice.rawValue)
        }
    }

    private mutating func writeRest() {
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
