/// What events that participants append to the event store lead to.
extension Course {
    /// An event was appended for the saga's aggregate.
    ///
    /// Where it is to be stored, the decision says so first of all its effects; where it says what is
    /// known, it is neither stored nor published.
    mutating func take(_ event: AppendedEvent) throws(NotTaken) {
        if state.knows(event: event.id) {
            throw .ignored("event \(event.id) is known already")
        }
        if let target = decider.outline.target(of: event.event) {
            try take(event, as: target)
        } else if definition.finish.has(event.event) {
            noteFinish(event)
            store(event, nil, at: nil)
        } else {
            throw .ignored("no step has an outcome with the event '\(event.event)'")
        }
    }

    private mutating func take(
        _ event: AppendedEvent, as target: Outline.Target
    ) throws(NotTaken) {
        let place = PlacedStep(step: target.step, path: path(for: target))
        let known = state.steps[place.path]
        switch known?.phase {
        case .running, .probing, .stuck:
            settle(place, target.outcome, event.data, by: event.id)
            store(event, target.outcome, at: place.path)
        case nil where state.goesForward: try keep(event, as: target, place.path)
        // Nobody said that: time did.
        case .completed where known?.outcome == "timeout",
            .rejected where known?.outcome == "timeout":
            takeLate(event, target.outcome, of: place)
        case .completed, .rejected: try takeRepeated(event, target.outcome, of: place)
        case nil, .unknown, .failed, .skipped: try takeGivenUp(event, target.outcome, of: place)
        case .entered: preconditionFailure("A step has no nodes inside.")
        }
    }

    /// Which step of that name an event is about: in a list the first that waits, else one that is
    /// still to come, else one that was given up.
    private func path(for target: Outline.Target) -> NodePath {
        guard let list = target.lists.last else { return target.name }
        let paths = decider.outline.inFileOrder(
            state.steps.keys.filter { NodeAddress($0).name == target.name })
        func first(_ phases: Set<StepPhase>) -> NodePath? {
            paths.first { path in
                state.steps[path].map { phases.contains($0.phase) && $0.eventID == nil } ?? false
            }
        }
        if let open = first([.running, .probing, .stuck]) { return open }
        if state.goesForward, isToCome(target, list, paths.count) { return target.name }
        return first([.unknown, .failed, .skipped]) ?? paths.last ?? target.name
    }

    /// Whether elements of the list are still to be entered.
    private func isToCome(_ target: Outline.Target, _ list: Each, _ entered: Int) -> Bool {
        let outermost = target.lists.first?.name ?? list.name
        guard let known = state.steps[outermost] else { return true }
        guard known.phase == .entered else { return false }
        return target.lists.count > 1 || entered < known.list?.count ?? 0
    }
}

// MARK: Before, after, and once more

extension Course {
    /// The step is not open yet: the event becomes its outcome when it opens.
    private mutating func keep(
        _ event: AppendedEvent, as target: Outline.Target, _ path: NodePath
    ) throws(NotTaken) {
        let place = PlacedStep(step: target.step, path: path)
        if target.lists.isEmpty, let kept = state.kept.first(where: { $0.step == target.name }) {
            return try absorb(event, target.outcome, of: place, known: kept.outcome)
        }
        guard state.kept.count < SagaState.keptEventsMax else {
            throw .refused(.keepsTooMany(path, SagaState.keptEventsMax))
        }
        let kept = KeptEvent(
            id: event.id, step: target.name, outcome: target.outcome.name, result: event.data)
        record(.eventKept(kept, type: type(of: event.event)))
        store(event, target.outcome, at: path)
    }

    /// The step has its outcome.
    private mutating func takeRepeated(
        _ event: AppendedEvent, _ outcome: Outcome, of place: PlacedStep
    ) throws(NotTaken) {
        try absorb(event, outcome, of: place, known: state.steps[place.path]?.outcome)
    }

    /// The step was given up, or closed, or never opened.
    private mutating func takeGivenUp(
        _ event: AppendedEvent, _ outcome: Outcome, of place: PlacedStep
    ) throws(NotTaken) {
        let known = state.steps[place.path]
        if known?.eventID != nil, known?.outcome == outcome.name {
            return try takeRepeated(event, outcome, of: place)
        }
        takeLate(event, outcome, of: place)
    }

    private mutating func takeLate(
        _ event: AppendedEvent, _ outcome: Outcome, of place: PlacedStep
    ) {
        noteLate(outcome, event.data, of: place)
        record(.eventTaken(place.path, id: event.id, type: type(of: event.event)))
        store(event, outcome, at: place.path, isLate: true)
    }

    /// Records a late reply, unless a participant's reply said the same before.
    private mutating func noteLate(_ outcome: Outcome, _ result: Value, of place: PlacedStep) {
        let commandID = state.steps[place.path]?.commandID
        do throws(NotTaken) {
            try takeLate(outcome, result, of: place, commandID)
        } catch {
            // It is known; only the event is new.
        }
    }

