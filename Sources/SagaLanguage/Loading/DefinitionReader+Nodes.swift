internal import SagaCore

// `steps`, and the nodes that are no steps.
extension DefinitionReader {
    /// The most nodes that a file may have, those in branches and lists included.
    static let nodeLimit = 500
    /// How many nodes may stand inside one another.
    static let nodeDepthLimit = 8
    /// The most branches that a `parallel` may have.
    static let branchLimit = 50

    mutating func readNodes(_ fields: Fields) -> [Node] {
        guard let member = fields["steps"], checkLimits(member) else { return [] }
        checkPivots()
        checkStepNames()
        return readList(member, of: "a saga", outline.top)
    }

    private mutating func checkLimits(_ member: YAMLMember) -> Bool {
        guard outline.nodes.count <= Self.nodeLimit else {
            diagnostics.error(
                .outOfRange, at: member.nameSpan,
                "a saga has at most \(Self.nodeLimit) nodes, this one has"
                    + " \(outline.nodes.count)",
                fix: "move some of them into a child saga")
            return false
        }
        guard outline.depth <= Self.nodeDepthLimit else {
            diagnostics.error(
                .tooDeep, at: member.nameSpan,
                "nodes stand \(outline.depth) deep inside one another; at most"
                    + " \(Self.nodeDepthLimit) are taken",
                fix: "move the innermost into a child saga")
            return false
        }
        return true
    }

    private mutating func readList(
        _ member: YAMLMember, of subject: String, _ indices: [Int]
    ) -> [Node] {
        guard let elements = member.value.elements else {
            reportType(
                member, expected: "a list of steps", fix: "begin each step with `- step: NAME`")
            return []
        }
        guard !elements.isEmpty else {
            diagnostics.error(
                .missingKey, at: member.nameSpan, "\(subject) must have at least one step",
                fix: "add `- step: NAME` with its `command`")
            return []
        }
        var nodes: [Node] = []
        for (element, index) in zip(elements, indices) {
            if let node = readNode(element, index) { nodes.append(node) }
        }
        return nodes
    }

    private mutating func readNode(_ element: YAMLNode, _ index: Int) -> Node? {
        let outlined = outline.nodes[index]
        guard let kind = outlined.kind else { return readUnknownNode(element, index) }
        guard let fields = fields(of: element, kind.table, owner: outlined.place, as: kind)
        else { return nil }
        let condition = readCondition(fields, index)
        // What the condition proves holds wherever the node is.
        outline.nodes[index].proven = condition?.provesPresent ?? []
        let body: Node.Body? =
            switch kind {
            case .command: .step(readCommandStep(fields, index))
            case .ask: .step(readAskStep(fields, index))
            case .await: .step(readAwaitStep(fields, index))
            case .child: .step(readChildStep(fields, index))
            case .parallel: .parallel(readParallel(fields, index))
            case .each: readEach(fields, index).map { .each($0) }
            case .wait: .wait(readWait(fields, index))
            case .until: readUntil(fields, index).map { .wait($0) }
            }
        return body.map { Node(condition: condition?.expression, body: $0) }
    }

    /// Reports a node that does not say what it is; a step's other keys are read all the same.
    private mutating func readUnknownNode(_ element: YAMLNode, _ index: Int) -> Node? {
        let place = outline.nodes[index].place
        if element.members != nil {
            let isStep = element["step"] != nil
            let keys = NodeKind.allCases.filter { $0.isStep || !isStep }.map { "`\($0.key)`" }
            diagnostics.error(
                .missingKey, at: place,
                "\(isStep ? "a step" : "a node") must have one of "
                    + keys.joined(separator: ", "),
                fix: isStep
                    ? "add `command: SUBJECT`, or what else the step does"
                    : "begin a step with `step: NAME`")
            guard isStep else { return nil }
        }
        guard
            let fields = fields(
                of: element, .commandStep, owner: place, without: ["command"])
        else { return nil }
        outline.nodes[index].proven = readCondition(fields, index)?.provesPresent ?? []
        _ = readCommandStep(fields, index)
        return nil
    }

    private mutating func readCondition(_ fields: Fields, _ index: Int) -> CompiledExpression? {
        guard let member = fields["when"] else { return nil }
        guard outline.position(of: index) != .pivot else {
            diagnostics.error(
                .pivotNotCertain, at: member.nameSpan,
                "the pivot is always reached: it has no `when`",
                fix: "remove it, or make a step without a condition the pivot")
            return nil
        }
        return expression(member, in: context(of: .forward(index)), expected: .bool)
    }
}

