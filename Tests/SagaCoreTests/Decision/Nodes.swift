@testable import SagaCore
import Testing

/// Nodes and sagas that stories of many nodes are made of.
enum Nodes {
    /// A step that sends `do.NAME` once, and is taken back by `undo.NAME`.
    static func step(
        _ name: String, retry: RetryPolicy = .none, unknown: UnknownPolicy = .compensate,
        isOptional: Bool = false, blocks: Bool = false, body: Template? = nil,
        undoBody: Template? = nil, when condition: Expression? = nil
    ) -> Node {
        Node(
            condition: condition,
            body: .step(
                Step(
                    name: name, subject: "do.\(name)", body: body, timeout: .seconds(10),
                    retry: retry, unknown: unknown, isOptional: isOptional,
                    outcomes: [Outcome(name: "done"), Outcome(name: "no", then: .reject)],
                    compensation: Compensation(
                        subject: "undo.\(name)", body: undoBody,
                        retry: RetryPolicy(attempts: 1), blocks: blocks))))
    }

    static func pivot(_ name: String = "pivot") -> Node {
        Node(
            body: .step(
                Step(name: name, subject: "do.\(name)", unknown: .stuck, isPivot: true)))
    }

    static func parallel(
        _ branches: [(String, [Node])], name: String = "parallel#1",
        when condition: Expression? = nil
    ) -> Node {
        let branches = branches.map { Parallel.Branch(name: $0.0, nodes: $0.1) }
        return Node(
            condition: condition, body: .parallel(Parallel(name: name, branches: branches)))
    }

    /// The nodes once for each of `input.items`, or of what else the list is.
    static func each(
        _ nodes: [Node], name: String = "each#1", as element: String = "item",
        of list: Expression = .field(.variable(.input), "items"),
        atMost: Int = Each.atMostDefault, max: Int = Each.maxDefault,
        when condition: Expression? = nil
    ) -> Node {
        Node(
            condition: condition,
            body: .each(
                Each(
                    name: name, list: list, element: element, nodes: nodes, atMost: atMost,
                    max: max)))
    }

    static func saga(_ nodes: [Node], deadline: Duration? = nil) -> SagaDefinition {
        SagaDefinition(name: "nodes", version: 1, deadline: deadline, nodes: nodes)
    }

    static let action = OperatorAction(by: "kim", reason: "the customer called")
}

extension Story {
    /// The open command of that step is answered.
    @discardableResult
    mutating func answer(
        _ path: NodePath, _ answer: Reply.Answer = .done,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Decision {
        try self.answer(path, .command, answer, sourceLocation)
    }

    /// The compensation of that step is answered.
    @discardableResult
    mutating func undo(
        _ path: NodePath, _ answer: Reply.Answer = .done,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Decision {
        try self.answer(path, .compensation, answer, sourceLocation)
    }

    private mutating func answer(
        _ path: NodePath, _ kind: CommandKind, _ answer: Reply.Answer,
        _ sourceLocation: SourceLocation
    ) throws -> Decision {
        guard open(path, kind) != nil else {
            Issue.record("no \(kind) of \(path) is open", sourceLocation: sourceLocation)
            throw Unexpected()
        }
        return try when(reply(to: path, kind, answer), sourceLocation: sourceLocation)
    }

    /// How far a node is.
    func phase(_ path: NodePath) -> StepPhase? { state.steps[path]?.phase }
}

extension Decision {
    /// The commands sent, as `SUBJECT PATH`.
    var sent: [String] {
        effects.compactMap { effect in
            switch effect {
            case .send(let sent): "\(sent.command.subject) \(sent.command.path)"
            case .raise, .storeAppended, .order, .tellParent: nil
            }
        }
    }

    /// The bodies of the commands sent.
    var bodies: [Value] {
        effects.compactMap { effect in
            switch effect {
            case .send(let sent):
                switch sent.command.body {
                case .document: sent.document
                case .value(let body): body
                }
            case .raise, .storeAppended, .order, .tellParent: nil
            }
        }
    }

    /// The orders to child sagas.
    var orders: [ChildOrder] {
        effects.compactMap { effect in
            switch effect {
            case .order(let order): order
            case .raise, .storeAppended, .send, .tellParent: nil
            }
        }
    }

    /// What the parent saga is told.
    var reports: [ParentReport] {
        effects.compactMap { effect in
            switch effect {
            case .tellParent(let report): report
            case .raise, .storeAppended, .send, .order: nil
            }
        }
    }
}
