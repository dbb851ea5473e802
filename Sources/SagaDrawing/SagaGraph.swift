package import SagaCore
package import SagaLanguage

/// What a drawing shows of a definition: rows from the start to the end, each with what leads back.
package struct SagaGraph: Equatable, Sendable {
    /// The definition's name.
    var name: String
    /// The definition's version.
    var version: Int
    /// What the saga does, for people.
    var summary: String?
    /// How it starts.
    var start: Terminal
    /// The forward work, in order.
    var rows: [Row]
    /// The end when everything is done.
    var completed: Terminal
    /// The end when everything is taken back.
    var compensated: Terminal

    /// A start or an end.
    struct Terminal: Equatable, Sendable {
        /// What it is.
        var title: String
        /// The event raised there.
        var event: String?
    }

    /// One node and what leads on and back from it.
    struct Row: Equatable, Sendable {
        /// What the node is known by.
        var name: String
        /// What kind of node it is, with what is inside.
        var kind: Kind
        /// Whom it asks, or what it does, in a line.
        var headline: String
        /// Timeouts, retries and probes, a line each.
        var details: [String] = []
        /// The condition under which it is entered.
        var condition: String?
        /// What leads on, with the events raised.
        var continuing: [String] = []
        /// What turns the saga round and says that the step is not done.
        var rejecting: [String] = []
        /// What turns the saga round while the step may have happened; nil where nothing does.
        var unknown: String?
        /// What takes it back, in the order in which it was done.
        var takenBack: [TakenBack] = []
        /// Whether it is the point of no return.
        var isPivot = false
    }

    /// A kind of node.
    indirect enum Kind: Equatable, Sendable {
        /// A step, whomever it asks.
        case step
        /// Branches by name, side by side.
        case parallel([(name: String, rows: [Row])])
        /// Nodes that run once per element.
        case each([Row])
        /// A timer.
        case wait

        static func == (left: Kind, right: Kind) -> Bool {
            switch (left, right) {
            case (.step, .step), (.wait, .wait): true
            case (.each(let one), .each(let other)): one == other
            case (.parallel(let one), .parallel(let other)):
                one.map(\.name) == other.map(\.name) && one.map(\.rows) == other.map(\.rows)
            case (.step, _), (.wait, _), (.each, _), (.parallel, _): false
            }
        }
    }

    /// A step with what takes it back.
    struct TakenBack: Equatable, Sendable {
        /// The step.
        var step: String
        /// The compensation's subject, or what else takes it back.
        var headline: String
        /// The event raised when it is done.
        var event: String?
    }

    /// What a drawing shows of a loaded definition.
    package init(_ loaded: LoadedDefinition) {
        self.init(loaded.definition, canonical: (try? Value(json: loaded.canonicalText)) ?? .null)
    }

    /// What a drawing shows of a definition; the conditions as its canonical source has them.
    package init(_ definition: SagaDefinition, canonical: Value) {
        self.init(definition, conditions: Self.conditions(in: canonical["steps"] ?? .null))
    }

    /// What a drawing shows of a definition; the conditions as they are written, in file order.
    package init(_ definition: SagaDefinition, conditions: [String] = []) {
        name = definition.name
        version = definition.version
        summary = definition.summary
        start = Terminal(
            title: definition.intake.map { "POST \($0.path)" } ?? "start",
            event: definition.intake?.event)
        var reader = RowReader(conditions: conditions[...])
        rows = definition.nodes.map { reader.row($0) }
        completed = Terminal(title: "completed", event: definition.finish.completed?.event)
        compensated = Terminal(title: "compensated", event: definition.finish.compensated?.event)
    }

    /// The conditions of nodes in file order, as they are written.
    private static func conditions(in nodes: Value) -> [String] {
        (nodes.elements ?? []).flatMap { node in
            var found = node["when"]?.text.map { [bare($0)] } ?? []
            for branch in node["parallel"]?.members ?? Members() {
                found += conditions(in: branch.value)
            }
            found += conditions(in: node["steps"] ?? .null)
            return found
        }
    }

    private static func bare(_ text: String) -> String {
        text.hasPrefix("${") && text.hasSuffix("}") ? String(text.dropFirst(2).dropLast()) : text
    }
}

/// Turns nodes into rows; everything that depends on a kind of node or of work stands here.
private struct RowReader {
    var conditions: ArraySlice<String>

    mutating func row(_ node: Node) -> SagaGraph.Row {
        let condition = node.condition == nil ? nil : conditions.popFirst() ?? "its condition holds"
        var row: SagaGraph.Row
        switch node.body {
        case .step(let step): row = self.row(step)
        case .parallel(let parallel):
            var branches: [(name: String, rows: [SagaGraph.Row])] = []
            for branch in parallel.branches {
                branches.append((branch.name, branch.nodes.map { self.row($0) }))
            }
            row = container(
                parallel.name, .parallel(branches), "all at the same time",
                branches.flatMap(\.rows))
        case .each(let each):
            let rows = each.nodes.map { self.row($0) }
            row = container(
                each.name, .each(rows), "for each \(each.element), at most \(each.atMost) at once",
                rows)
        case .wait(let wait):
            row = SagaGraph.Row(name: wait.name, kind: .wait, headline: words(for: wait.end))
        }
        row.condition = condition
        return row
    }

