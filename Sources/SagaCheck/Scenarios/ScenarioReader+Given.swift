import SagaCore
import SagaLanguage

// `given`: how participants react.
extension ScenarioReader {
    mutating func readGiven(_ member: YAMLMember) -> [Target: [Reaction]] {
        guard let members = member.value.members else {
            reportType(member, expected: "a mapping of steps to what they answer")
            return [:]
        }
        var given: [Target: [Reaction]] = [:]
        for member in members {
            guard let target = target(member.name, at: member.nameSpan) else { continue }
            let nodes = member.value.elements ?? [member.value]
            let reactions = nodes.compactMap { reaction($0, to: target, member) }
            if nodes.isEmpty {
                reportType(member, expected: "an answer, or a list of answers, first attempt first")
            }
            given[target] = reactions
        }
        return given
    }

    /// The commands that `STEP`, `STEP.compensate`, `STEP.probe` or `STEP[i]` means.
    mutating func target(_ name: String, at place: YAMLSpan) -> Target? {
        var path = name
        var kind = CommandKind.command
        for (ending, meant) in [(".compensate", CommandKind.compensation), (".probe", .probe)]
        where name.hasSuffix(ending) {
            path = String(name.dropLast(ending.count))
            kind = meant
        }
        guard let step = step(path, at: place) else { return nil }
        guard step.commandKinds.contains(kind) else {
            diagnostics.error(
                .unknownStep, at: place, "the step `\(step.name)` sends no \(kind.rawValue)",
                fix: "its commands are "
                    + step.commandKinds.map { "`\(Target(path, $0).written)`" }.listed)
            return nil
        }
        return Target(path, kind)
    }

    /// The step of a path, an element's index aside.
    mutating func step(_ path: NodePath, at place: YAMLSpan) -> Step? {
        if let step = definition.step(at: path) { return step }
        let names = definition.steps.map(\.name)
        diagnostics.error(
            .unknownStep, at: place, "there is no step `\(path)`",
            fix: nearest(to: path, among: names).map { "did you mean `\($0)`?" }
                ?? "the steps are " + names.map { "`\($0)`" }.listed)
        return nil
    }

    private mutating func reaction(
        _ node: YAMLNode, to target: Target, _ owner: YAMLMember
    ) -> Reaction? {
        if let scalar = node.scalar, !scalar.text.isEmpty {
            let usual = definition.usualAnswer(to: target)
            switch scalar.text {
            case "timeout": return .timeout
            case "late": return .late(usual)
            case "duplicate": return .duplicate(usual)
            default:
                return answer(scalar.text, .map(Members()), to: target, node.span)
                    .map(Reaction.answer)
            }
        }
        guard let member = node.members?.first, node.members?.count == 1 else {
            diagnostics.error(
                .wrongType, at: node.isNull ? owner.nameSpan : node.firstPlace,
                "an answer must be an outcome's name, or one outcome with its data, is"
                    + " \(node.phrase)",
                fix: "write `OUTCOME`, `{OUTCOME: {…}}`, `timeout`, `late`, `duplicate` or"
                    + " `{error: {code: …, retriable: …}}`")
            return nil
        }
        return reaction(member, to: target)
    }

    private mutating func reaction(_ member: YAMLMember, to target: Target) -> Reaction? {
        switch member.name {
        case "error": return .answer(error(member))
        case "late", "duplicate":
            guard case .answer(let answer) = reaction(member.value, to: target, member) else {
                return nil
            }
            return member.name == "late" ? .late(answer) : .duplicate(answer)
        default:
            let data = member.value.isNull ? .map(Members()) : member.value.plainValue
            guard data.members != nil else {
                reportType(member, expected: "a mapping, the outcome's data")
                return nil
            }
            return answer(member.name, data, to: target, member.nameSpan).map(Reaction.answer)
        }
    }

    private mutating func answer(
        _ outcome: String, _ data: Value, to target: Target, _ place: YAMLSpan
    ) -> Reply.Answer? {
        guard definition.hasOutcome(outcome, target) else {
            let names = definition.outcomeNames(target)
            diagnostics.error(
                .unknownOutcome, at: place, "`\(target.written)` has no outcome `\(outcome)`",
                fix: nearest(to: outcome, among: names).map { "did you mean `\($0)`?" }
                    ?? "it has " + names.map { "`\($0)`" }.listed)
            return nil
        }
        return .outcome(outcome, data)
    }

    private mutating func error(_ member: YAMLMember) -> Reply.Answer {
        let members = members(
            of: member.value, "an error", ["code", "message", "retriable"],
            required: ["code"], owner: member.nameSpan)
        var isRetriable = true
        if let written = members["retriable"] {
            if case .bool(let truth) = written.value.scalar?.resolved {
                isRetriable = truth
            } else {
                reportType(written, expected: "`true` or `false`")
            }
        }
        return .error(
            code: members["code"].flatMap { text($0) } ?? "",
            message: members["message"].flatMap { text($0) } ?? "", isRetriable: isRetriable)
    }
}

// `operator`: what operators do.
extension ScenarioReader {
    mutating func readInterventions(_ member: YAMLMember) -> [Intervention] {
        guard let elements = list(member, of: "actions, such as `cancel: STEP`") else { return [] }
        return elements.compactMap { intervention($0) }
    }

    private mutating func intervention(_ node: YAMLNode) -> Intervention? {
        let members = members(
            of: node, "an operator's action", ["cancel", "retry", "settle", "outcome", "reason"],
            owner: node.firstPlace)
        let verbs = ["cancel", "retry", "settle"].compactMap { members[$0] }
        guard verbs.count == 1, let verb = verbs.first else {
            diagnostics.error(
                .missingKey, at: node.firstPlace,
                "an operator's action must have one of `cancel`, `retry`, `settle`",
                fix: "write `cancel: STEP`, `retry: STEP` or `settle: STEP`")
            return nil
        }
        guard let name = text(verb), let target = target(name, at: verb.place) else { return nil }
        let outcome = members["outcome"].flatMap { text($0) }
        if let outcome, let place = members["outcome"]?.place {
            _ = answer(outcome, .map(Members()), to: target, place)
        }
        let reason = members["reason"].flatMap { text($0) } ?? "the scenario says so"
        switch verb.name {
        case "cancel": return Intervention(.cancel, target, reason: reason)
        case "retry": return Intervention(.retry, target, reason: reason)
        default:
            if outcome == nil, target.kind == .command {
                diagnostics.error(
                    .missingKey, at: verb.nameSpan, "a step is settled with an outcome",
                    fix: "add `outcome: NAME`")
            }
            return Intervention(.settle(outcome: outcome), target, reason: reason)
        }
    }
}
