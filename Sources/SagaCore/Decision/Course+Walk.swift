/// How far nodes came, forward or back, from the least to the most that holds up what follows;
/// of nodes side by side the greatest counts.
enum Progress: Comparable {
    /// All is done.
    case done
    /// Something is stuck and nothing else moves.
    case stuck
    /// The same, and nothing earlier may be taken back before it.
    case held
    /// Somebody's answer, or a time, is waited for.
    case waiting
}

/// Going forward through the nodes of a definition.
extension Course {
    mutating func goForward() {
        let progress = walk(definition.nodes, in: [])
        if state.failure != nil { return }
        switch progress {
        case .done: end(.completed, definition.finish.completed)
        case .waiting: setStatus(.running)
        case .stuck, .held: setStatus(.stuck)
        }
    }

    /// Goes on through nodes one after the other, in the elements of those indices; once the saga
    /// has failed nothing more is entered.
    private mutating func walk(_ nodes: [Node], in indices: [Int]) -> Progress {
        for node in nodes {
            let progress = visit(node, at: NodeAddress.path(node.name, indices[...]), indices)
            if state.failure != nil { return .waiting }
            if progress != .done { return progress }
        }
        return .done
    }

    private mutating func visit(
        _ node: Node, at path: NodePath, _ indices: [Int]
    ) -> Progress {
        if state.steps[path] == nil { enter(node, at: path) }
        if state.failure != nil { return .waiting }
        switch state.steps[path]?.phase {
        case .running: return state.steps[path]?.childStuckReason == nil ? .waiting : .stuck
        case .probing: return .waiting
        case .stuck: return .stuck
        case .completed, .skipped, .rejected, .failed, .unknown: return .done
        case .entered: return visitWithin(node, at: path, indices)
        case nil: preconditionFailure("A node that was entered has a state.")
        }
    }

    private mutating func visitWithin(
        _ node: Node, at path: NodePath, _ indices: [Int]
    ) -> Progress {
        let progress: Progress
        switch node.body {
        case .parallel(let parallel): progress = visit(branchesOf: parallel, indices)
        case .each(let each): progress = visit(elementsOf: each, at: path, indices)
        case .step, .wait: preconditionFailure("Only a node with nodes inside is entered so.")
        }
        if progress == .done, state.failure == nil { record(.passed(path)) }
        return progress
    }

    private mutating func visit(branchesOf parallel: Parallel, _ indices: [Int]) -> Progress {
        var progress = Progress.done
        for branch in parallel.branches {
            progress = max(progress, walk(branch.nodes, in: indices))
            if state.failure != nil { break }
        }
        return progress
    }

    /// Visits elements in order, as long as fewer than `atMost` are under way.
    private mutating func visit(
        elementsOf each: Each, at path: NodePath, _ indices: [Int]
    ) -> Progress {
        var progress = Progress.done
        var underWay = 0
        for index in 0..<(state.steps[path]?.list?.count ?? 0) where underWay < each.atMost {
            let reached = walk(each.nodes, in: indices + [index])
            if state.failure != nil { break }
            if reached != .done { underWay += 1 }
            progress = max(progress, reached)
        }
        return progress
    }
}

// MARK: - Entering

extension Course {
    private mutating func enter(_ node: Node, at path: NodePath) {
        if let condition = node.condition {
            switch decider.conditions(condition, scope(at: path)) {
            case .success(true): break
            case .success(false): return skip(node, at: path)
            case .failure(let error): return fail(node, at: path, "when: \(error.message)")
            }
        }
        do throws(ExpressionError) {
            try begin(node, at: path)
        } catch {
            fail(node, at: path, error.message)
        }
    }

    private mutating func skip(_ node: Node, at path: NodePath) {
        record(.skipped(path))
        guard path == node.name, state.kept.contains(where: { $0.step == path }) else { return }
        giveUpKept(of: path)
        compensateNews()
    }

    /// Begins what a node does; a value given by an operator stands for the one that the node's
    /// expression makes.
    mutating func begin(
        _ node: Node, at path: NodePath, given: Value? = nil
    ) throws(ExpressionError) {
        switch node.body {
        case .step(let step): try begin(PlacedStep(step: step, path: path), given: given)
        case .parallel: record(.entered(path, list: nil))
        case .each(let each):
            record(.entered(path, list: try list(of: each, at: path, given: given)))
        case .wait(let wait): try begin(wait, at: path, given: given)
        }
    }

    private mutating func begin(
        _ place: PlacedStep, given: Value?
    ) throws(ExpressionError) {
        if given == nil, !state.kept.isEmpty, takeKept(for: place) { return }
        switch place.step.work {
        case .command(let subject, let template):
            let body =
                if let given { CommandBody.value(given) } else {
                    try body(template, at: place.path)
                }
            send(place, to: .participant(subject: subject), body)
        case .ask(let question): try ask(place, question)
        case .await(let what): awaitEvent(place, what)
        case .child(let child): try start(child, of: place, given: given)
        }
    }

    /// Opens the step's command; the pivot's holds the deadline.
    mutating func send(_ place: PlacedStep, to target: CommandTarget, _ body: CommandBody) {
        holdDeadline(for: place.step)
        let limit: Duration? =
            switch target {
            case .participant: .seconds(30)
            case .child: nil
            }
        open(
            .command, of: place.path, target: target, body: body,
            timeout: place.step.timeout ?? limit)
    }

    /// From now on nobody can say that the pivot is not done.
    mutating func holdDeadline(for step: Step) {
        if step.isPivot, state.deadline != nil { record(.deadlineHeld) }
    }

    private func list(
        of each: Each, at path: NodePath, given: Value?
    ) throws(ExpressionError) -> [Value] {
        let value: Value
        switch given.map(Result.success) ?? decider.values(each.list, scope(at: path)) {
        case .success(let list): value = list
        case .failure(let error): throw ExpressionError("each: \(error.message)")
        }
        guard let elements = value.json.elements else {
            throw ExpressionError("each: expected a list, found \(value.kind)")
        }
        guard elements.count <= each.max else {
            throw ExpressionError(
                "each: the list has \(elements.count) elements, and may have \(each.max)")
        }
        return elements
    }

    /// A node could not begin: nothing was sent.
    private mutating func fail(_ node: Node, at path: NodePath, _ message: String) {
        record(.stepFailed(path, code: "expression", message: message))
        let failure = Failure(
            step: path, kind: .expression, code: "expression", message: message)
        switch node.body {
        case .step(let step): giveFinalNo(of: PlacedStep(step: step, path: path), failure)
        case .parallel, .each, .wait:
            if isPastPivot { record(.stepStuck(path, reason: message)) } else { fail(failure) }
        }
    }

    /// Whether the point of no return is done: the saga turns round no more.
    var isPastPivot: Bool {
        guard let pivot = decider.outline.pivot else { return false }
        return state.steps[pivot]?.phase == .completed
    }
}
