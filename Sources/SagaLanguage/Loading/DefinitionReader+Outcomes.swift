internal import SagaCore

// `outcomes`.
extension DefinitionReader {
    /// The most outcomes that a step may have.
    static let outcomeLimit = 50

    mutating func readOutcomes(_ fields: Fields, _ index: Int) -> [Outcome] {
        let done = [Outcome(name: "done")]
        guard let member = fields["outcomes"] else { return done }
        guard let members = member.value.members else {
            reportType(
                member, expected: "a mapping of outcomes",
                fix: "write the outcomes' names, such as `done: {}`")
            return done
        }
        guard members.count <= Self.outcomeLimit else {
            diagnostics.error(
                .outOfRange, at: member.nameSpan,
                "a step has at most \(Self.outcomeLimit) outcomes, this one has"
                    + " \(members.count)")
            return done
        }
        let outcomes = members.compactMap { readOutcome($0, index) }
        let continues = members.contains { $0.value["then"]?.scalar?.text != "reject" }
        if !continues {
            diagnostics.error(
                .noContinuingOutcome, at: member.nameSpan,
                "no outcome goes on: a step must be able to succeed",
                fix: "add an outcome without `then: reject`, such as `done: {}`")
        }
        return outcomes
    }

    private mutating func readOutcome(_ member: YAMLMember, _ index: Int) -> Outcome? {
        guard checkName(member.name, .outcome, at: member.nameSpan) else {
            return nil
        }
        if member.name == "never" || member.name == "pending" {
            diagnostics.error(
                .reservedName, at: member.nameSpan,
                "`\(member.name)` is what a probe answers, so no outcome has that name")
        }
        var outcome = Outcome(name: member.name)
        if member.value.isNull { return outcome }
        guard let fields = fields(of: member, .outcome) else { return nil }
        outcome.then =
            word(fields, "then", among: [Outcome.Direction.continue, .reject]) ?? .continue
        if outcome.then == .reject, outline.position(of: index) == .after,
            let then = fields["then"]
        {
            reportTurn(
                then, "this outcome would turn the saga round",
                fix: "let it continue, or move the step before the pivot")
        }
        outcome.event = readEvent(
            fields, in: context(of: .outcome(index, isTimeout: member.name == "timeout")),
            as: .outcome(step: index, outcome.then))
        return outcome
    }
}

// Events.
extension DefinitionReader {
    /// `event` and `data` of a mapping; `data` belongs to an event.
    mutating func readEvent(
        _ fields: Fields, in context: ExpressionContext, as role: EventUse.Role
    ) -> RaisedEvent? {
        let body = mappingTemplate(fields, "data", in: context) ?? .literal(.map(Members()))
        if fields["event"] == nil, let data = fields["data"],
            fields.table.keys.contains(where: { $0.name == "event" && !$0.isRequired })
        {
            diagnostics.error(
                .missingKey, at: data.nameSpan, "`data` belongs to an event, and none is named",
                fix: "add `event: NAME`, or remove `data`")
        }
        guard let event = name(fields, "event", .event), let member = fields["event"] else {
            return nil
        }
        use(event, at: member.place, as: role)
        return RaisedEvent(event: event, body: body)
    }

    mutating func readFinish(_ fields: Fields) -> Finish {
        guard let member = fields["finish"], let ends = self.fields(of: member, .finish) else {
            return Finish()
        }
        var finish = Finish()
        if let member = ends["completed"], let fields = self.fields(of: member, .finishEvent) {
            finish.completed = readEvent(fields, in: context(of: .completed), as: .completed)
        }
        if let member = ends["compensated"], let fields = self.fields(of: member, .finishEvent) {
            finish.compensated = readEvent(
                fields, in: context(of: .compensated), as: .compensated)
        }
        return finish
    }
}
