import SagaCore

/// The reachable states of a model, explored breadth first, so that the way to each is a shortest
/// of those that the reduction leaves.
struct StateSpace {
    /// What is remembered of a state once it was expanded.
    struct Record {
        /// The state before it on a shortest way, or -1.
        var parent: Int32
        /// How it came from there; at the start nil, or what its aggregate has before it.
        var move: Move?
        /// How conditions turned out on the way.
        var chosen: Choices
        /// How many moves lead there.
        var depth: Int32
        /// Whether the saga has ended.
        var hasEnded: Bool
    }

    let stepper: Stepper
    /// How many states are explored at most.
    let limit: Int
    private(set) var records: [Record] = []
    /// Every transition, as the numbers of its states.
    private(set) var edges: [(from: Int32, to: Int32)] = []
    /// Whether there are states that were not explored.
    private(set) var hasHitLimit = false
    private var numbers: [StateKey: Int32] = [:]
    private var frontier: [(number: Int32, state: ModelState)] = []

    init(_ stepper: Stepper, limit: Int) {
        self.stepper = stepper
        self.limit = limit
    }

    /// What is told of each transition: the state before, with its number (nil and -1 at the
    /// start), what happened, and whether it led to a state not seen before.
    typealias Visit = (
        _ before: ModelState?, _ number: Int, _ transition: Transition, _ isNew: Bool
    ) -> Void

    /// Explores everything, and tells of each transition once.
    mutating func explore(_ visit: Visit) {
        for start in stepper.starts() { add(start, after: -1, nil, visit) }
        var next = 0
        while next < frontier.count {
            let (number, state) = frontier[next]
            next += 1
            expand(number, state, visit)
            // What was expanded is not needed again.
            if next > 4096 {
                frontier.removeFirst(next)
                next = 0
            }
        }
    }

    private mutating func expand(
        _ number: Int32, _ state: ModelState, _ visit: Visit
    ) {
        for transition in stepper.transitions(from: state) {
            add(transition, after: number, state, visit)
        }
    }

    private mutating func add(
        _ transition: Transition, after parent: Int32, _ before: ModelState?,
        _ visit: Visit
    ) {
        let key = stepper.coder.key(of: transition.state)
        let known = numbers[key]
        visit(before, Int(parent), transition, known == nil)
        if let known {
            if parent >= 0 { edges.append((parent, known)) }
            return
        }
        guard records.count < limit else {
            hasHitLimit = true
            return
        }
        let number = Int32(records.count)
        numbers[key] = number
        let depth = parent < 0 ? 0 : records[Int(parent)].depth + 1
        records.append(
            Record(
                parent: parent, move: transition.move, chosen: transition.chosen, depth: depth,
                hasEnded: transition.state.saga.hasEnded))
        if parent >= 0 { edges.append((parent, number)) }
        frontier.append((number, transition.state))
    }

    /// The first state from which no end can be reached, or nil where there is none.
    var firstWithoutEnd: Int? {
        Self.firstWithoutEnd(ends: records.map(\.hasEnded), edges: edges)
    }

    static func firstWithoutEnd(
        ends: [Bool], edges: [(from: Int32, to: Int32)]
    ) -> Int? {
        var before: [[Int32]] = Array(repeating: [], count: ends.count)
        for edge in edges { before[Int(edge.to)].append(edge.from) }
        var canEnd = ends
        var pending = ends.indices.filter { ends[$0] }
        while let state = pending.popLast() {
            for earlier in before[state] where !canEnd[Int(earlier)] {
                canEnd[Int(earlier)] = true
                pending.append(Int(earlier))
            }
        }
        return canEnd.firstIndex(of: false)
    }

    /// The moves that lead to a state (-1 is before the start), and then one more transition
    /// where it is given.
    func timeline(to number: Int, then last: Transition? = nil, remark: String) -> Timeline {
        var way: [Record] = []
        var place = number
        while place >= 0 {
            way.append(records[place])
            place = Int(records[place].parent)
        }
        var timeline = Timeline()
        var state: ModelState?
        for record in way.reversed() {
            let transition = replay(record, from: state)
            tell(transition, after: state, in: &timeline)
            state = transition.state
        }
        if let last { tell(last, after: state, in: &timeline) }
        timeline.mark(timeline.lines.count - 1, remark)
        return timeline
    }

    private func replay(_ record: Record, from state: ModelState?) -> Transition {
        let ways =
            if let state, let move = record.move {
                stepper.transitions(from: state, by: move)
            } else {
                stepper.starts()
            }
        let way = ways.first { $0.chosen == record.chosen && $0.move == record.move }
        guard let way else {
            preconditionFailure("A move that led somewhere leads there again.")
        }
        return way
    }

    private func tell(
        _ transition: Transition, after state: ModelState?, in timeline: inout Timeline
    ) {
        let words = transition.move.map { $0.words(in: state?.saga ?? transition.state.saga) }
        timeline.add(.came, words ?? "start")
        if let decision = transition.decision { timeline.add(decision) }
    }
}