    /// A node around others: what leads back from any of them leads back from it.
    private func container(
        _ name: String, _ kind: SagaGraph.Kind, _ headline: String, _ inner: [SagaGraph.Row]
    ) -> SagaGraph.Row {
        var row = SagaGraph.Row(name: name, kind: kind, headline: headline)
        row.rejecting = inner.contains { !$0.rejecting.isEmpty } ? ["one of them rejects"] : []
        row.unknown = inner.contains { $0.unknown != nil } ? "no answer" : nil
        row.takenBack = inner.flatMap(\.takenBack)
        return row
    }

    private func words(for end: Wait.End) -> String {
        switch end {
        case .after(let duration): "waits \(DurationText.text(of: duration))"
        case .at: "waits until a time"
        }
    }

    private func row(_ step: Step) -> SagaGraph.Row {
        var row = SagaGraph.Row(name: step.name, kind: .step, headline: headline(step.work))
        row.isPivot = step.isPivot
        row.details = details(step)
        row.continuing = step.outcomes.filter { $0.then == .continue }.map(words)
        var refusing = step.outcomes.filter { $0.then == .reject }.map(words)
        if step.mayFail, step.failed == .reject || step.isOptional {
            refusing.append("final error")
        }
        let unanswered = step.mayGoUnanswered && !step.needsOperator ? "no answer" : nil
        if step.isOptional {
            let all = refusing + (unanswered.map { [$0] } ?? [])
            row.continuing += all.map { "\($0), and goes on without it" }
        } else {
            row.rejecting = refusing
            row.unknown = unanswered
        }
        if let compensation = step.compensation {
            row.takenBack = [
                SagaGraph.TakenBack(
                    step: step.name, headline: headline(compensation.work),
                    event: compensation.event?.event)
            ]
        }
        return row
    }

    private func words(_ outcome: Outcome) -> String {
        outcome.event.map { "\(outcome.name) ● \($0.event)" } ?? outcome.name
    }

    private func headline(_ work: Work) -> String {
        switch work {
        case .command(let subject, _): subject
        case .ask(let question): "a person decides" + (question.role.map { " (\($0))" } ?? "")
        case .await(let what): "awaits \(what)"
        case .child(let child): "saga \(child.saga)"
        }
    }

    private func headline(_ work: Compensation.Work) -> String {
        switch work {
        case .command(let subject, _): subject
        case .child: "the child takes itself back"
        }
    }

    private func details(_ step: Step) -> [String] {
        var lines: [String] = []
        if let timeout = step.timeout {
            lines.append(DurationText.text(of: timeout) + attempts(step))
        }
        if step.mayGoUnanswered, case .probe(let policy) = step.unknown {
            lines.append(
                "then asks \(policy.subject) every \(DurationText.text(of: policy.every))"
                    + " for \(DurationText.text(of: policy.duration))")
        }
        if step.isOptional { lines.append("optional: the saga goes on without it") }
        let decides = ": an operator decides"
        switch (step.mayGoUnanswered && step.needsOperator, step.failureNeedsOperator) {
        case (true, true): lines.append("no answer or final error" + decides)
        case (true, false): lines.append("no answer" + decides)
        case (false, true): lines.append("final error" + decides)
        case (false, false): break
        }
        return lines
    }

    /// How often a participant is asked; a person, an event and a child saga are asked once.
    private func attempts(_ step: Step) -> String {
        switch step.work {
        case .command:
            switch step.retry.attempts {
            case nil: ", tried until it is done"
            case 1: ", 1 attempt"
            case .some(let count): ", \(count) attempts"
            }
        case .ask, .await, .child: ""
        }
    }
}

/// How a step ends without one of its outcomes.
extension Step {
    /// Whether an answer can say that the step was not done, and name no outcome.
    fileprivate var mayFail: Bool {
        switch work {
        case .command, .child: true
        case .ask, .await: false
        }
    }

    /// Whether the wait for an answer can end without any; what is tried until it is done does
    /// not, nor does a child saga, and a question says what its timeout means.
    fileprivate var mayGoUnanswered: Bool {
        switch work {
        case .command: retry.attempts != nil
        case .await: timeout != nil && !outcomes.contains { $0.name == "timeout" }
        case .ask, .child: false
        }
    }

    /// Whether an operator decides where nobody knows whether the step was done.
    fileprivate var needsOperator: Bool {
        switch unknown {
        case .compensate: false
        case .stuck: true
        case .probe(let policy): policy.otherwise == .stuck
        }
    }

    /// Whether an operator decides where the step was not done and no outcome says why.
    fileprivate var failureNeedsOperator: Bool {
        switch failed {
        case .reject: false
        case .stuck: mayFail && !isOptional
        }
    }
}