    /// An outcome event of what has its outcome: journalled, and neither stored nor published.
    private mutating func absorb(
        _ event: AppendedEvent, _ outcome: Outcome, of place: PlacedStep, known: String?
    ) throws(NotTaken) {
        if event.isStored {
            throw .ignored("step \(place.path) has the outcome '\(known ?? "")' already")
        }
        if outcome.name == known {
            record(.eventRepeated(place.path, id: event.id, outcome: outcome.name))
        } else if state.steps[place.path] == nil {
            record(
                .lateReply(
                    place.path, nil, outcome: outcome.name, result: event.data,
                    asksCompensation: false))
        } else {
            noteLate(outcome, event.data, of: place)
        }
    }

    /// An event that was kept for the step that opens now is its outcome; answers whether there was
    /// one.
    mutating func takeKept(for place: PlacedStep) -> Bool {
        let name = place.step.name
        guard let kept = state.kept.first(where: { $0.step == name }),
            let outcome = place.outcome(kept.outcome)
        else { return false }
        settle(place, outcome, kept.result, by: kept.id)
        return true
    }

    /// Steps for which events were kept will not open: what the events say is late news.
    mutating func giveUpKept(of name: String? = nil) {
        for kept in state.kept where name == nil || kept.step == name {
            guard let target = decider.outline.target(named: kept.step, outcome: kept.outcome)
            else { continue }
            let place = PlacedStep(step: target.step, path: target.name)
            noteLate(target.outcome, kept.result, of: place)
            let event = target.outcome.event?.event ?? ""
            record(.eventTaken(place.path, id: kept.id, type: type(of: event)))
        }
    }
}

// MARK: Looking back

extension Course {
    /// Takes what the aggregate had before the saga started.
    mutating func take(early: EarlyEvents) {
        take(stored: early.events)
        record(.lookBackSet(early.looksBackAt))
    }

    /// The saga looked at its aggregate's events again.
    mutating func lookBack(at events: [AppendedEvent]) throws(NotTaken) {
        guard state.looksBackAt != nil else { throw .ignored("it has looked back already") }
        take(stored: events)
        record(.lookBackSet(nil))
    }

    private mutating func take(stored events: [AppendedEvent]) {
        for event in events {
            do throws(NotTaken) {
                try take(event)
            } catch {
                // It says nothing new, or nothing that concerns this saga.
            }
        }
    }
}

// MARK: Storing, and the ends' events

extension Course {
    private func type(of event: String) -> String {
        "\(definition.aggregate?.stream ?? "").\(event)"
    }

    /// Has the event stored, with what the definition adds to the view; late news adds nothing, for
    /// the saga went on without it.
    private mutating func store(
        _ event: AppendedEvent, _ outcome: Outcome?, at path: NodePath?, isLate: Bool = false
    ) {
        if outcome != nil, definition.finish.has(event.event) { noteFinish(event) }
        if event.isStored { return }
        let viewData = isLate ? nil : viewData(of: event, outcome, at: path)
        performFirst(.storeAppended(id: event.id, viewData: viewData))
    }

    private mutating func noteFinish(_ event: AppendedEvent) {
        guard state.finishEvents[event.event] == nil else { return }
        record(.finishNoted(event.event, id: event.id))
    }

    /// What the definition adds to the aggregate's view with that event: the outcome's data, then that
    /// of an end with the same event, unless the saga is past it; members that have no value are left
    /// out.
    private func viewData(
        of event: AppendedEvent, _ outcome: Outcome?, at path: NodePath?
    ) -> Value? {
        var data = Members()
        let ends = [
            state.mayComplete ? definition.finish.completed : nil,
            state.status == .completed ? nil : definition.finish.compensated,
        ]
        for raised in [outcome?.event] + ends where raised?.event == event.event {
            guard let raised else { continue }
            let (body, missing) = raised.body.evaluateMembers(
                in: scope(at: path, result: event.data))
            var members = body.json.members ?? Members()
            for failure in missing { members[failure.name] = nil }
            data.merge(patch: members)
        }
        return data.isEmpty ? nil : .map(data)
    }

    /// Raises the event of an end, unless the aggregate has it from a participant.
    mutating func raise(endWith event: RaisedEvent?) {
        guard let event, state.finishEvents[event.event] != nil else { return raise(event) }
        let (body, _) = event.body.evaluateMembers(in: scope(at: nil))
        record(.eventHeldBack(type: type(of: event.event), data: body.json))
    }
}

extension Finish {
    /// Whether an end has that event.
    func has(_ event: String) -> Bool { completed?.event == event || compensated?.event == event }
}

extension SagaState {
    /// Whether steps may still be entered.
    fileprivate var goesForward: Bool { failure == nil && !hasEnded }

    /// Whether it may still complete, or has.
    fileprivate var mayComplete: Bool { goesForward || status == .completed }
}

extension Members {
    /// Puts one patch of a document behind another: members of maps are joined, and `null` stays.
    fileprivate mutating func merge(patch: Members) {
        for entry in patch.entries {
            if case .map(var own)? = self[entry.name], case .map(let other) = entry.value {
                own.merge(patch: other)
                self[entry.name] = .map(own)
            } else {
                self[entry.name] = entry.value
            }
        }
    }
}
