/// Turning round, and taking back what may have happened.
extension Course {
    /// The saga cannot go on: the first failure turns it round, later ones are only recorded.
    mutating func fail(_ failure: Failure) {
        guard state.failure == nil else { return record(.failedFurther(failure)) }
        record(.turned(failure))
        setStatus(.compensating)
        giveUpKept()
        for command in state.open where command.kind != .compensation { closeOrAwait(command) }
        for wait in state.waits { close(wait) }
        let stuck = state.steps.lazy.filter { $0.value.phase == .stuck }.map(\.key)
        for path in decider.outline.inFileOrder(Array(stuck)) { letGo(ofStuck: path) }
    }

    /// No new attempts; one in flight is waited for, but no longer than the grace. A child is
    /// cancelled, and waited for until it ends.
    private mutating func closeOrAwait(_ command: OpenCommand) {
        if command.child != nil { return cancel(child: command) }
        switch (command.kind, command.phase) {
        case (.command, .inFlight):
            let latest = now + definition.turnGrace
            if command.dueAt.map({ $0 > latest }) ?? true {
                record(.graceSet(command.id, dueAt: latest))
            }
        case (.command, .waiting), (.probe, _):
            record(.stepGivenUp(command.path, reason: "the saga turned round"))
        case (.compensation, _): break
        }
    }

    private mutating func letGo(ofStuck path: NodePath) {
        guard let known = state.steps[path] else { return }
        if known.isUndone {
            record(.stepFailed(path, code: "stuck", message: known.stuckReason ?? "stuck"))
        } else {
            record(.stepGivenUp(path, reason: "the saga turned round"))
        }
    }

    /// Takes back what may have happened, once nothing is in flight any more.
    mutating func goBack() {
        if state.open.contains(where: { $0.kind != .compensation }) {
            let isStuck = state.open.allSatisfy { command in
                state.steps[command.path]?.childStuckReason != nil
            }
            return setStatus(isStuck ? .stuck : .compensating)
        }
        switch goBack(through: definition.nodes, in: [], Set(state.order)) {
        case .waiting: setStatus(.compensating)
        case .stuck, .held: setStatus(.stuck)
        case .done:
            // Late news of an element that never was is taken back beside all nodes.
            if state.isTakingBack { return setStatus(.compensating) }
            endCompensated()
        }
    }

    private mutating func endCompensated() {
        if state.steps.values.contains(where: { $0.compensation == .stuck }) {
            setStatus(.stuck)
        } else {
            end(.compensated, definition.finish.compensated)
        }
    }

    /// Opens a step's compensation; a body without a value leaves it stuck.
    mutating func compensate(_ path: NodePath, body given: Value? = nil) {
        guard let compensation = step(path).step.compensation else { return }
        let known = state.steps[path]
        let original = known?.doubts.first ?? known?.commandID
        switch compensation.work {
        case .child: openTakeBack(of: path, original: original)
        case .command(let subject, let template):
            do throws(ExpressionError) {
                let body =
                    if let given { CommandBody.value(given) } else { try body(template, at: path) }
                open(
                    .compensation, of: path, target: .participant(subject: subject), body: body,
                    timeout: compensation.timeout ?? .seconds(30), original: original)
            } catch {
                record(.compensationStuck(path, reason: error.message))
            }
        }
    }
}

extension SagaState {
    /// Whether the compensation of anything is open.
    fileprivate var isTakingBack: Bool { !open.isEmpty }
}

// MARK: - The way back

extension Course {
    /// Goes back through nodes one after the other, the last first.
    private mutating func goBack(
        through nodes: [Node], in indices: [Int], _ happened: Set<NodePath>
    ) -> Progress {
        var progress = Progress.done
        for node in nodes.reversed() {
            let path = NodeAddress.path(node.name, indices[...])
            progress = max(progress, goBack(through: node, at: path, indices, happened))
            if progress >= .held { break }
        }
        return progress
    }

    private mutating func goBack(
        through node: Node, at path: NodePath, _ indices: [Int], _ happened: Set<NodePath>
    ) -> Progress {
        switch node.body {
        case .step(let step):
            return happened.contains(path) ? goBack(through: step, at: path) : .done
        case .parallel(let parallel):
            return parallel.branches.reduce(.done) { progress, branch in
                max(progress, goBack(through: branch.nodes, in: indices, happened))
            }
        case .each(let each):
            return goBack(throughElementsOf: each, at: path, indices, happened)
        case .wait: return .done
        }
    }

    /// Takes elements back from the last, as long as fewer than `atMost` are on their way back.
    private mutating func goBack(
        throughElementsOf each: Each, at path: NodePath, _ indices: [Int],
        _ happened: Set<NodePath>
    ) -> Progress {
        var progress = Progress.done
        var underWay = 0
        for index in (0..<(state.steps[path]?.list?.count ?? 0)).reversed()
        where underWay < each.atMost {
            let reached = goBack(through: each.nodes, in: indices + [index], happened)
            if reached == .waiting { underWay += 1 }
            progress = max(progress, reached)
        }
        return progress
    }

    private mutating func goBack(through step: Step, at path: NodePath) -> Progress {
        guard let compensation = step.compensation else { return .done }
        if state.steps[path]?.compensation == nil { compensate(path) }
        let stuck = compensation.blocks ? Progress.held : .stuck
        switch state.steps[path]?.compensation {
        case .running: return state.steps[path]?.childStuckReason == nil ? .waiting : stuck
        case .stuck: return stuck
        case .done, nil: return .done
        }
    }
}
