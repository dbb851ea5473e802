internal import SagaCore

/// Where an expression stands.
enum ExpressionPlace {
    /// The saga's `key`: before there is a saga.
    case key
    /// A value of `set`: while the document is made.
    case set
    /// What is evaluated when the node at that index is entered.
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

/// From where the steps are seen.
struct StepsView: Equatable {
    /// The node at which an expression stands; nil is the end.
    var from: Int?
    /// Whether the saga may have turned round anywhere before.
    var isTurned: Bool
    /// What conditions prove there.
    var proven: Set<Variable>
}

// What expressions may use.
extension DefinitionReader {
    mutating func context(of place: ExpressionPlace) -> ExpressionContext {
        var context = ExpressionContext(
            input: inputType, hasKey: true, hasSaga: true, steps: [:], hasNow: true)
        context.reasons = reasons
        switch place {
        case .key:
            context = ExpressionContext(input: inputType, reasons: keyReasons)
        case .set:
            context.steps = nil
            context.reasons["steps"] = "the document is made before the first step"
        case .forward(let index): stand(&context, at: index)
        case .outcome(let index, let isTimeout):
            stand(&context, at: index)
            // A timeout brings no reply: its data is empty.
            context.result =
                isTimeout
                ? .map(fields: [:], isOpen: false) : outline.nodes[index].resultType
        case .compensation(let index): compensate(&context, index)
        case .compensationEvent(let index):
            compensate(&context, index)
            context.result = .anyMap
        case .completed: context.steps = visibility(from: nil)
        case .compensated:
            context.steps = visibility(from: nil, isTurned: true)
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
            "index": "`index` is an element's place in its list: it exists inside `each` only",
        ]
    }

    private var keyReasons: [String: String] {
        let before = "the key is known before the saga starts, from what was posted alone"
        var reasons = self.reasons
        for name in ["key", "saga", "steps", "now"] { reasons[name] = before }
        return reasons
    }

    private mutating func stand(_ context: inout ExpressionContext, at index: Int) {
        context.steps = visibility(from: index)
        for around in outline.ancestors(of: index).reversed() {
            guard let element = outline.nodes[around].element else { continue }
            if let name = element.name { context.elements[name] = element.type }
            context.elements["index"] = .int
        }
    }

    private mutating func compensate(_ context: inout ExpressionContext, _ index: Int) {
        let node = outline.nodes[index]
        stand(&context, at: index)
        if let name = node.name {
            context.steps?[name] = StepVisibility(
                resultType: node.resultType, isPossiblyMissing: true,
                missingBecause: "`\(name)` may have had no reply when it is compensated")
        }
        context.hasFailure = !node.isOptional
        if node.isOptional {
            context.reasons["failure"] =
                "an optional step is compensated while the saga goes on, so there may be no"
                + " `failure`"
        }
    }
}

// What expressions may use of the steps.
extension DefinitionReader {
    /// What an expression at the node of that index, or at the end, may use of every step.
    private mutating func visibility(
        from index: Int?, isTurned: Bool = false
    ) -> [String: StepVisibility] {
        var proven: Set<Variable> = []
        for node in index.map({ [$0] + outline.ancestors(of: $0) }) ?? [] {
            proven.formUnion(outline.nodes[node].proven)
        }
        let view = StepsView(from: index, isTurned: isTurned, proven: proven)
        // A node's expressions see the same steps, mostly one after the other.
        if let lastView, lastView.view == view { return lastView.steps }
        let steps = steps(in: view)
        lastView = (view, steps)
        return steps
    }

    private func steps(in view: StepsView) -> [String: StepVisibility] {
        let branches = outline.branches(around: view.from)
        var steps: [String: StepVisibility] = [:]
        for (place, node) in outline.nodes.enumerated() where node.isStep {
            guard let name = node.name, steps[name] == nil else { continue }
            switch outline.standing(of: place, from: view.from, in: branches) {
            case .itself:
                steps[name] = unusable(
                    "`\(name)` is the step itself; its reply's data is `result`, in an outcome's"
                        + " `data`")
            case .later: steps[name] = unusable("`\(name)` runs later")
            case .beside:
                steps[name] = unusable("`\(name)` runs at the same time, in another branch")
            case .earlier(let chain):
                steps[name] = earlier(chain, name, in: view)
            }
        }
        return steps
    }

    private func unusable(_ reason: String) -> StepVisibility {
        StepVisibility(resultType: .anyMap, unusable: reason)
    }

    /// What may be used of a step by its chain of nodes: the step, and what it stands in.
    private func earlier(
        _ chain: [Int], _ name: String, in view: StepsView
    ) -> StepVisibility {
        let turned =
            view.isTurned
            ? "`\(name)` may not have been reached before the saga turned round" : nil
        if let each = chain.lastIndex(where: { outline.nodes[$0].kind == .each }) {
            // An element that skipped the step is null in the list, which is there all the same.
            let because = turned ?? missing(name, among: chain[each...])
            return StepVisibility(
                isOutcomeAvailable: false, resultType: nil, resultsType: .any,
                isPossiblyMissing: because != nil && !view.proven.contains(.stepResults(name)),
                missingBecause: because)
        }
        let isProven =
            view.proven.contains(.stepResult(name)) || view.proven.contains(.stepOutcome(name))
        let because = turned ?? missing(name, among: chain[...])
        return StepVisibility(
            resultType: outline.nodes[chain[0]].resultType,
            isPossiblyMissing: because != nil && !isProven, missingBecause: because)
    }

    /// Why the step may not have happened although a later one is reached, or nil.
    private func missing(_ name: String, among chain: ArraySlice<Int>) -> String? {
        for node in chain.lazy.map({ outline.nodes[$0] }) {
            if node.hasCondition {
                return node.isStep
                    ? "`\(name)` may be skipped by its `when`"
                    : "`\(name)` stands in `\(node.name ?? "")`, which may be skipped by its"
                        + " `when`"
            }
            if node.isOptional, node.isStep { return "`\(name)` is optional" }
        }
        return nil
    }
}