// Branches, lists and timers.
extension DefinitionReader {
    private mutating func readParallel(_ fields: Fields, _ index: Int) -> Parallel {
        var parallel = Parallel(name: outline.nodes[index].name ?? "", branches: [])
        guard let member = fields["parallel"] else { return parallel }
        guard let branches = member.value.members, !branches.isEmpty else {
            reportType(
                member, expected: "a mapping of branches to lists of steps",
                fix: "give each branch a name, and its steps under it")
            return parallel
        }
        guard branches.count <= Self.branchLimit else {
            diagnostics.error(
                .outOfRange, at: member.nameSpan,
                "a `parallel` has at most \(Self.branchLimit) branches, this one has"
                    + " \(branches.count)")
            return parallel
        }
        for (branch, indices) in zip(branches, outline.nodes[index].branches) {
            _ = checkName(branch.name, .branch, at: branch.nameSpan)
            let nodes = readList(branch, of: "a branch", indices)
            parallel.branches.append(Parallel.Branch(name: branch.name, nodes: nodes))
        }
        return parallel
    }

    private mutating func readEach(_ fields: Fields, _ index: Int) -> Each? {
        let list = fields["each"].flatMap {
            expression($0, in: context(of: .forward(index)), expected: .list(.any))
        }
        let element = readElementName(fields, index)
        outline.nodes[index].element = (element, list?.elementType ?? .any)
        var each = Each(
            name: outline.nodes[index].name ?? "", list: list?.expression ?? .literal(.null),
            element: element ?? "", nodes: [])
        each.atMost = whole(fields, "at_most") ?? Each.atMostDefault
        each.max = whole(fields, "max") ?? Each.maxDefault
        if let steps = fields["steps"] {
            each.nodes = readList(
                steps, of: "an `each`", outline.nodes[index].branches.first ?? [])
        }
        return list == nil ? nil : each
    }

    private mutating func readElementName(_ fields: Fields, _ index: Int) -> String? {
        guard let name = name(fields, "as", .element), let member = fields["as"] else {
            return nil
        }
        if let problem = ExpressionCompiler.problem(withName: name) {
            diagnostics.error(
                .badName, at: member.place, "`\(name)` cannot name an element: \(problem)",
                fix: "take another name, such as `item`")
        }
        let around = outline.ancestors(of: index).first { outline.nodes[$0].element?.name == name }
        if let around {
            diagnostics.error(
                .duplicateName, at: member.place,
                "`\(name)` is an element of the `each` around this one already (line"
                    + " \(outline.nodes[around].place.start.line))",
                fix: "take another name")
        }
        return name
    }

    private mutating func readWait(_ fields: Fields, _ index: Int) -> Wait {
        Wait(
            name: outline.nodes[index].name ?? "",
            end: .after(duration(fields, "wait") ?? .zero))
    }

    private mutating func readUntil(_ fields: Fields, _ index: Int) -> Wait? {
        guard let member = fields["until"] else { return nil }
        if let text = member.value.scalar?.text, case .success = DurationText.parse(text) {
            reportType(
                member, expected: "one `${…}`", fix: "write `wait: \(text)` for a length of time")
            return nil
        }
        guard
            let time = expression(member, in: context(of: .forward(index)))
        else { return nil }
        if !time.type.mayBe(.timestamp), !time.type.mayBe(.string) {
            diagnostics.error(
                .wrongType, at: member.place,
                "`until` must be a timestamp, or text as in RFC 3339, is \(time.type.shown)",
                fix: "write `${now + duration('1h')}`, or take a time from the document")
        }
        return Wait(name: outline.nodes[index].name ?? "", end: .at(time.expression))
    }
}

extension CompiledExpression {
    /// What is known of an element of the list that the expression gives.
    fileprivate var elementType: ExpressionType {
        guard case .list(let element) = type else { return .any }
        return element
    }
}

// What all nodes together must keep.
extension DefinitionReader {
    private mutating func checkPivots() {
        guard let pivot = outline.pivot else { return }
        let first = outline.nodes[pivot]
        for (index, node) in outline.nodes.enumerated()
        where node.isPivot && node.isStep && index != pivot {
            diagnostics.error(
                .secondPivot, at: node.place,
                "a saga has one pivot, and `\(first.name ?? "")` is it"
                    + " (line \(first.place.start.line))",
                fix: "keep `pivot: true` on the step after which there is no way back")
        }
        if let parent = first.parent {
            diagnostics.error(
                .pivotNotCertain, at: first.place,
                "the pivot stands inside `\(outline.nodes[parent].name ?? "")`, where other steps"
                    + " may be under way when it completes",
                fix: "move it to the saga's own `steps`")
        }
    }

    private mutating func checkStepNames() {
        var first: [String: YAMLSpan] = [:]
        for node in outline.nodes where node.isStep {
            guard let name = node.name else { continue }
            if let earlier = first[name] {
                diagnostics.error(
                    .duplicateName, at: node.place,
                    "the step `\(shortened(name))` is there already, at"
                        + " \(earlier.start.line):\(earlier.start.column)",
                    fix: "step names are unique in a file: give this one another")
            } else {
                first[name] = node.place
            }
        }
    }
}
