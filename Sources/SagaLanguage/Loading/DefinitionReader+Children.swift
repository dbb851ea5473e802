internal import SagaCore

// Child sagas.
extension DefinitionReader {
    mutating func readChildStep(_ fields: Fields, _ index: Int) -> Step {
        let context = context(of: .forward(index))
        var child = Child(saga: name(fields, "saga", .saga) ?? "")
        child.body = fields["with"].flatMap { template(of: $0.value, in: context) }?.template
        child.key = readKey(fields, in: context)
        if let member = fields["saga"] { noteChild(child.saga, at: member.place, index) }
        var step = readStep(fields, index, .child(child))
        step.unknown = readUnknownWord(fields, index, isOptional: step.isOptional)
        step.outcomes = readChildOutcomes(fields, index)
        step.compensation = readChildCompensation(fields, index)
        return step
    }

    private mutating func noteChild(_ name: String, at place: YAMLSpan, _ index: Int) {
        guard name == sagaName || name.isEmpty else {
            let position = outline.position(of: index)
            places.children.append(ChildPlace(saga: name, place: place, position: position))
            return
        }
        guard !name.isEmpty else { return }
        diagnostics.error(
            .childReachesItself, at: place, "`\(name)` would start itself, without end",
            fix: "name another saga")
    }

    /// A child has two outcomes whatever the file says; it may give them events.
    private mutating func readChildOutcomes(_ fields: Fields, _ index: Int) -> [Outcome] {
        let usual = [Outcome(name: "completed"), Outcome(name: "compensated", then: .reject)]
        guard let member = fields["outcomes"] else { return usual }
        guard let members = member.value.members else {
            reportType(
                member, expected: "a mapping of outcomes",
                fix: "write `completed` and `compensated`, with their events")
            return usual
        }
        var written: [Outcome] = []
        for outcome in members {
            if let read = readChildOutcome(outcome, index, among: usual) { written.append(read) }
        }
        let missing = usual.filter { outcome in !written.contains { $0.name == outcome.name } }
        return written + missing
    }

    private mutating func readChildOutcome(
        _ member: YAMLMember, _ index: Int, among usual: [Outcome]
    ) -> Outcome? {
        guard let ending = usual.first(where: { $0.name == member.name }) else {
            let near = nearest(to: member.name, among: usual.map(\.name))
            diagnostics.error(
                .unknownWord, at: member.nameSpan,
                "a child saga ends as `completed` or `compensated`, not as"
                    + " `\(shortened(member.name))`",
                fix: near.map { "did you mean `\($0)`?" })
            return nil
        }
        guard !member.value.isNull, let fields = fields(of: member, .outcome) else {
            return ending
        }
        var outcome = ending
        let then = word(fields, "then", among: [Outcome.Direction.continue, .reject])
        if let then, then != ending.then, let written = fields["then"] {
            reportDirection(written, of: ending)
        }
        outcome.event = readEvent(
            fields, in: context(of: .outcome(index, isTimeout: false)),
            as: .outcome(step: index, ending.then))
        return outcome
    }

    /// Reports a `then` that a child's end does not have.
    private mutating func reportDirection(_ then: YAMLMember, of ending: Outcome) {
        switch ending.then {
        case .continue:
            diagnostics.error(
                .conflictingKeys, at: then.place,
                "a child that completed has done its work: `completed` goes on",
                fix: "remove `then`")
        case .reject:
            diagnostics.error(
                .conflictingKeys, at: then.place,
                "a child that was compensated has done nothing: `compensated` rejects",
                fix: "remove `then`, or make the step `optional: true`")
        }
    }

    /// A completed child takes itself back as a whole, unless the file says otherwise.
    private mutating func readChildCompensation(_ fields: Fields, _ index: Int) -> Compensation? {
        let position = outline.position(of: index)
        let whole = Compensation(work: .child, timeout: nil)
        guard let member = fields["compensate"] else {
            if position == .after { reportMissingCompensation(fields, index, position) }
            return position == .before ? whole : nil
        }
        guard let written = compensationMapping(member, position, or: "a mapping with `event`")
        else { return nil }
        guard let fields = self.fields(of: written, .childCompensation) else { return nil }
        var compensation = whole
        compensation.event = readEvent(
            fields, in: context(of: .compensationEvent(index)), as: .compensation)
        compensation.blocks = flag(fields, "blocks") ?? false
        return compensation
    }
}
