package import SagaCore

// The graph as data, for programs that draw it themselves.
extension SagaGraph {
    /// The graph as JSON: `{saga, version, description, start, nodes, completed, compensated}`.
    ///
    /// A node is `{name, kind, does, details, when, continuing, rejecting, unknown, taken_back,
    /// pivot}`, with `branches` where its kind is `parallel` and `nodes` where it is `each`.
    package var value: Value {
        .map(
            Members([
                ("saga", .string(name)), ("version", .double(Double(version))),
                ("description", summary.value), ("start", start.value),
                ("nodes", .list(rows.map(\.value))), ("completed", completed.value),
                ("compensated", compensated.value),
            ]))
    }
}

extension String? {
    fileprivate var value: Value { map(Value.string) ?? .null }
}

extension [String] {
    fileprivate var value: Value { .list(map(Value.string)) }
}

extension SagaGraph.Terminal {
    fileprivate var value: Value {
        .map(Members([("title", .string(title)), ("event", event.value)]))
    }
}

extension SagaGraph.Row {
    fileprivate var value: Value {
        var members = Members([
            ("name", .string(name)), ("kind", .string(kind.word)), ("does", .string(headline)),
            ("details", details.value), ("when", condition.value),
            ("continuing", continuing.value), ("rejecting", rejecting.value),
            ("unknown", unknown.value), ("taken_back", .list(takenBack.map(\.value))),
            ("pivot", .bool(isPivot)),
        ])
        switch kind {
        case .step, .wait: break
        case .parallel(let branches):
            members["branches"] = .map(
                Members(branches.map { ($0.name, .list($0.rows.map(\.value))) }))
        case .each(let rows): members["nodes"] = .list(rows.map(\.value))
        }
        return .map(members)
    }
}

extension SagaGraph.Kind {
    fileprivate var word: String {
        switch self {
        case .step: "step"
        case .parallel: "parallel"
        case .each: "each"
        case .wait: "wait"
        }
    }
}

extension SagaGraph.TakenBack {
    fileprivate var value: Value {
        .map(
            Members([
                ("step", .string(step)), ("does", .string(headline)), ("event", event.value),
            ]))
    }
}
