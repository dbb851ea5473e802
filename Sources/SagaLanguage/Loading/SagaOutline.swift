internal import SagaCore

/// The nodes of a file as far as its other parts need to know them, read without complaint.
///
/// A flat list in file order, in which each node knows the one it stands in; so a node's place
/// tells what runs before it, and the nodes inside one follow it directly.
struct SagaOutline {
    /// All nodes in file order, those in branches and lists included.
    var nodes: [NodeOutline] = []
    /// The nodes of the file's own `steps`, by index.
    private(set) var top: [Int] = []
    /// The index of the pivot, where there is one.
    private(set) var pivot: Int?
    /// Whether the file has a deadline, right or wrong.
    private(set) var hasDeadline = false
    /// How many nodes stand inside one another where they do most.
    private(set) var depth = 0

    init() {}

    /// The outline of a file.
    init(_ document: YAMLNode) {
        hasDeadline = document["deadline"].map { !$0.isNull } ?? false
        var counts: [String: Int] = [:]
        top = append(document["steps"], in: nil, branch: 0, depth: 1, &counts)
        let pivots = nodes.indices.filter { nodes[$0].isPivot && nodes[$0].isStep }
        pivot = pivots.first { nodes[$0].parent == nil } ?? pivots.first
    }

    /// Adds the nodes of a list and those inside them; answers the list's own.
    private mutating func append(
        _ list: YAMLNode?, in parent: Int?, branch: Int, depth: Int, _ counts: inout [String: Int]
    ) -> [Int] {
        var added: [Int] = []
        for element in list?.elements ?? [] {
            self.depth = max(self.depth, depth)
            let index = nodes.count
            added.append(index)
            nodes.append(NodeOutline(element, parent: parent, branch: branch, &counts))
            var branches: [[Int]] = []
            for inner in nodes[index].kind?.lists(of: element) ?? [] {
                branches.append(
                    append(inner, in: index, branch: branches.count, depth: depth + 1, &counts))
            }
            nodes[index].branches = branches
        }
        return added
    }
}

extension SagaOutline {
    /// On which side of the pivot a node stands; what stands inside another is where that is.
    func position(of index: Int) -> PivotPosition {
        guard let pivot else { return .before }
        if index == pivot { return .pivot }
        // A pivot inside another node is reported; nothing is after it.
        guard nodes[pivot].parent == nil else { return .before }
        return index < pivot ? .before : .after
    }

    /// The nodes that a node stands in, the innermost first.
    func ancestors(of index: Int) -> [Int] {
        var found: [Int] = []
        var parent = nodes[index].parent
        while let next = parent {
            found.append(next)
            parent = nodes[next].parent
        }
        return found
    }

    /// In which branch of each node around it a node stands; of the end, of none.
    func branches(around index: Int?) -> [Int: Int] {
        var branches: [Int: Int] = [:]
        var below = index
        while let node = below, let parent = nodes[node].parent {
            branches[parent] = nodes[node].branch
            below = parent
        }
        return branches
    }

    /// How one node stands to another, of which the branches around are given; where `from` is
    /// nil, to the end of the saga.
    func standing(of index: Int, from: Int?, in branches: [Int: Int]) -> Standing {
        if index == from { return .itself }
        var chain = [index]
        var node = index
        while let parent = nodes[node].parent {
            if let branch = branches[parent] {
                if branch != nodes[node].branch { return .beside }
                break
            }
            chain.append(parent)
            node = parent
        }
        if let from, index > from { return .later }
        return .earlier(chain: chain)
    }

    /// How one node stands to another.
    enum Standing: Equatable {
        /// It is the node itself.
        case itself
        /// It runs in another branch of a `parallel` around both.
        case beside
        /// It runs later, or inside the other.
        case later
        /// It runs earlier; with the nodes around it that are not around the other, inside out.
        case earlier(chain: [Int])
    }
}

extension NodeKind {
    /// The lists of nodes inside a node of this kind.
    fileprivate func lists(of node: YAMLNode) -> [YAMLNode] {
        switch self {
        case .command, .ask, .await, .child, .wait, .until: []
        case .each: node["steps"].map { [$0] } ?? []
        case .parallel: node["parallel"]?.members?.map(\.value) ?? []
        }
    }
}

/// On which side of the point of no return a node stands.
enum PivotPosition {
    /// Before it, or in a saga that has none.
    case before
    /// It is the point of no return.
    case pivot
    /// After it.
    case after
}

/// What the parts of a file need to know of one node.
struct NodeOutline {
    /// What kind of node it is; nil where no key says so.
    var kind: NodeKind?
    /// A step's name as it is written, or the node's kind and number.
    var name: String?
    /// Where the node is named, or begins.
    var place: YAMLSpan
    /// The index of the node that it stands in.
    var parent: Int?
    /// In which branch of that it stands, from 0.
    var branch: Int
    /// The indices of the nodes directly inside it, by branch.
    var branches: [[Int]] = []
    var isPivot = false
    var isOptional = false
    var hasCondition = false
    /// What its condition proves to have a value wherever the node is reached.
    var proven: Set<Variable> = []
    /// What is known of the result, once the step has been read.
    var resultType = ExpressionType.anyMap
    /// What expressions inside know of an element, once the `each` has been read.
    var element: (name: String?, type: ExpressionType)?

    init(_ node: YAMLNode, parent: Int?, branch: Int, _ counts: inout [String: Int]) {
        self.parent = parent
        self.branch = branch
        place = node.firstPlace
        kind = NodeKind(of: node)
        if let counted = kind?.counted {
            counts[counted, default: 0] += 1
            name = "\(counted)#\(counts[counted, default: 0])"
        } else if let member = node.members?.first(where: { $0.name == "step" }) {
            name = member.value.scalar?.text
            place = member.place
        }
        isPivot = node["pivot"]?.scalar?.resolved == .bool(true)
        isOptional = node["optional"]?.scalar?.resolved == .bool(true)
        hasCondition = node["when"] != nil
    }

    /// Whether the node is a step, or seems to be meant as one.
    var isStep: Bool { kind?.isStep ?? true }
}
