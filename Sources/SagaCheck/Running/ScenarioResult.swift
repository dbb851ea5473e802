package import SagaCore

/// What came of a scenario.
package struct ScenarioResult: Equatable, Sendable {
    /// The scenario.
    package var scenario: Scenario
    /// Where what came differs from what was expected; none where the scenario passes.
    package var differences: [Difference]
    /// What happened, lines that differ marked.
    package var timeline: Timeline

    /// One way in which a run differs.
    package struct Difference: Equatable, Sendable {
        /// What was looked at, such as `status`.
        package var subject: String
        /// What was expected.
        package var expected: String
        /// What was found.
        package var found: String
    }

    /// Whether everything was as expected.
    package var hasPassed: Bool { differences.isEmpty }

    /// Runs a scenario and compares.
    package static func of(_ scenario: Scenario, _ definition: SagaDefinition) -> ScenarioResult {
        switch Rehearsal.run(scenario, of: definition) {
        case .success(let run):
            var comparison = Comparison(run, scenario.expected)
            comparison.compare()
            return ScenarioResult(
                scenario: scenario, differences: comparison.differences,
                timeline: comparison.timeline)
        case .failure(let refusal):
            let difference = Difference(
                subject: "start", expected: "a saga that starts", found: refusal.message)
            return ScenarioResult(
                scenario: scenario, differences: [difference], timeline: Timeline())
        }
    }

    /// The differences and the timeline, for people.
    package var report: String {
        var text = ""
        for difference in differences {
            text += "    \(difference.subject)\n"
            text += "      expected: \(difference.expected)\n"
            text += "      found:    \(difference.found)\n"
        }
        let lines = timeline.text.split(separator: "\n")
        return text + lines.map { "   \($0)\n" }.joined()
    }
}

/// Compares a run with what was expected of it.
private struct Comparison {
    let run: RunResult
    let expected: Expectation
    var differences: [ScenarioResult.Difference] = []
    var timeline: Timeline

    init(_ run: RunResult, _ expected: Expectation) {
        self.run = run
        self.expected = expected
        timeline = run.timeline
    }

    mutating func compare() {
        compareStatus()
        compareEvents()
        if let steps = expected.compensated, steps != run.compensated {
            differ("compensated", steps.bracketed, run.compensated.bracketed)
        }
        for (subject, count) in expected.commands.sorted(by: { $0.key < $1.key }) {
            compareCount(subject, count)
        }
        for (event, data) in expected.data.sorted(by: { $0.key < $1.key }) {
            compareData(event, data)
        }
        for (path, word) in expected.steps.sorted(by: { $0.key < $1.key }) {
            compareStep(path, word)
        }
        if let failure = expected.failure {
            compare("failure", failure, run.state.failure?.value ?? .null, at: nil)
        }
    }

    private mutating func differ(_ subject: String, _ expected: String, _ found: String) {
        differences.append(.init(subject: subject, expected: expected, found: found))
    }

    private mutating func compareStep(_ path: NodePath, _ word: String) {
        let step = run.state.steps[path]
        guard word != step?.outcome, word != step?.phase.rawValue else { return }
        let elements = run.state.steps.keys.filter { $0.hasPrefix("\(path)[") }.sorted()
        if word == Expectation.neverEntered, step == nil, elements.isEmpty { return }
        let found = step.map { $0.outcome ?? $0.phase.rawValue }
        let places = elements.isEmpty ? Expectation.neverEntered : "entered as \(elements.listed)"
        differ("steps.\(path)", word, found ?? places)
    }

    private mutating func compareStatus() {
        guard let status = expected.status, status != run.state.status else { return }
        let note = run.isCutShort ? ", and still so after \(Rehearsal.inputLimit) inputs" : ""
        differ("status", status.rawValue, run.state.status.rawValue + note)
        let last = timeline.lines.lastIndex { $0.kind == .status }
        timeline.mark(last, "expected: \(status.rawValue)")
    }

    private mutating func compareEvents() {
        guard let names = expected.events else { return }
        let found = run.events.map(\.event)
        guard names != found else { return }
        differ("events", names.bracketed, found.bracketed)
        let same = zip(names, found).prefix { $0 == $1 }.count
        let places = timeline.lines.indices.filter { place in
            if case .raised = timeline.lines[place].kind { true } else { false }
        }
        let place = places.indices.contains(same) ? places[same] : nil
        if names.indices.contains(same) {
            timeline.mark(place, "expected: event \(names[same])")
        } else {
            timeline.mark(place, "expected: no further event")
        }
    }

    private mutating func compareCount(_ subject: String, _ count: Int) {
        let found = run.commands[subject] ?? 0
        guard found != count else { return }
        differ("commands to \(subject)", "\(count)", "\(found)")
        let places = timeline.lines.indices.filter {
            timeline.lines[$0].kind == .sent(subject: subject)
        }
        if found > count {
            timeline.mark(places[count], "expected: no more than \(count) on \(subject)")
        } else {
            timeline.mark(nil, "expected: \(count) on \(subject), \(found) were sent")
        }
    }

    private mutating func compareData(_ event: String, _ data: Value) {
        guard let raised = run.events.last(where: { $0.event == event }) else {
            return differ("data of \(event)", data.jsonText, "the event was not raised")
        }
        let place = timeline.lines.lastIndex { $0.kind == .raised(event: event) }
        compare("data of \(event)", data, raised.body, at: place)
    }

    private mutating func compare(
        _ subject: String, _ expected: Value, _ found: Value, at place: Int?
    ) {
        guard let (path, wanted, actual) = found.difference(from: expected) else { return }
        let found = actual?.jsonText ?? "missing"
        differ("\(subject)\(path)", wanted.jsonText, found)
        if let place {
            timeline.mark(place, "expected: \(path) \(wanted.jsonText), found: \(found)")
        }
    }
}

extension Value {
    /// The first place at which this value lacks what is expected: maps may have more members.
    func difference(from expected: Value) -> (path: String, expected: Value, found: Value?)? {
        switch (expected, self) {
        case (.map(let wanted), .map(let members)):
            for member in wanted {
                guard let value = members[member.name] else {
                    return (".\(member.name)", member.value, nil)
                }
                if let (path, one, other) = value.difference(from: member.value) {
                    return (".\(member.name)\(path)", one, other)
                }
            }
            return nil
        case (.list(let wanted), .list(let elements)) where wanted.count == elements.count:
            for (index, pair) in zip(wanted, elements).enumerated() {
                if let (path, one, other) = pair.1.difference(from: pair.0) {
                    return ("[\(index)]\(path)", one, other)
                }
            }
            return nil
        case (_, _): return expected == self ? nil : ("", expected, self)
        }
    }
}

extension [String] {
    /// The texts as a YAML list.
    fileprivate var bracketed: String { "[\(listed)]" }
}
