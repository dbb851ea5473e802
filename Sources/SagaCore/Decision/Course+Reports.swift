/// What people report: answers to questions, and outcomes of awaited events.
extension Course {
    mutating func report(
        _ path: NodePath, _ outcome: String, _ data: Value, _ action: OperatorAction
    ) throws(NotTaken) {
        guard case .step(let step)? = decider.outline.place(of: path)?.node.body else {
            throw .refused(.notOpen(path, "the saga has no step of that path"))
        }
        let place = PlacedStep(step: step, path: path)
        switch step.work {
        case .ask(let question):
            try answer(question, of: place, outcome, data.json, action)
        case .await: try take(awaited: outcome, data.json, of: place)
        case .command:
            throw .refused(.notOpen(path, "a participant answers it, on Saga-Reply-To"))
        case .child: throw .refused(.notOpen(path, "its child saga answers it"))
        }
    }

    private mutating func answer(
        _ question: Question, of place: PlacedStep, _ name: String, _ data: Value,
        _ action: OperatorAction
    ) throws(NotTaken) {
        guard let open = state.waits.first(where: { $0.path == place.path })?.question else {
            throw .refused(.notOpen(place.path, whyNotOpen(place.path)))
        }
        let outcome = try choice(name, of: place)
        try checkPerson(action.by, open, place.path)
        let violations = question.form?.violations(of: data) ?? []
        guard violations.isEmpty else { throw .refused(.invalidForm(violations)) }
        let answer = OpenQuestion.Answer(by: action.by, at: now, outcome: name, data: data)
        record(.answered(place.path, answer))
        decide(question, place, outcome, data, open.answers + [answer])
    }

    /// The outcome of that name; `timeout` is time's own, and nobody's choice.
    private func choice(_ name: String, of place: PlacedStep) throws(NotTaken) -> Outcome {
        guard name != "timeout", let outcome = place.outcome(name) else {
            let known = place.step.outcomes.map(\.name).filter { $0 != "timeout" }
            throw .refused(.unknownOutcome(place.path, outcome: name, known: known))
        }
        return outcome
    }

    private func checkPerson(
        _ person: String, _ open: OpenQuestion, _ path: NodePath
    ) throws(NotTaken) {
        if person.isEmpty {
            throw .refused(.notAllowed(path, "it must say by whom it is"))
        }
        if open.excluded.contains(person) {
            throw .refused(.notAllowed(path, "\(person) may not decide it (not_by)"))
        }
        if open.answers.contains(where: { $0.by == person }) {
            throw .refused(.notAllowed(path, "\(person) has answered already"))
        }
    }

    /// A continuing outcome needs its quorum; the first rejecting one decides.
    private mutating func decide(
        _ question: Question, _ place: PlacedStep, _ outcome: Outcome, _ data: Value,
        _ answers: [OpenQuestion.Answer]
    ) {
        let agreeing = answers.count { $0.outcome == outcome.name }
        guard outcome.then == .reject || agreeing >= question.quorum else { return }
        var result = question.quorum == 1 ? data.members ?? Members() : Members()
        result["answers"] = .list(answers.map(\.value))
        settle(place, outcome, .map(result))
    }

    private mutating func take(
        awaited name: String, _ data: Value, of place: PlacedStep
    ) throws(NotTaken) {
        let outcome = try outcome(name, of: place)
        switch state.steps[place.path]?.phase {
        case .running, .stuck: settle(place, outcome, data)
        case .completed, .rejected, .unknown: try takeLate(outcome, data, of: place, nil)
        case .entered, .probing, .failed, .skipped, nil:
            throw .refused(.notOpen(place.path, whyNotOpen(place.path)))
        }
    }

    private func whyNotOpen(_ path: NodePath) -> String {
        guard let known = state.steps[path] else { return "it has not been reached" }
        switch known.phase {
        case .completed, .rejected: return "it has the outcome '\(known.outcome ?? "")' already"
        case .skipped: return "it was skipped"
        case .failed, .unknown: return "it was closed"
        case .stuck: return "it is stuck: retry it, or settle it by hand"
        case .running, .probing, .entered: return "nobody is asked there"
        }
    }
}
