internal import SagaCore

// `compensate`.
extension DefinitionReader {
    /// What takes a step back; nil where there is nothing to undo.
    mutating func readCompensation(_ fields: Fields, _ index: Int) -> Compensation? {
        let position = outline.position(of: index)
        guard let member = fields["compensate"] else {
            reportMissing(fields, index, position)
            return nil
        }
        if let scalar = member.value.scalar {
            if scalar.text != "none" {
                reportUnknownWord(member, among: ["none"], or: "a mapping with `command`")
            }
            return nil
        }
        if position == .after {
            diagnostics.error(
                .compensateAfterPivot, at: member.nameSpan,
                "a step after the pivot is never taken back",
                fix: "remove it, or write `compensate: none`")
        }
        guard let compensation = self.fields(of: member, .compensation) else { return nil }
        return readCompensation(from: compensation, index)
    }

    private mutating func readCompensation(from fields: Fields, _ index: Int) -> Compensation {
        var compensation = Compensation(
            subject: name(fields, "command", .subject) ?? "",
            body: fields["with"].flatMap {
                template(of: $0.value, in: context(of: .compensation(index)))
            }?.template)
        compensation.timeout = duration(fields, "timeout") ?? defaults.timeout
        if let retry = fields["retry"] {
            compensation.retry = readRetry(retry, usual: .forever) ?? .forever
        }
        compensation.event = readEvent(
            fields, in: context(of: .compensationEvent(index)), as: .compensation)
        compensation.blocks = flag(fields, "blocks") ?? false
        return compensation
    }

    private mutating func reportMissing(
        _ fields: Fields, _ index: Int, _ position: PivotPosition
    ) {
        let name = outline.steps[index].name.map { "`\($0)`" } ?? "this step"
        switch position {
        case .pivot: break
        case .before:
            diagnostics.error(
                .missingCompensation, at: fields.owner,
                "nothing says how \(name) is taken back",
                fix: "add `compensate:` with its `command`, or `compensate: none` when there is"
                    + " nothing to undo")
        case .after:
            guard outline.steps[index].isOptional else { return }
            diagnostics.error(
                .missingCompensation, at: fields.owner,
                "\(name) is optional after the pivot, so it must leave nothing to undo",
                fix: "add `compensate: none`, or remove `optional: true`")
        }
    }
}
