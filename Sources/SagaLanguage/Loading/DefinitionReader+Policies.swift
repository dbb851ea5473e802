internal import SagaCore

/// What steps take that do not write their own.
struct StepDefaults {
    var timeout: Duration = .seconds(30)
    var retry = RetryPolicy()
}

// `defaults`, `retry` and `unknown`.
extension DefinitionReader {
    mutating func readDefaults(_ fields: Fields) {
        guard let member = fields["defaults"], let written = self.fields(of: member, .defaults)
        else { return }
        defaults.timeout = duration(written, "timeout") ?? defaults.timeout
        guard let retry = written["retry"], let policy = readRetry(retry, usual: RetryPolicy())
        else { return }
        defaults.retry = policy
        if policy.attempts == nil, !outline.hasDeadline,
            outline.nodes.indices.contains(where: { index in
                outline.nodes[index].kind == .command && outline.position(of: index) == .before
            })
        {
            reportUnbounded(retry)
        }
    }

    /// A step's own retry; what it does not write comes from the defaults, and after the pivot
    /// attempts have no limit unless the step writes one.
    mutating func readStepRetry(_ fields: Fields, _ position: PivotPosition) -> RetryPolicy {
        var usual = defaults.retry
        switch position {
        case .before: break
        case .pivot: if usual.attempts == nil { usual.attempts = RetryPolicy().attempts }
        case .after: usual.attempts = nil
        }
        guard let member = fields["retry"], let policy = readRetry(member, usual: usual) else {
            return usual
        }
        guard policy.attempts == nil else { return policy }
        switch position {
        case .before: if !outline.hasDeadline { reportUnbounded(member) }
        case .pivot:
            diagnostics.error(
                .unboundedRetry, at: member.place,
                "the pivot's attempts must end: until it is answered neither a cancel nor the"
                    + " deadline counts",
                fix: "bound the attempts; what follows them is `unknown`")
        case .after: break
        }
        return policy
    }

    private mutating func reportUnbounded(_ member: YAMLMember) {
        diagnostics.error(
            .unboundedRetry, at: member.place,
            "attempts without end before the pivot could leave the saga waiting for ever",
            fix: "add a `deadline` to the saga, or bound the attempts")
    }

    /// A retry, in which `usual` stands for what is not written; nil where it is wrong as a whole.
    mutating func readRetry(_ member: YAMLMember, usual: RetryPolicy) -> RetryPolicy? {
        if let scalar = member.value.scalar {
            switch scalar.text {
            case "none": return RetryPolicy.none
            case "forever":
                var policy = usual
                policy.attempts = nil
                return policy
            default:
                reportUnknownWord(
                    member, among: ["none", "forever"], or: "a mapping such as `{attempts: 5}`")
                return nil
            }
        }
        guard let fields = fields(of: member, .retry) else { return nil }
        var policy = usual
        policy.attempts = whole(fields, "attempts") ?? usual.attempts
        policy.initial = duration(fields, "initial") ?? usual.initial
        policy.factor = number(fields, "factor", atLeast: 1) ?? usual.factor
        policy.max = duration(fields, "max") ?? Swift.max(usual.max, policy.initial)
        policy.jitter = percentage(fields, "jitter") ?? usual.jitter
        if policy.max < policy.initial, let max = fields["max"] {
            diagnostics.error(
                .outOfRange, at: max.place,
                "`max` is \(DurationText.text(of: policy.max)), shorter than the first wait of"
                    + " \(DurationText.text(of: policy.initial))",
                fix: "make it at least \(DurationText.text(of: policy.initial))")
        }
        return policy
    }

