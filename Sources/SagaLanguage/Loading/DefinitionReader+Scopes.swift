internal import SagaCore

/// Where an expression stands.
enum ExpressionPlace {
    /// The saga's `key`: before there is a saga.
    case key
    /// A value of `set`: while the document is made.
    case set
    /// `when` and `with` of the step at that index.
    case forward(Int)
    /// The event of an outcome of the step at that index.
    case outcome(Int, isTimeout: Bool)
    /// The body of the compensation of the step at that index.
    case compensation(Int)
    /// The event of the compensation of the step at that index.
    case compensationEvent(Int)
    /// The end where all steps are done.
    case completed
    /// The end where everything is taken back.
    case compensated
}

// What expressions may use.
extension DefinitionReader {
    func context(of place: ExpressionPlace) -> ExpressionContext {
        var context = ExpressionContext(
            input: inputType, hasKey: true, hasSaga: true, steps: [:], hasNow: true)
        context.reasons = reasons
        switch place {
        case .key:
            context = ExpressionContext(input: inputType, reasons: keyReasons)
        case .set:
            context.steps = nil
            context.reasons["steps"] = "the document is made before the first step"
        case .forward(let index): context.steps = visibility(from: index)
        case .outcome(let index, let isTimeout):
            context.steps = visibility(from: index)
            // A timeout brings no reply: its data is empty.
            context.result = isTimeout ? .map(fields: [:], isOpen: false) : .anyMap
        case .compensation(let index): compensate(&context, index)
        case .compensationEvent(let index):
            compensate(&context, index)
            context.result = .anyMap
        case .completed: context.steps = visibility(from: outline.steps.count)
        case .compensated:
            context.steps = visibility(from: outline.steps.count, isTurned: true)
            context.hasFailure = true
        }
        return context
    }

    private var reasons: [String: String] {
        [
            "result": "`result` is the data of the reply at hand: it exists in the `data` of"
                + " outcomes and compensations only",
            "failure": "`failure` exists only once compensation began: in `compensate` and in"
                + " `finish.compensated`",
        ]
    }

    private var keyReasons: [String: String] {
        let before = "the key is known before the saga starts, from what was posted alone"
        var reasons = self.reasons
        for name in ["key", "saga", "steps", "now"] { reasons[name] = before }
        return reasons
    }

    private func compensate(_ context: inout ExpressionContext, _ index: Int) {
        let step = outline.steps[index]
        var steps = visibility(from: index)
        if let name = step.name {
            steps[name] = StepVisibility(
                resultType: .anyMap, isPossiblyMissing: true,
                missingBecause: "`\(name)` may have had no reply when it is compensated")
        }
        context.steps = steps
        context.hasFailure = !step.isOptional
        if step.isOptional {
            context.reasons["failure"] =
                "an optional step is compensated while the saga goes on, so there may be no"
                + " `failure`"
        }
    }

    /// What an expression at the node of that index may use of every step.
    private func visibility(
        from index: Int, isTurned: Bool = false
    ) -> [String: StepVisibility] {
        var steps: [String: StepVisibility] = [:]
        for name in outline.unavailableNames { steps[name] = StepVisibility() }
        let proven = outline.steps.indices.contains(index) ? outline.steps[index].proven : []
        for (place, step) in outline.steps.enumerated() {
            guard let name = step.name, steps[name] == nil else { continue }
            steps[name] =
                place < index
                ? earlier(step, name, isTurned: isTurned, proven)
                : StepVisibility(resultType: .anyMap, unusable: unusable(name, place == index))
        }
        return steps
    }

    private func unusable(_ name: String, _ isItself: Bool) -> String {
        isItself
            ? "`\(name)` is the step itself; its reply's data is `result`, in an outcome's `data`"
            : "`\(name)` runs later"
    }

    private func earlier(
        _ step: StepOutline, _ name: String, isTurned: Bool, _ proven: Set<Variable>
    ) -> StepVisibility {
        let isProven =
            proven.contains(.stepResult(name)) || proven.contains(.stepOutcome(name))
        let because =
            isTurned
            ? "`\(name)` may not have been reached before the saga turned round"
            : step.missingBecause
        return StepVisibility(
            resultType: .anyMap, isPossiblyMissing: because != nil && !isProven,
            missingBecause: because)
    }
}
