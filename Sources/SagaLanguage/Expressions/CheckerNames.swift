internal import SagaCore

extension Checker {
    mutating func checkName(_ name: String, at range: Range<Int>) -> Checked {
        if let local = locals.last(where: { $0.name == name }) {
            return Checked(.local(name), local.type)
        }
        if let type = context.elements[name] {
            return Checked(.variable(.element(name)), type)
        }
        if let (variable, type) = variables[name] { return Checked(.variable(variable), type) }
        switch name {
        case "saga" where context.hasSaga:
            return refuse(
                range, "incomplete-name", "'saga' is no value by itself",
                fix: "write saga.id, saga.name or saga.version")
        case "steps" where context.steps != nil:
            return refuse(
                range, "incomplete-name", "'steps' is no value by itself",
                fix: "write steps.NAME.outcome or steps.NAME.result")
        default: return refuseUnknown(name, at: range)
        }
    }

    /// The variables in scope that are values by themselves.
    private var variables: [String: (Variable, ExpressionType)] {
        var variables: [String: (Variable, ExpressionType)] = [:]
        if let input = context.input { variables["input"] = (.input, input) }
        if context.hasKey { variables["key"] = (.key, .string) }
        if let result = context.result { variables["result"] = (.result, result) }
        if context.hasNow { variables["now"] = (.now, .timestamp) }
        if context.hasFailure { variables["failure"] = (.failure, ExpressionContext.failureType) }
        return variables
    }

    /// Every name that may be written here, sorted.
    var namesInScope: [String] {
        var names = Set(variables.keys)
        names.formUnion(context.elements.keys)
        names.formUnion(locals.map(\.name))
        if context.hasSaga { names.insert("saga") }
        if context.steps != nil { names.insert("steps") }
        return names.sorted()
    }

    private mutating func refuseUnknown(_ name: String, at range: Range<Int>) -> Checked {
        if let reason = context.reasons[name] {
            return refuse(range, "not-in-scope", reason)
        }
        let names = namesInScope
        if ExpressionCompiler.variableNames.contains(name) {
            return refuse(
                range, "not-in-scope", "'\(name)' is not available here",
                fix: names.isEmpty ? nil : "what is: \(names.joined(separator: ", "))")
        }
        let scope =
            names.isEmpty
            ? "no variable is available here" : "what is: \(names.joined(separator: ", "))"
        return refuse(
            range, "unknown-variable", "there is no variable '\(name)'",
            fix: nearest(to: name, among: names).map { "did you mean \($0)?" } ?? scope)
    }

    /// Whether the name means the language's own, not one bound by a macro or an `each`.
    func isLanguageName(_ syntax: Syntax, _ name: String) -> Bool {
        guard case .name(name) = syntax.kind else { return false }
        let isBound = locals.contains { $0.name == name } || context.elements[name] != nil
        return !isBound && (name == "saga" ? context.hasSaga : context.steps != nil)
    }

    /// The part of `saga` of that name.
    mutating func checkSagaPart(_ name: Syntax.Name) -> Checked {
        switch name.text {
        case "id": return Checked(.variable(.sagaID), .string)
        case "name": return Checked(.variable(.sagaName), .string)
        case "version": return Checked(.variable(.sagaVersion), .int)
        default:
            let near = nearest(to: name.text, among: ["id", "name", "version"])
            return refuse(
                name.range, "unknown-field", "saga has no member '\(name.text)'",
                fix: near.map { "did you mean saga.\($0)?" }
                    ?? "write saga.id, saga.name or saga.version")
        }
    }

    /// The step that `steps.NAME` or `steps['NAME']` names; nil for any other syntax.
    func stepName(_ syntax: Syntax) -> Syntax.Name? {
        switch syntax.kind {
        case .member(let operand, let name) where isLanguageName(operand, "steps"): return name
        case .index(let operand, let index) where isLanguageName(operand, "steps"):
            guard case .literal(.string(let text)) = index.kind else { return nil }
            return Syntax.Name(text: text, range: index.range)
        case .literal, .name, .list, .map, .member, .index, .call, .unary, .binary, .conditional:
            return nil
        }
    }

