import SagaCore

// What need not be told apart of a step that is over.
extension StateWriter {
    /// Whether anything is stuck of which it does not matter what it is; see ``Patience``.
    var awaitsHelp: Bool {
        state.saga.steps.contains { path, known in
            known.compensation == .stuck && isInert(known, patience.layout[path])
        }
    }

    /// Whether nothing that may still happen asks what became of a step.
    ///
    /// It is over, nothing is to be taken back of it or has been, no late news of it counts, and
    /// nobody reads it: on the way back it is as if it had never been entered.
    func isInert(
        _ known: StepState, _ place: Layout.Place
    ) -> Bool {
        guard isReduced, let step = place.step, !step.isPivot, !place.isSeen, !place.isTracked,
            !(place.isAsked && mayAsk), known.doubts.isEmpty, !known.compensatesAgain
        else { return false }
        switch known.phase {
        case .running, .entered, .probing, .stuck: return false
        case .completed, .rejected, .failed, .unknown, .skipped: break
        }
        guard step.compensation != nil else { return true }
        if case .await = step.work { return false }
        return isTakenBack(known, place) && !mayHaveNews(known, step, place)
    }

    private func isTakenBack(
        _ known: StepState, _ place: Layout.Place
    ) -> Bool {
        switch known.compensation {
        case .done: return true
        case .running: return false
        case .stuck: return patience.isUnseen(place)
        case nil:
            let isDone = known.phase == .completed || known.phase == .unknown
            return !isDone || known.phase == .completed && state.saga.hasEnded
        }
    }

    private func mayHaveNews(
        _ known: StepState, _ step: Step, _ place: Layout.Place
    ) -> Bool {
        state.truths.contains { truth in
            guard truth.path == place.path, truth.id != nil else { return false }
            if patience.isHostile { return true }
            switch truth.answer {
            case nil: return true
            case .finalNo: return false
            case .outcome(let name):
                let saysDone = step.outcomes.first { $0.name == name }?.then == .continue
                let isKnown = known.phase == .completed || known.outcome == name
                let isSettled =
                    switch known.compensation {
                    case nil: state.saga.hasEnded
                    // Once it is helped on it is done.
                    case .stuck: true
                    case .running, .done: truth.isUndone
                    }
                return saysDone && !(isKnown && isSettled)
            }
        }
    }
}
