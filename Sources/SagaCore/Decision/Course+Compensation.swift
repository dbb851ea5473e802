/// Turning round, and taking back what may have happened.
extension Course {
    /// The saga cannot go on: the first failure turns it round, later ones are only recorded.
    mutating func fail(_ failure: Failure) {
        guard state.failure == nil else { return record(.failedFurther(failure)) }
        record(.turned(failure))
        setStatus(.compensating)
        let open = state.open.filter { $0.kind != .compensation }
        for command in open { closeOrAwait(command) }
        for step in definition.steps where state.steps[step.name]?.phase == .stuck {
            letGo(ofStuck: step)
        }
    }

    /// No new attempts; one in flight is waited for, but no longer than the grace.
    private mutating func closeOrAwait(_ command: OpenCommand) {
        switch (command.kind, command.phase) {
        case (.command, .inFlight):
            let latest = now + definition.turnGrace
            if command.dueAt > latest { record(.graceSet(command.id, dueAt: latest)) }
        case (.command, .waiting), (.probe, _):
            record(.stepGivenUp(command.path, reason: "the saga turned round"))
        case (.compensation, _): break
        }
    }

    private mutating func letGo(ofStuck step: Step) {
        if state.steps[step.name]?.isUndone ?? false {
            let reason = state.steps[step.name]?.stuckReason ?? "stuck"
            record(.stepFailed(step.name, code: "stuck", message: reason))
        } else {
            record(.stepGivenUp(step.name, reason: "the saga turned round"))
        }
    }

    /// Takes back what may have happened, the last first, one after the other.
    mutating func goBack() {
        if state.open.contains(where: { $0.kind != .compensation }) {
            return setStatus(.compensating)
        }
        var isHeldUp = false
        for path in state.order.reversed() {
            guard let compensation = step(path).compensation else { continue }
            if state.steps[path]?.compensation == nil { compensate(path) }
            switch state.steps[path]?.compensation {
            case .running: return setStatus(.compensating)
            case .stuck: isHeldUp = isHeldUp || compensation.blocks
            case .done, nil: continue
            }
            if isHeldUp { break }
        }
        if state.steps.values.contains(where: { $0.compensation == .stuck }) {
            setStatus(.stuck)
        } else {
            end(.compensated, definition.finish.compensated)
        }
    }

    /// Opens a step's compensation; a body without a value leaves it stuck.
    mutating func compensate(_ path: NodePath, body given: Value? = nil) {
        guard let compensation = step(path).compensation else { return }
        do throws(ExpressionError) {
            let body =
                if let given { CommandBody.value(given) } else { try body(compensation.body) }
            let known = state.steps[path]
            open(
                .compensation, of: path, subject: compensation.subject, body: body,
                timeout: compensation.timeout ?? .seconds(30),
                original: known?.doubts.first ?? known?.commandID)
        } catch {
            record(.compensationStuck(path, reason: "with: \(error.message)"))
        }
    }
}
