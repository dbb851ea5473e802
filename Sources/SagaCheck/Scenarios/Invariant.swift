package import SagaCore
package import SagaLanguage

/// What must hold in every state of a saga, in the author's words.
package struct Invariant: Equatable, Sendable {
    /// What it says, for people.
    package var name: String
    /// True wherever the saga is as it should be.
    package var condition: Expression

    /// Reads the one `${…}` of an invariant.
    ///
    /// It sees `status` (text), `events` (the names raised so far, in order) and, of each step,
    /// `steps.NAME.state` (`waiting` before it is entered), `steps.NAME.outcome` and
    /// `steps.NAME.compensation` (`null` where there is none).
    package static func read(
        _ name: String, _ text: String, of definition: SagaDefinition
    ) -> Result<Invariant, ExpressionIssues> {
        do throws(ExpressionIssue) {
            let parts = try TemplateText.parts(of: text)
            guard parts.count == 1, case .expression(let expression, _) = parts[0] else {
                throw ExpressionIssue(
                    offset: 0, length: 1, message: "`holds` must be one `${…}` and nothing else",
                    fix: "put the whole condition between `${` and `}`", code: "not-an-expression")
            }
            return ExpressionCompiler.compile(
                expression, in: context(of: definition), expected: .bool
            ).map { Invariant(name: name, condition: $0.expression) }
        } catch {
            return .failure(ExpressionIssues([error]))
        }
    }

    private static func context(of definition: SagaDefinition) -> ExpressionContext {
        let step = ExpressionType.map(
            fields: [
                "state": .init(.string), "outcome": .init(.any), "compensation": .init(.any),
            ], isOpen: false)
        var steps: [String: ExpressionType.Field] = [:]
        for known in definition.steps { steps[known.name] = .init(step) }
        return ExpressionContext(elements: [
            "status": .string, "events": .list(.string),
            "steps": .map(fields: steps, isOpen: false),
        ])
    }

    /// Whether it holds of a saga that has raised those events; the text says why not.
    func violation(of state: SagaState, events: [String], steps: [Step]) -> String? {
        let scope = InvariantScope(state: state, events: events, steps: steps)
        do throws(ExpressionError) {
            return try condition.evaluate(in: scope).truth == true ? nil : "it is false here"
        } catch {
            return "it has no value here: \(error.message)"
        }
    }
}

/// What an invariant sees of a saga.
private struct InvariantScope: Scope {
    let state: SagaState
    let events: [String]
    let steps: [Step]

    func value(of variable: Variable) -> Value? {
        switch variable {
        case .element("status"): .string(state.status.rawValue)
        case .element("events"): .list(events.map(Value.string))
        case .element("steps"):
            .map(Members(steps.map { ($0.name, value(of: state.steps[$0.name])) }))
        case .input, .key, .sagaID, .sagaName, .sagaVersion, .stepOutcome, .stepResult,
            .stepResults, .result, .now, .failure, .element:
            nil
        }
    }

    private func value(of step: StepState?) -> Value {
        [
            "state": .string(step?.phase.rawValue ?? "waiting"),
            "outcome": step?.outcome.map(Value.string) ?? .null,
            "compensation": step?.compensation.map { .string($0.rawValue) } ?? .null,
        ]
    }
}
