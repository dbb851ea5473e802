import SagaCore

/// Which branches and elements run past the point of no return, each for itself.
///
/// There nothing turns the saga round, none of them reads what another does or what late news may
/// change, and nobody sees how far they are; see ``Patience``. Any definition is judged by what it
/// says, not by what the loader lets pass.
struct NoReturn {
    private let pivot: NodePath?
    /// The names of the nodes in such branches and elements.
    private let free: Set<String>

    init(_ definition: SagaDefinition, _ observation: Observation) {
        let steps = definition.steps
        let pivot = steps.first { $0.isPivot }?.name
        self.pivot = pivot
        guard let place = definition.nodes.firstIndex(where: { $0.name == pivot }),
            observation.missesWhatIsTakenBack(of: steps)
        else {
            free = []
            return
        }
        let nodes = Array(definition.nodes[(place + 1)...])
        let optional = Set(steps.filter(\.isOptional).map(\.name))
        guard nodes.flatMap(\.steps).allSatisfy(\.turnsNothing),
            Self.reads(nodes, onlyWhatIsNot: optional)
        else {
            free = []
            return
        }
        let unseen = nodes.filter { node in node.steps.allSatisfy(observation.misses) }
        free = Set(unseen.flatMap(\.inner).flatMap(\.names))
    }

    /// Whether the pivot has completed: from then on nothing turns the saga round.
    func isPassed(in saga: SagaState) -> Bool {
        pivot.map { saga.steps[$0]?.phase == .completed } ?? false
    }

    /// Whether a node of that name runs in such a branch or element.
    func isFree(_ name: String) -> Bool { free.contains(name) }

    /// Whether no node asks for steps of those names, or for steps in a branch beside its own.
    private static func reads(_ nodes: [Node], onlyWhatIsNot changing: Set<String>) -> Bool {
        nodes.allSatisfy { node in
            guard changing.isDisjoint(with: node.asked.flatMap(\.stepNames)) else { return false }
            switch node.body {
            case .step, .wait: return true
            case .each(let each): return reads(each.nodes, onlyWhatIsNot: changing)
            case .parallel(let parallel):
                return parallel.branches.indices.allSatisfy { place in
                    var others = parallel.branches
                    let branch = others.remove(at: place)
                    let beside = others.flatMap(\.nodes).flatMap(\.steps).map(\.name)
                    return reads(branch.nodes, onlyWhatIsNot: changing.union(beside))
                }
            }
        }
    }
}

extension Observation {
    /// Whether nothing is seen of taking steps back, nor of late news.
    fileprivate func missesWhatIsTakenBack(of steps: [Step]) -> Bool {
        !readsCompensations
            && steps.allSatisfy { step in
                !(step.isOptional && reads(step.name)) && !sees(step.compensation?.event)
            }
    }

    /// Whether nothing is seen of a step.
    fileprivate func misses(_ step: Step) -> Bool {
        !reads(step.name) && !step.outcomes.contains { sees($0.event) }
    }
}

extension Step {
    /// Whether it turns no saga round and is not taken back, whatever becomes of it.
    fileprivate var turnsNothing: Bool {
        let isGivenUp =
            switch unknown {
            case .compensate: true
            case .stuck: false
            case .probe(let policy): policy.otherwise == .compensate
            }
        let isLasting = failed == .stuck && !isGivenUp
        let isKept = outcomes.allSatisfy { $0.then == .continue }
        return compensation == nil && (isOptional || isLasting && isKept)
    }
}

extension Node {
    /// The names of the node and all nodes inside it.
    var names: [String] { [name] + inner.flatMap(\.names) }

    /// The expressions that the core asks for when the node is entered.
    fileprivate var asked: [Expression] {
        var asked = condition.map { [$0] } ?? []
        switch body {
        case .each(let each): asked.append(each.list)
        case .wait(let wait): if case .at(let time) = wait.end { asked.append(time) }
        case .step, .parallel: break
        }
        return asked
    }
}