    /// A share written as text, `20%`, as a number from 0 to 1.
    private mutating func percentage(_ fields: Fields, _ key: String) -> Double? {
        guard let member = fields[key] else { return nil }
        guard let text = member.value.scalar?.text, text.hasSuffix("%"),
            let number = Double(text.dropLast()), number.isFinite
        else {
            let number = member.value.scalar.flatMap { Double($0.text) }
            let percent = number.map { Value.double($0 <= 1 ? $0 * 100 : $0).jsonText }
            reportType(
                member, expected: "a share such as `20%`", fix: percent.map { "write `\($0)%`" })
            return nil
        }
        guard (0...100).contains(number) else {
            diagnostics.error(
                .outOfRange, at: member.place, "`\(key)` must be from 0% to 100%, is `\(text)`")
            return nil
        }
        return number / 100
    }

    /// What happens when nobody knows whether a step was done that cannot be asked: one that
    /// awaits an event or a child.
    mutating func readUnknownWord(
        _ fields: Fields, _ index: Int, isOptional: Bool
    ) -> UnknownPolicy {
        let position = outline.position(of: index)
        let mustStay = position == .pivot || position == .after && !isOptional
        guard let member = fields["unknown"] else {
            if position == .pivot { reportPivotUnknown(at: fields.owner, "add `unknown: stuck`") }
            return mustStay ? .stuck : .compensate
        }
        if member.value.members != nil {
            diagnostics.error(
                .wrongType, at: member.place,
                "`unknown` must be `compensate` or `stuck`, is a mapping",
                fix: "only a participant that was sent a command can be probed")
            return .stuck
        }
        switch word(fields, "unknown", among: [ProbePolicy.Otherwise.compensate, .stuck]) {
        case .compensate:
            if mustStay { reportCompensating(member, position) }
            return .compensate
        case .stuck, nil: return .stuck
        }
    }

    /// What happens when nobody knows whether the step was done.
    mutating func readUnknown(
        _ fields: Fields, _ position: PivotPosition, isOptional: Bool
    ) -> UnknownPolicy {
        let mustStay = position == .pivot || position == .after && !isOptional
        guard let member = fields["unknown"] else {
            if position == .pivot {
                reportPivotUnknown(
                    at: fields.owner,
                    "add `unknown: {probe: SUBJECT, every: 2s, for: 1m, otherwise: stuck}`"
                        + " or `unknown: stuck`")
            }
            return mustStay ? .stuck : .compensate
        }
        if let scalar = member.value.scalar {
            switch scalar.text {
            case "stuck": return .stuck
            case "compensate":
                if mustStay { reportCompensating(member, position) }
                return .compensate
            default:
                reportUnknownWord(
                    member, among: ["compensate", "stuck"], or: "a mapping with `probe`")
                return .stuck
            }
        }
        guard let probe = self.fields(of: member, .probe) else { return .stuck }
        return .probe(readProbe(probe, position, mustStay: mustStay))
    }

    private mutating func readProbe(
        _ fields: Fields, _ position: PivotPosition, mustStay: Bool
    ) -> ProbePolicy {
        let otherwise = word(
            fields, "otherwise", among: [ProbePolicy.Otherwise.compensate, .stuck])
        if otherwise == .compensate, mustStay, let member = fields["otherwise"] {
            reportCompensating(member, position)
        }
        return ProbePolicy(
            subject: name(fields, "probe", .subject) ?? "",
            every: duration(fields, "every") ?? .seconds(1),
            for: duration(fields, "for") ?? .seconds(1), otherwise: otherwise ?? .stuck)
    }

    private mutating func reportCompensating(_ member: YAMLMember, _ position: PivotPosition) {
        if position == .pivot {
            diagnostics.error(
                .pivotUnknown, at: member.place,
                "the pivot may have happened, and then there is no way back:"
                    + " `\(member.name): compensate` cannot be",
                fix: "write `stuck`, so that an operator decides")
        } else {
            reportTurn(
                member, "`\(member.name): compensate` would turn the saga round",
                fix: "write `stuck`")
        }
    }

    private mutating func reportPivotUnknown(at place: YAMLSpan, _ fix: String) {
        diagnostics.error(
            .pivotUnknown, at: place,
            "the pivot must say what happens when nobody knows whether it was done", fix: fix)
    }
}
