/// The kinds of node, each known by a key of its own.
enum NodeKind: String, CaseIterable {
    /// A step that sends a command.
    case command
    /// A step that asks a person.
    case ask
    /// A step that awaits an event.
    case await
    /// A step that runs a child saga.
    case child = "saga"
    /// Branches at the same time.
    case parallel
    /// Nodes for each element of a list.
    case each
    /// A timer for a while.
    case wait
    /// A timer until a time.
    case until

    /// The key that only this kind of node has.
    var key: String { rawValue }

    /// The keys of such a node.
    var table: KeyTable.Name {
        switch self {
        case .command: .commandStep
        case .ask: .askStep
        case .await: .awaitStep
        case .child: .childStep
        case .parallel: .parallel
        case .each: .each
        case .wait: .wait
        case .until: .until
        }
    }

    /// Whether the node is a step, with a name of its author's.
    var isStep: Bool {
        switch self {
        case .command, .ask, .await, .child: true
        case .parallel, .each, .wait, .until: false
        }
    }

    /// What a node without a name is called before its number; nil for a step.
    var counted: String? {
        switch self {
        case .command, .ask, .await, .child: nil
        case .parallel: "parallel"
        case .each: "each"
        case .wait, .until: "wait"
        }
    }

    /// The kind of a node: that of its first key that only one kind has, else of a key that is
    /// nearly such a one; nil where no key says it.
    init?(of node: YAMLNode) {
        let names = node.members?.map(\.name) ?? []
        if let kind = names.lazy.compactMap(NodeKind.init(rawValue:)).first {
            self = kind
            return
        }
        let known = Set(NodeKind.allCases.flatMap { KeyTable.named($0.table).keys.map(\.name) })
        for name in names where !known.contains(name) {
            let near = nearest(to: name, among: NodeKind.allCases.map(\.key))
            guard let near, let kind = NodeKind(rawValue: near) else { continue }
            self = kind
            return
        }
        return nil
    }
}

// Keys that other kinds of node have.
extension NodeKind {
    /// Why a node of this kind does not have a key that others have, as a sentence; nil where no
    /// node has it.
    func reasonAgainst(_ key: String) -> String? {
        let owners = NodeKind.allCases.filter { kind in
            KeyTable.named(kind.table).keys.contains { $0.name == key }
        }
        guard !owners.isEmpty else { return nil }
        return ownReason(against: key)
            ?? "`\(key)` belongs to " + owners.map { "`\($0.key)`" }.joined(separator: ", ")
    }

    private func ownReason(against key: String) -> String? {
        switch self {
        case .command: key == "key" ? "only a child saga has a key of its own" : nil
        case .ask:
            switch key {
            case "with": "what a person is to see stands in `ask.show`"
            case "retry": "nothing is sent that could be sent again"
            case "unknown": "a person's silence is the outcome `timeout`"
            case "failed": "it is answered with its outcomes only"
            default: nil
            }
        case .await:
            switch key {
            case "with": "nothing is sent"
            case "retry": "nothing is sent that could be sent again"
            case "failed": "it is answered with its outcomes only"
            default: nil
            }
        case .child:
            switch key {
            case "retry": "starting a child is repeated until the daemon has done it"
            case "failed": "a child ends as `completed` or `compensated`"
            default: nil
            }
        case .parallel, .each, .wait, .until:
            switch key {
            case "step": "it is known by its number in the file"
            case "pivot": "only a step can be the pivot"
            default: nil
            }
        }
    }
}