    /// A part of a step, where it is used or, with `isAsked`, asked for by `has()`.
    mutating func checkStepPart(
        _ part: Syntax.Name, of step: Syntax.Name, isAsked: Bool
    ) -> Checked {
        guard let visibility = context.steps?[step.text] else { return refuseUnknownStep(step) }
        if let reason = visibility.unusable {
            return refuse(
                step.range, "unusable-step", "step '\(step.text)' cannot be used here: \(reason)")
        }
        guard let (variable, type) = variable(part.text, of: step.text, visibility) else {
            return refuseStepPart(part, of: step, visibility)
        }
        if isAsked { return asked(variable, ofStep: step.text) }
        if visibility.isPossiblyMissing, !present.contains(variable) {
            return refuseUnguarded(variable, type, of: step, visibility)
        }
        return Checked(.variable(variable), type)
    }

    private func variable(
        _ part: String, of step: String, _ visibility: StepVisibility
    ) -> (Variable, ExpressionType)? {
        switch part {
        case "outcome" where visibility.isOutcomeAvailable: (.stepOutcome(step), .string)
        case "result": visibility.resultType.map { (.stepResult(step), $0) }
        case "results": visibility.resultsType.map { (.stepResults(step), .list($0)) }
        default: nil
        }
    }

    /// `has()` of a step's part; a step with a result has an outcome too.
    private func asked(_ variable: Variable, ofStep step: String) -> Checked {
        var checked = Checked(.hasVariable(variable), .bool)
        checked.whenTrue = [variable]
        if variable == .stepResult(step) { checked.whenTrue.insert(.stepOutcome(step)) }
        return checked
    }

    private mutating func refuseUnguarded(
        _ variable: Variable, _ type: ExpressionType, of step: Syntax.Name,
        _ visibility: StepVisibility
    ) -> Checked {
        let because = visibility.missingBecause.map { ": \($0)" } ?? ""
        refuse(
            step.range, "unguarded-step", "\(variable) may be missing here\(because)",
            fix: "guard it: has(\(variable)) ? \(variable) : null")
        return Checked(.variable(variable), type)
    }

    private mutating func refuseUnknownStep(_ step: Syntax.Name) -> Checked {
        let known = (context.steps ?? [:]).keys.sorted()
        let fix: String?
        if let hyphened = known.first(where: { $0.hasPrefix("\(step.text)-") }) {
            fix = "write steps['\(hyphened)']: a name with '-' needs brackets and quotes"
        } else if let near = nearest(to: step.text, among: known) {
            fix = "did you mean \(near)?"
        } else {
            fix = known.isEmpty ? nil : "the steps are \(known.joined(separator: ", "))"
        }
        return refuse(step.range, "unknown-step", "there is no step '\(step.text)'", fix: fix)
    }

    private mutating func refuseStepPart(
        _ part: Syntax.Name, of step: Syntax.Name, _ visibility: StepVisibility
    ) -> Checked {
        var parts: [String] = []
        if visibility.isOutcomeAvailable { parts.append("outcome") }
        if visibility.resultType != nil { parts.append("result") }
        if visibility.resultsType != nil { parts.append("results") }
        let isKnown = ["outcome", "result", "results"].contains(part.text)
        let has =
            parts.isEmpty
            ? "nothing of it is" : "what is: \(parts.joined(separator: ", "))"
        return refuse(
            part.range, "unknown-field",
            isKnown
                ? "steps.\(step.text).\(part.text) is not available here"
                : "a step has no member '\(part.text)'",
            fix: nearest(to: part.text, among: parts).map { "did you mean \($0)?" } ?? has)
    }
}
