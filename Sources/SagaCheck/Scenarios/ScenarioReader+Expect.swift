import SagaCore
import SagaLanguage

// `expect`: what must come of it.
extension ScenarioReader {
    mutating func readExpectation(_ member: YAMLMember) -> Expectation {
        let keys = ["status", "events", "compensated", "commands", "data", "steps", "failure"]
        let members = members(of: member.value, "`expect`", keys, owner: member.nameSpan)
        var expected = Expectation()
        if let status = members["status"] { expected.status = readStatus(status) }
        if let events = members["events"] {
            expected.events = list(events, of: "events")?.compactMap { event($0, events) }
        }
        if let steps = members["compensated"] {
            expected.compensated = list(steps, of: "steps")?.compactMap { node in
                let path = node.scalar?.text ?? ""
                return step(path, at: node.firstPlace) == nil ? nil : path
            }
        }
        if let commands = members["commands"] { expected.commands = readCounts(commands) }
        if let data = members["data"] { expected.data = readData(data) }
        if let steps = members["steps"] { expected.steps = readSteps(steps) }
        if let failure = members["failure"] { expected.failure = failure.value.plainValue }
        return expected
    }

    private mutating func readStatus(_ member: YAMLMember) -> SagaStatus? {
        let words = SagaStatus.allCases.map(\.rawValue)
        guard let word = member.value.scalar?.text, let status = SagaStatus(rawValue: word) else {
            diagnostics.error(
                .unknownWord, at: member.place,
                "`status` must be \(words.map { "`\($0)`" }.joined(separator: " or ")), is"
                    + " \(member.value.phrase)",
                fix: nearest(to: member.value.scalar?.text ?? "", among: words)
                    .map { "did you mean `\($0)`?" })
            return nil
        }
        return status
    }

    private mutating func event(_ node: YAMLNode, _ owner: YAMLMember) -> String? {
        guard let name = node.scalar?.text, !name.isEmpty else {
            reportType(owner, expected: "a list of events' names")
            return nil
        }
        return checkEvent(name, at: node.span) ? name : nil
    }

    private mutating func checkEvent(_ name: String, at place: YAMLSpan) -> Bool {
        let names = definition.eventNames
        if names.contains(name) { return true }
        diagnostics.error(
            .unknownEvent, at: place, "`\(definition.name)` never raises `\(name)`",
            fix: nearest(to: name, among: names).map { "did you mean `\($0)`?" }
                ?? (names.isEmpty
                    ? "it raises none" : "it raises " + names.map { "`\($0)`" }.listed))
        return false
    }

    private mutating func readCounts(_ member: YAMLMember) -> [String: Int] {
        guard let members = member.value.members else {
            reportType(member, expected: "a mapping of subjects to numbers")
            return [:]
        }
        let subjects = definition.subjects
        var counts: [String: Int] = [:]
        for member in members {
            guard subjects.contains(member.name) else {
                diagnostics.error(
                    .unknownSubject, at: member.nameSpan,
                    "`\(definition.name)` sends nothing on `\(member.name)`",
                    fix: nearest(to: member.name, among: subjects).map { "did you mean `\($0)`?" }
                        ?? "it sends on " + subjects.map { "`\($0)`" }.listed)
                continue
            }
            guard case .whole(let count) = member.value.scalar?.resolved, count >= 0 else {
                reportType(member, expected: "a whole number from 0")
                continue
            }
            counts[member.name] = Int(count)
        }
        return counts
    }

    private mutating func readData(_ member: YAMLMember) -> [String: Value] {
        guard let members = member.value.members else {
            reportType(member, expected: "a mapping of events to members of their data")
            return [:]
        }
        var data: [String: Value] = [:]
        for member in members where checkEvent(member.name, at: member.nameSpan) {
            if member.value.members == nil { reportType(member, expected: "a mapping") }
            data[member.name] = member.value.plainValue
        }
        return data
    }

    private mutating func readSteps(_ member: YAMLMember) -> [NodePath: String] {
        guard let members = member.value.members else {
            reportType(member, expected: "a mapping of steps to outcomes or states")
            return [:]
        }
        var steps: [NodePath: String] = [:]
        for member in members {
            guard let step = step(member.name, at: member.nameSpan), let word = text(member) else {
                continue
            }
            let states = StepPhase.allCases.map(\.rawValue) + [Expectation.neverEntered]
            let known = step.outcomes.map(\.name) + states
            guard known.contains(word) else {
                diagnostics.error(
                    .unknownOutcome, at: member.place,
                    "`\(step.name)` has no outcome, and no step a state, `\(word)`",
                    fix: nearest(to: word, among: known).map { "did you mean `\($0)`?" }
                        ?? "its outcomes are "
                        + step.outcomes.map { "`\($0.name)`" }.listed)
                continue
            }
            steps[member.name] = word
        }
        return steps
    }

    // MARK: Invariants

    mutating func readInvariants(_ member: YAMLMember?) {
        guard let member, let elements = list(member, of: "invariants") else { return }
        for element in elements {
            let members = members(
                of: element, "an invariant", ["name", "holds"], required: ["name", "holds"],
                owner: element.firstPlace)
            guard let name = members["name"].flatMap({ text($0) }), let holds = members["holds"],
                let text = text(holds)
            else { continue }
            switch Invariant.read(name, text, of: definition) {
            case .success(let invariant): invariants.append(invariant)
            case .failure(let found):
                for issue in found.issues {
                    diagnostics.error(
                        DiagnosticCode(rawValue: issue.code), at: holds.place, issue.message,
                        fix: issue.fix)
                }
            }
        }
    }
}
