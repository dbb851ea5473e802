internal import SagaCore

// Steps of every kind.
extension DefinitionReader {
    mutating func readCommandStep(_ fields: Fields, _ index: Int) -> Step {
        let position = outline.position(of: index)
        let work = Work.command(
            subject: name(fields, "command", .subject) ?? "",
            body: fields["with"].flatMap {
                template(of: $0.value, in: context(of: .forward(index)))
            }?.template)
        var step = readStep(fields, index, work)
        step.timeout = step.timeout ?? defaults.timeout
        step.retry = readStepRetry(fields, position)
        step.unknown = readUnknown(fields, position, isOptional: step.isOptional)
        step.failed = readFailed(fields, position, isOptional: step.isOptional)
        step.outcomes = readOutcomes(fields, index)
        step.compensation = readCompensation(fields, index)
        return step
    }

    mutating func readAwaitStep(_ fields: Fields, _ index: Int) -> Step {
        let awaited = text(fields, "await")
        if let member = fields["await"], awaited == "" {
            reportType(member, expected: "what is awaited, in words")
        }
        var step = readStep(fields, index, .await(awaited ?? ""))
        step.unknown = readUnknownWord(fields, index, isOptional: step.isOptional)
        step.outcomes = readOutcomes(fields, index)
        step.compensation = readCompensation(fields, index)
        checkEnds(fields, index, "what is awaited may never come")
        checkTimeoutOutcome(fields)
        return step
    }

    /// What steps of all kinds have in common; `outcomes` and `compensate` follow, since they may
    /// use what the work brings.
    mutating func readStep(_ fields: Fields, _ index: Int, _ work: Work) -> Step {
        let position = outline.position(of: index)
        var step = Step(name: name(fields, "step", .step) ?? "", work: work, retry: .none)
        step.timeout = duration(fields, "timeout")
        step.isPivot = flag(fields, "pivot") ?? false
        step.isOptional = readOptional(fields, position)
        let mustStay = position == .pivot || position == .after && !step.isOptional
        step.unknown = mustStay ? .stuck : .compensate
        step.failed = usualFailed(position, isOptional: step.isOptional)
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
    private func usualFailed(_ position: PivotPosition, isOptional: Bool) -> FailedPolicy {
        position == .after && !isOptional ? .stuck : .reject
    }

    private mutating func readFailed(
        _ fields: Fields, _ position: PivotPosition, isOptional: Bool
    ) -> FailedPolicy {
        let failed = word(fields, "failed", among: [FailedPolicy.reject, .stuck])
        if let failed, failed == .reject, position == .after, !isOptional,
            let member = fields["failed"]
        {
            reportTurn(member, "`failed: reject` would turn the saga round", fix: "write `stuck`")
        }
        return failed ?? usualFailed(position, isOptional: isOptional)
    }

    /// Reports what would turn a saga round after its pivot.
    mutating func reportTurn(_ member: YAMLMember, _ what: String, fix: String) {
        let pivot = outline.pivot.flatMap { outline.nodes[$0].name } ?? ""
        diagnostics.error(
            .rejectAfterPivot, at: member.place,
            "\(what), and there is no way back after the pivot `\(pivot)`", fix: fix)
    }
}

// How long a question or an event is waited for.
extension DefinitionReader {
    /// A question and an awaited event end by a timeout of their own, or by the saga's deadline
    /// where that counts.
    mutating func checkEnds(_ fields: Fields, _ index: Int, _ danger: String) {
        guard fields["timeout"] == nil else { return }
        let why: String
        switch outline.position(of: index) {
        case .before:
            guard !outline.hasDeadline else { return }
            why = "\(danger), and the saga would wait for ever"
        case .pivot: why = "\(danger), and until the pivot is answered the deadline does not count"
        case .after: why = "\(danger), and after the pivot no deadline counts"
        }
        diagnostics.error(
            .endlessWait, at: fields.owner, why,
            fix: outline.position(of: index) == .before
                ? "add `timeout`, or a `deadline` to the saga" : "add `timeout`")
    }

    /// An outcome named `timeout` is taken by nobody else than the timeout.
    mutating func checkTimeoutOutcome(_ fields: Fields) {
        guard fields["timeout"] == nil,
            let outcome = fields["outcomes"]?.value.members?.first(where: { $0.name == "timeout" })
        else { return }
        diagnostics.error(
            .missingKey, at: outcome.nameSpan,
            "the outcome `timeout` is never taken: the step has no `timeout`",
            fix: "add `timeout` with its duration, or remove the outcome")
    }
}
