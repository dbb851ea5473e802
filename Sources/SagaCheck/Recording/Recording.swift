package import SagaCore

/// A story that was told by a saga's journal.
package struct Recording: Equatable, Sendable {
    /// The story, with what came of it as what must come of it.
    package var scenario: Scenario
    /// What of it a scenario cannot tell, in words; none where it tells everything.
    package var leftOut: [String]

    /// Why no scenario tells a story.
    package struct Failure: Error, Equatable, Sendable {
        /// What differs where it is played.
        package var message: String
    }

    /// The story of the rows of a journal, from the first on, as JSON; checked by playing it.
    ///
    /// A scenario knows no times: an answer comes at once, or just after its attempt has timed out,
    /// and an operator acts as soon as that can be done. A story that comes to another status when
    /// it is told so is refused; what else of it comes out otherwise is left out of what is expected.
    ///
    /// - Parameters:
    ///   - input: the saga's document.
    ///   - status: the saga's status after the last row.
    package static func of(
        _ rows: [Value], input: Value, status: SagaStatus, name: String,
        _ definition: SagaDefinition
    ) throws(Failure) -> Recording {
        var reading = JournalReading(definition)
        for row in rows { reading.take(row) }
        var scenario = Scenario(name: name, input: definition.posted(input))
        scenario.given = reading.given
        scenario.interventions = reading.interventions
        scenario.expected.status = status
        scenario.expected.events = reading.events
        scenario.expected.compensated = reading.compensated
        scenario.expected.commands = reading.counts
        return try checked(scenario, definition)
    }

    private static func checked(
        _ scenario: Scenario, _ definition: SagaDefinition
    ) throws(Failure) -> Recording {
        var recording = Recording(scenario: scenario, leftOut: [])
        for difference in ScenarioResult.of(scenario, definition).differences {
            let words =
                "\(difference.subject): it was \(difference.expected), and comes out as "
                + difference.found
            switch difference.subject {
            case "events": recording.scenario.expected.events = nil
            case "compensated": recording.scenario.expected.compensated = nil
            case let subject where subject.hasPrefix("commands to "):
                recording.scenario.expected.commands[String(subject.dropFirst(12))] = nil
            default: throw Failure(message: words)
            }
            recording.leftOut.append(words)
        }
        return recording
    }
}

extension Recording {
    /// The story as a scenario file, whose only story it is.
    package func text(of definition: SagaDefinition) -> String {
        let scenario = scenario
        var text = "saga: \(definition.name)\nscenarios:\n"
        text += "  - name: \(Value.string(scenario.name).jsonText)\n"
        text += "    input: \(scenario.input.json.jsonText)\n"
        let given = scenario.given.sorted { $0.key.written < $1.key.written }
        if !given.isEmpty { text += "    given:\n" }
        for (target, reactions) in given {
            let list = Value.list(reactions.map(\.written))
            text += "      \(Value.string(target.written).jsonText): \(list.jsonText)\n"
        }
        if !scenario.interventions.isEmpty { text += "    operator:\n" }
        for act in scenario.interventions { text += "      - \(act.written.jsonText)\n" }
        text += "    expect:\n"
        let expected = scenario.expected
        if let status = expected.status { text += "      status: \(status.rawValue)\n" }
        for (name, list) in [("events", expected.events), ("compensated", expected.compensated)] {
            guard let list else { continue }
            text += "      \(name): \(Value.list(list.map(Value.string)).jsonText)\n"
        }
        if !expected.commands.isEmpty {
            let counts = expected.commands.sorted { $0.key < $1.key }
                .map { ($0.key, Value.double(Double($0.value))) }
            text += "      commands: \(Value.map(Members(counts)).jsonText)\n"
        }
        return text
    }
}

extension Reaction {
    /// The reaction as a scenario file has it.
    fileprivate var written: Value {
        switch self {
        case .answer(let answer): answer.written
        case .timeout: "timeout"
        case .late(let answer): ["late": answer.written]
        case .duplicate(let answer): ["duplicate": answer.written]
        }
    }
}

extension Reply.Answer {
    fileprivate var written: Value {
        switch self {
        case .outcome(let outcome, let data): .map(Members([(outcome, data.json)]))
        case .error(let code, let message, let isRetriable):
            .map(
                Members([
                    (
                        "error",
                        .map(
                            Members(
                                [("code", .string(code))]
                                    + (message.isEmpty ? [] : [("message", .string(message))])
                                    + [("retriable", .bool(isRetriable))]))
                    )
                ]))
        }
    }
}

extension Intervention {
    /// The action as a scenario file has it.
    fileprivate var written: Value {
        var members = Members()
        switch act {
        case .cancel: members["cancel"] = .string(target.written)
        case .retry: members["retry"] = .string(target.written)
        case .settle(let outcome):
            members["settle"] = .string(target.written)
            members["outcome"] = outcome.map(Value.string)
        }
        members["reason"] = .string(reason)
        return .map(members)
    }
}

extension SagaDefinition {
    /// What may have been posted for a document: the document itself, or, where the schema takes
    /// that not, what is left without the members that a start computes.
    fileprivate func posted(_ document: Value) -> Value {
        let schema = intake?.schema ?? inputSchema
        guard let schema, !schema.violations(of: document).isEmpty, var members = document.members
        else { return document }
        for name in (intake?.set.map(\.name) ?? []) + [intake?.idMember].compactMap({ $0 }) {
            members[name] = nil
        }
        return .map(members)
    }
}
