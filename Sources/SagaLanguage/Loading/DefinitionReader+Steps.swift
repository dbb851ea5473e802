internal import SagaCore

// `steps`.
extension DefinitionReader {
    /// The most elements that `steps` may have.
    static let stepLimit = 500
    /// The most outcomes that a step may have.
    static let outcomeLimit = 50

    mutating func readNodes(_ fields: Fields) -> [Node] {
        guard let member = fields["steps"] else { return [] }
        guard let elements = member.value.elements else {
            reportType(
                member, expected: "a list of steps", fix: "begin each step with `- step: NAME`")
            return []
        }
        guard !elements.isEmpty else {
            diagnostics.error(
                .missingKey, at: member.nameSpan, "a saga must have at least one step",
                fix: "add `- step: NAME` with its `command`")
            return []
        }
        guard elements.count <= Self.stepLimit else {
            diagnostics.error(
                .outOfRange, at: member.nameSpan,
                "a saga has at most \(Self.stepLimit) steps, this one has \(elements.count)")
            return []
        }
        checkPivots()
        checkStepNames()
        var nodes: [Node] = []
        for (index, element) in elements.enumerated() {
            if outline.steps[index].isAvailable {
                if let node = readNode(element, index) { nodes.append(node) }
            } else {
                reportUnavailable(element)
            }
        }
        return nodes
    }

    private mutating func checkPivots() {
        guard let pivot = outline.pivot else { return }
        for step in outline.steps[(pivot + 1)...] where step.isPivot {
            let first = outline.steps[pivot]
            diagnostics.error(
                .secondPivot, at: step.place,
                "a saga has one pivot, and `\(first.name ?? "")` is it"
                    + " (line \(first.place.start.line))",
                fix: "keep `pivot: true` on the step after which there is no way back")
        }
    }

    private mutating func checkStepNames() {
        var first: [String: YAMLSpan] = [:]
        for step in outline.steps {
            guard let name = step.name else { continue }
            if let earlier = first[name] {
                diagnostics.error(
                    .duplicateName, at: step.place,
                    "the step `\(shortened(name))` is there already, at"
                        + " \(earlier.start.line):\(earlier.start.column)",
                    fix: "step names are unique in a file: give this one another")
            } else {
                first[name] = step.place
            }
        }
    }

    private mutating func reportUnavailable(_ element: YAMLNode) {
        let later = KeyTable.named(.step).unavailable
        guard let member = element.members?.first(where: { later.contains($0.name) }) else {
            return
        }
        diagnostics.error(
            .notAvailable, at: member.nameSpan,
            "`\(member.name)` in `steps` is not available in this version of sagad",
            fix: "this version has `step` nodes with a `command`")
    }

    private mutating func readNode(_ element: YAMLNode, _ index: Int) -> Node? {
        guard let fields = fields(of: element, .step, owner: outline.steps[index].place) else {
            return nil
        }
        let condition = readCondition(fields, index)
        // What the condition proves holds wherever the step is.
        outline.steps[index].proven = condition?.provesPresent ?? []
        let step = readStep(fields, index)
        return Node(condition: condition?.expression, body: .step(step))
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
        return condition(member, in: context(of: .forward(index)))
    }

    private mutating func readStep(_ fields: Fields, _ index: Int) -> Step {
        let position = outline.position(of: index)
        var step = Step(name: name(fields, "step", .step) ?? "", subject: "")
        step.work = .command(
            subject: name(fields, "command", .subject) ?? "",
            body: fields["with"].flatMap {
                template(of: $0.value, in: context(of: .forward(index)))
            }?.template)
        step.timeout = duration(fields, "timeout") ?? defaults.timeout
        step.isPivot = flag(fields, "pivot") ?? false
        step.isOptional = readOptional(fields, position)
        step.retry = readStepRetry(fields, position)
        step.unknown = readUnknown(fields, position, isOptional: step.isOptional)
        step.failed = readFailed(fields, position, isOptional: step.isOptional)
        step.outcomes = readOutcomes(fields, index)
        step.compensation = readCompensation(fields, index)
        return step
    }

    private mutating func readOptional(_ fields: Fields, _ position: PivotPosition) -> Bool {
        guard let isOptional = flag(fields, "optional"), isOptional, let member = fields["optional"]
        else { return false }
        if position == .pivot {
            diagnostics.error(
                .pivotNotCertain, at: member.nameSpan,
                "the pivot decides whether the saga goes on: it cannot be `optional`",
                fix: "remove one of the two")
        }
        return true
    }

    /// After the pivot a final no asks an operator, since the saga cannot turn round.
    private mutating func readFailed(
        _ fields: Fields, _ position: PivotPosition, isOptional: Bool
    ) -> FailedPolicy {
        let usual: FailedPolicy = position == .after && !isOptional ? .stuck : .reject
        let failed = word(fields, "failed", among: [FailedPolicy.reject, .stuck])
        if let failed, failed == .reject, position == .after, !isOptional,
            let member = fields["failed"]
        {
            reportTurn(member, "`failed: reject` would turn the saga round", fix: "write `stuck`")
        }
        return failed ?? usual
    }

    /// Reports what would turn a saga round after its pivot.
    mutating func reportTurn(_ member: YAMLMember, _ what: String, fix: String) {
        let pivot = outline.pivot.flatMap { outline.steps[$0].name } ?? ""
        diagnostics.error(
            .rejectAfterPivot, at: member.place,
            "\(what), and there is no way back after the pivot `\(pivot)`", fix: fix)
    }
}

// `outcomes`.
extension DefinitionReader {
    private mutating func readOutcomes(_ fields: Fields, _ index: Int) -> [Outcome] {
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
