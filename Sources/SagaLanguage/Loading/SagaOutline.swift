internal import SagaCore

/// The steps of a file as far as its other parts need to know them, read without complaint.
struct SagaOutline {
    /// The nodes of `steps`, in order.
    var steps: [StepOutline] = []
    /// The index of the pivot, where there is one.
    var pivot: Int?
    /// Whether the file has a deadline, right or wrong.
    var hasDeadline = false
    /// Names of steps inside nodes that this version does not have.
    var unavailableNames: Set<String> = []

    init() {}

    /// The outline of a file.
    init(_ document: YAMLNode) {
        hasDeadline = document["deadline"].map { !$0.isNull } ?? false
        for node in document["steps"]?.elements ?? [] { steps.append(StepOutline(node)) }
        pivot = steps.firstIndex { $0.isPivot }
        for (index, node) in (document["steps"]?.elements ?? []).enumerated()
        where !steps[index].isAvailable {
            collectNames(in: node)
        }
    }

    /// On which side of the pivot a node stands.
    func position(of index: Int) -> PivotPosition {
        guard let pivot else { return .before }
        return index < pivot ? .before : index == pivot ? .pivot : .after
    }

    /// The index of the first step of that name.
    func index(of name: String) -> Int? { steps.firstIndex { $0.name == name } }

    private mutating func collectNames(in node: YAMLNode) {
        switch node.content {
        case .scalar: break
        case .sequence(let elements): for element in elements { collectNames(in: element) }
        case .mapping(let members):
            for member in members {
                if member.name == "step", let name = member.value.scalar?.text {
                    unavailableNames.insert(name)
                }
                collectNames(in: member.value)
            }
        }
    }
}

/// On which side of the point of no return a step stands.
enum PivotPosition {
    /// Before it, or in a saga that has none.
    case before
    /// It is the point of no return.
    case pivot
    /// After it.
    case after
}

/// What the parts of a file need to know of one step.
struct StepOutline {
    var name: String?
    var place: YAMLSpan
    var isPivot = false
    var isOptional = false
    var hasCondition = false
    /// Whether this version has the node.
    var isAvailable = true
    /// What its condition proves to have a value wherever the step is reached.
    var proven: Set<Variable> = []

    init(_ node: YAMLNode) {
        place = node.firstPlace
        if let member = node.members?.first(where: { $0.name == "step" }) {
            name = member.value.scalar?.text
            place = member.place
        }
        isPivot = node["pivot"]?.scalar?.resolved == .bool(true)
        isOptional = node["optional"]?.scalar?.resolved == .bool(true)
        hasCondition = node["when"] != nil
        let keys = Set(node.members?.map(\.name) ?? [])
        isAvailable = keys.isDisjoint(with: KeyTable.named(.step).unavailable)
    }

    /// Why the step may not have happened although a later one is reached, or nil.
    var missingBecause: String? {
        guard let name else { return nil }
        if hasCondition { return "`\(name)` may be skipped by its `when`" }
        if isOptional { return "`\(name)` is optional" }
        return nil
    }
}
