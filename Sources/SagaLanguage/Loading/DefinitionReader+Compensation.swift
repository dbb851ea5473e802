internal import SagaCore

// `compensate`.
extension DefinitionReader {
    /// What takes a step back; nil where there is nothing to undo.
    mutating func readCompensation(_ fields: Fields, _ index: Int) -> Compensation? {
        let position = outline.position(of: index)
        guard let member = fields["compensate"] else {
            reportMissingCompensation(fields, index, position)
            return nil
        }
        guard
            let written = compensationMapping(member, position, or: "a mapping with `command`")
        else { return nil }
        guard let compensation = self.fields(of: written, .compensation) else { return nil }
        return readCompensation(from: compensation, index)
    }

    /// The mapping of a `compensate`; nil where it is `none` or wrong.
    mutating func compensationMapping(
        _ member: YAMLMember, _ position: PivotPosition, or mapping: String
    ) -> YAMLMember? {
        if let scalar = member.value.scalar {
            if scalar.text != "none" {
                reportUnknownWord(member, among: ["none"], or: mapping)
            }
            return nil
        }
        if position == .after {
            diagnostics.error(
                .compensateAfterPivot, at: member.nameSpan,
                "a step after the pivot is never taken back",
                fix: "remove it, or write `compensate: none`")
        }
        return member
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

    /// Reports a step that says nothing of what takes it back, where it must.
    ///
    /// A commanded step before the pivot must; a question or an event leaves nothing to undo
    /// unless the file says so, and a child takes itself back.
    mutating func reportMissingCompensation(
        _ fields: Fields, _ index: Int, _ position: PivotPosition
    ) {
        let node = outline.nodes[index]
        let name = node.name.map { "`\($0)`" } ?? "this step"
        switch position {
        case .pivot: break
        case .before:
            guard node.kind == .command else { return }
            diagnostics.error(
                .missingCompensation, at: fields.owner,
                "nothing says how \(name) is taken back",
                fix: "add `compensate:` with its `command`, or `compensate: none` when there is"
                    + " nothing to undo")
        case .after:
            guard node.isOptional else { return }
            diagnostics.error(
                .missingCompensation, at: fields.owner,
                "\(name) is optional after the pivot, so it must leave nothing to undo",
                fix: "add `compensate: none`, or remove `optional: true`")
        }
    }
}
