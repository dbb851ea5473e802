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
///   possible while anything is open. An event may tell at any time that an awaited step was done:
///   where such a step can be taken back, no order is left out.
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
///
/// **Branches past the point of no return.** Once the pivot has completed, only the moves of one
/// node in the branches and elements that ``NoReturn`` finds are explored, as long as another of
/// them moves too: an ample set again. What is stuck is helped on once nothing there moves.
/// - *C0*: what is open can be answered, and what is stuck be settled.
/// - *C1*: nothing turns the saga round any more, so that no move closes what another is about. A
///   move changes its own node and enters what follows in its own branch, by conditions that read
///   nothing that changes elsewhere. What follows all branches is entered by whichever is last,
///   and is the same; the node that is first is not the last, for another is not done. An event that
///   is kept for a step leaves it, once it opens, as one that comes just then. Answers to
///   compensations of earlier optional steps, and late news of them, change those steps alone.
/// - *C2*: nobody sees the nodes, their events, or how far anything is taken back. The status is
///   `running` while anything moves and `stuck` else; where an invariant tells these apart, two
///   nodes must be moving, and what is stuck is never first. Before the first move, and so at
///   the state where it is explored, the status is what it is in every order until that move.
/// - *C3*: each move brings its node forward, and an operator has a step tried again but once.
///   Children can be stuck and move again for ever: they are never first.
///
/// **Branches before it.** Of their moves no order is left out. An operator may cancel anywhere,
/// any node may turn the saga round, and from then on nothing is entered: whatever has been sent by
/// then is taken back, so that every combination of how far the branches are has ways back and
/// ends of its own, and no two moves are independent with a turn between them (*C1*). Exploring one
/// branch after the other regardless misses ends and debts, which a test would notice, and yet
/// gains little, for hardly any states are forward ones: of three branches of one step each 8 of
/// 1392, of two steps each 27 of 20744, in `sagas/trip.yaml` without its invariants 404 of 2588.
/// It would leave 1347, 12672 and 2450 of them.
struct Patience {
    let layout: Layout
    let observation: Observation
    let reduction: Reduction
    /// Whether participants break their contract: then news may come of any step.
    let isHostile: Bool
    /// Which branches run past the point of no return, each for itself.
    let noReturn: NoReturn

    /// The node whose moves alone need be explored from a state, if there is one.
    func first(in state: ModelState) -> NodePath? {
        guard reduction == .statesAndOrders, !isHostile, !state.saga.hasEnded else { return nil }
        return state.saga.failure == nil ? firstForward(state.saga) : firstBack(state)
    }

    /// A child moves again where it is stuck, and is stuck again: it is nowhere the first.
    private func firstForward(_ saga: SagaState) -> NodePath? {
        guard noReturn.isPassed(in: saga) else { return nil }
        let open = saga.open.filter { $0.kind != .compensation && isFree($0.path) }
        let moving = open.filter { saga.steps[$0.path]?.childStuckReason == nil }
        let waits = saga.waits.map(\.path).filter(isFree)
        let stuck = layout.places.map(\.path).filter { path in
            saga.steps[path]?.phase == .stuck && isFree(path)
        }
        let others =
            observation.tellsStuck ? moving.count : open.count + stuck.count
        guard others + waits.count > 1 else { return nil }
        return open.first { $0.child == nil }?.path ?? waits.first
            ?? (observation.tellsStuck ? nil : stuck.first)
    }

    private func isFree(_ path: NodePath) -> Bool { noReturn.isFree(layout[path].name) }

    private func firstBack(_ state: ModelState) -> NodePath? {
        let saga = state.saga
        guard saga.open.count > 1, !observation.readsCompensations,
            saga.open.allSatisfy({ $0.kind == .compensation && $0.child == nil }),
            !hasNews(state)
        else { return nil }
        return saga.open.first { !isSeen(layout[$0.path]) }?.path
    }

    /// Whether nobody reads how far a step is taken back, and nothing waits for it once it is
    /// stuck.
    func isUnseen(_ place: Layout.Place) -> Bool {
        isPutOff(place.path) && !isSeen(place) && place.step?.compensation?.blocks != true
    }

    /// Whether late news of a step may come from here on.
    private func hasNews(_ state: ModelState) -> Bool {
        let isTold = layout.places.contains { place in
            place.isTold && place.step?.compensation != nil
                && (place.isAppended || state.saga.steps[place.path] != nil)
        }
        return isTold
            || state.truths.contains { truth in
                guard truth.id != nil, layout[truth.path].step?.compensation != nil else {
                    return false
                }
                let known = state.saga.steps[truth.path]
                return truth.answer == nil && known?.phase != .completed
                    || truth.id != known?.commandID
            }
    }

    /// Whether the event is asked for that tells of the step's compensation.
    private func isSeen(_ place: Layout.Place) -> Bool {
        observation.sees(place.step?.compensation?.event)
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
