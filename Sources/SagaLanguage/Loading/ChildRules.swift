internal import SagaCore

/// What a saga that stands in another as its child must keep; of each the newest version counts,
/// which is the one that starts.
struct ChildRules {
    private let newest: [String: SagaDefinition]

    /// The rules among these definitions.
    init(_ definitions: [SagaDefinition]) {
        newest = Dictionary(definitions.map { ($0.name, $0) }) { one, other in
            one.version < other.version ? other : one
        }
    }

    /// What is wrong with a child.
    struct Problem: Equatable {
        var code: DiagnosticCode
        var message: String
        var fix: String?
    }

    /// What is wrong with a child of that parent, or nil.
    func problem(with child: ChildPlace, of parent: SagaDefinition) -> Problem? {
        guard let definition = newest[child.saga] else { return unknown(child.saga) }
        // An older version is not what its children would start.
        if parent.version == newest[parent.name]?.version,
            let way = way(from: child.saga, to: parent.name)
        {
            return circle(way, parent.name)
        }
        if definition.hasPivot, child.position != .pivot {
            return Problem(
                code: .childWithPivot,
                message: "`\(child.saga)` has a pivot, so it cannot be taken back once it has"
                    + " completed",
                fix: "make this step the pivot, or take the pivot out of `\(child.saga)`")
        }
        var seen: Set<String> = [child.saga]
        guard child.position == .after, let reason = reasonToReject(definition, &seen) else {
            return nil
        }
        return Problem(
            code: .rejectAfterPivot,
            message: "`\(child.saga)` may be compensated, since \(reason), and there is no way back"
                + " after the pivot",
            fix: "move the step before the pivot, or let nothing in `\(child.saga)` reject")
    }

    private func unknown(_ name: String) -> Problem {
        let near = nearest(to: name, among: newest.keys.sorted())
        return Problem(
            code: .unknownChild, message: "no file here defines the saga `\(name)`",
            fix: near.map { "did you mean `\($0)`?" } ?? "add the file that does")
    }

    private func circle(_ way: [String], _ parent: String) -> Problem {
        let shown = ([parent] + way).map { "`\($0)`" }.joined(separator: " → ")
        return Problem(
            code: .childReachesItself,
            message: "the saga starts itself by way of its children, without end: \(shown)",
            fix: "take one of these steps out")
    }
}

// Who starts whom.
extension ChildRules {
    /// The sagas from one to another, each a child of the one before; nil where there is no way.
    private func way(from start: String, to end: String) -> [String]? {
        var before: [String: String] = [:]
        var seen: Set<String> = [start]
        var open = [start]
        while let name = open.popLast() {
            if name == end { return steps(to: name, before) }
            for child in newest[name]?.childNames ?? [] where seen.insert(child).inserted {
                before[child] = name
                open.append(child)
            }
        }
        return nil
    }

    private func steps(to end: String, _ before: [String: String]) -> [String] {
        var way = [end]
        while let name = before[way[0]] { way.insert(name, at: 0) }
        return way
    }
}

// What turns a child round.
extension ChildRules {
    /// Why a saga may end compensated, as part of a sentence; nil where it cannot.
    ///
    /// An operator's cancel is no reason: it is refused for a child whose parent is past its pivot.
    /// Of the sagas that were `seen` nothing more can be found.
    private func reasonToReject(
        _ definition: SagaDefinition, _ seen: inout Set<String>
    ) -> String? {
        if definition.deadline != nil { return "it has a `deadline`" }
        for node in definition.nodes {
            if let reason = reasonToReject(node, &seen) { return reason }
        }
        return nil
    }

    private func reasonToReject(_ node: Node, _ seen: inout Set<String>) -> String? {
        switch node.body {
        case .step(let step):
            return reasonToReject(step, isConditional: node.condition != nil, &seen)
        case .parallel(let parallel):
            if node.condition != nil { return "the `when` of `\(node.name)` may fail" }
            for inner in parallel.branches.flatMap(\.nodes) {
                if let reason = reasonToReject(inner, &seen) { return reason }
            }
            return nil
        case .each: return "the list of `\(node.name)` may fail"
        case .wait(let wait):
            if node.condition != nil { return "the `when` of `\(node.name)` may fail" }
            switch wait.end {
            case .after: return nil
            case .at: return "the time of `\(node.name)` may fail"
            }
        }
    }

    private func reasonToReject(
        _ step: Step, isConditional: Bool, _ seen: inout Set<String>
    ) -> String? {
        if step.isOptional { return nil }
        if step.failed == .reject, isConditional || step.work.mayFail {
            return "`\(step.name)` may fail"
        }
        if let reason = reasonOfOutcome(step, &seen) { return reason }
        let compensates =
            switch step.unknown {
            case .compensate: step.mayBeUnknown
            case .probe(let probe): probe.otherwise == .compensate
            case .stuck: false
            }
        return compensates ? "nobody may know whether `\(step.name)` was done" : nil
    }

    private func reasonOfOutcome(_ step: Step, _ seen: inout Set<String>) -> String? {
        guard case .child(let child) = step.work else {
            return step.outcomes.first { $0.then == .reject }
                .map { "`\($0.name)` of `\(step.name)` rejects" }
        }
        guard seen.insert(child.saga).inserted, let definition = newest[child.saga] else {
            return nil
        }
        return reasonToReject(definition, &seen)
            .map { "its child `\(child.saga)` may be: \($0)" }
    }
}

extension Work {
    /// Whether the step may fail without an outcome: by an error, by an expression that has no
    /// value, or by a key that another saga has.
    fileprivate var mayFail: Bool {
        switch self {
        case .command: true
        case .ask(let question):
            !question.title.isConstant || !(question.show?.isConstant ?? true)
                || !question.excluded.isEmpty
        case .await: false
        case .child(let child): child.key != nil || !(child.body?.isConstant ?? true)
        }
    }
}

extension Template {
    fileprivate var isConstant: Bool {
        switch self {
        case .literal: true
        case .expression, .text, .list, .map: false
        }
    }
}

extension Step {
    /// Whether the step's time may be over without an outcome for it.
    fileprivate var mayBeUnknown: Bool {
        switch work {
        case .command: retry.attempts != nil && !outcomes.contains { $0.name == "timeout" }
        case .ask: false
        case .await: !outcomes.contains { $0.name == "timeout" }
        case .child: timeout != nil
        }
    }
}

extension SagaDefinition {
    fileprivate var hasPivot: Bool { steps.contains(where: \.isPivot) }

    /// The child sagas that its steps start, in file order.
    fileprivate var childNames: [String] {
        steps.compactMap { step in
            guard case .child(let child) = step.work else { return nil }
            return child.saga
        }
    }
}
