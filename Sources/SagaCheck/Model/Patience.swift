import SagaCore

/// Leaves out orders of moves that lead to the same: a partial order reduction.
///
/// **Compensations side by side.** Where a saga has turned round, nothing but compensations of
/// participants is open and no late news can come, only the moves of the first open compensation
/// are explored, as long as another stays open: an *ample set* after Peled, *All from One, One for
/// All* (1993); see also Clarke, Grumberg and Peled, *Model Checking* (1999), chapter 10. Its four
/// conditions hold:
/// - *C0*: the set is not empty: a compensation can always be answered.
/// - *C1*: nothing that may happen first depends on it. What may happen are answers to other
///   compensations and late answers to stuck ones. Each changes its own step alone, and what it
///   opens is opened by the state of all steps: a step is taken back once nothing after it is
///   running, or stuck and blocking. These moves only ever unblock (running becomes stuck or done,
///   stuck becomes done), so that whichever comes first, the same is open after both. What would
///   block again, late news of a step given up and an operator's retry, is excluded or, below, not
///   possible while anything is open.
/// - *C2*: the moves are invisible: no invariant reads how far anything is taken back, no sequence
///   of events is observed, the event of the compensation is not asked for, and the status stays
///   `compensating`, for another compensation stays open.
/// - *C3*: no cycle leaves a move out for ever: each such move lessens what is still to be taken
///   back, so that no cycle consists of such states.
///
/// It preserves all stuttering-invariant properties of what is visible: whether a state that breaks
/// an invariant or leaves something done can be reached, which ends there are, and that from every
/// state an end can be reached.
///
/// **Help when all is at rest.** What is stuck of a compensation is helped on, by an operator or a
/// late answer, only once nothing is open, the first in the order of the file first, as long as no
/// invariant reads how far that step is taken back. Nothing forward reads it; backward, help
/// unblocks what else would wait for it. Put off until nothing else moves, it leads through the
/// same ends.
///
/// **What is stuck, side by side.** Which of the compensations are stuck that nobody reads, that
/// block nothing and of which no news may come is not told apart, only whether any is: each is
/// helped on by itself, at rest, and until the last is the saga stays where it is.
struct Patience {
    let layout: Layout
    let observation: Observation
    let reduction: Reduction
    /// Whether participants break their contract: then news may come of any step.
    let isHostile: Bool

    /// The compensation whose moves alone need be explored from a state, if there is one.
    func first(in state: ModelState) -> OpenCommand? {
        let saga = state.saga
        guard reduction == .statesAndOrders, !isHostile, saga.failure != nil, !saga.hasEnded,
            saga.open.count > 1, !observation.readsCompensations,
            saga.open.allSatisfy({ $0.kind == .compensation && $0.child == nil }),
            !hasNews(state)
        else { return nil }
        return saga.open.first { !isSeen(layout[$0.path]) }
    }

    /// Whether nobody reads how far a step is taken back, and nothing waits for it once it is
    /// stuck.
    func isUnseen(_ place: Layout.Place) -> Bool {
        isPutOff(place.path) && !isSeen(place) && place.step?.compensation?.blocks != true
    }

    /// Whether late news of a step may come from here on.
    private func hasNews(_ state: ModelState) -> Bool {
        let isAwaited = layout.awaited.contains { path in
            state.saga.steps[path] != nil && layout[path].step?.compensation != nil
        }
        return isAwaited
            || state.truths.contains { truth in
                guard layout[truth.path].step?.compensation != nil else { return false }
                let known = state.saga.steps[truth.path]
                return truth.answer == nil && known?.phase != .completed
                    || truth.id != known?.commandID
            }
    }

    /// Whether the event is asked for that tells of the step's compensation.
    private func isSeen(_ place: Layout.Place) -> Bool {
        guard let event = place.step?.compensation?.event?.event else {
            return false
        }
        switch observation.events {
        case .nothing: return false
        case .names(let names): return names.contains(event)
        case .sequence: return true
        }
    }

    /// Whether a step's stuck compensation may be helped on in a state.
    func mayAct(onCompensationOf path: NodePath, in state: ModelState) -> Bool {
        guard isPutOff(path) else { return true }
        let saga = state.saga
        let isAtRest = (saga.failure != nil || saga.hasEnded) && saga.open.isEmpty
        return isAtRest && path == firstPutOff(state)
    }

    private func isPutOff(_ path: NodePath) -> Bool {
        reduction == .statesAndOrders && !observation.readsCompensation(of: layout[path].name)
    }

    private func firstPutOff(_ state: ModelState) -> NodePath? {
        layout.places.first { place in
            state.saga.steps[place.path]?.compensation == .stuck && isPutOff(place.path)
        }?.path
    }
}
