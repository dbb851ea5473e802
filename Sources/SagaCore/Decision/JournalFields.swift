extension JSONWriter {
    /// Writes one object of the journal: its kind, then the members that `body` sets.
    mutating func journal(_ kind: StaticString, _ body: (inout JSONWriter) -> Void = { _ in }) {
        object { json in
            json.name("kind")
            json.append(UInt8(ascii: "\""))
            json.write(kind)
            json.append(UInt8(ascii: "\""))
            body(&json)
        }
    }

    mutating func set(_ action: OperatorAction) {
        set("by", text: action.by)
        set("reason", text: action.reason)
        set("evidence", text: action.evidence)
    }

    mutating func set(_ settlement: Settlement) {
        switch settlement {
        case .outcome(let outcome, let result):
            set("outcome", text: outcome)
            set("body", value: result)
        case .compensated: break
        }
    }

    mutating func set(_ command: OpenCommand) {
        set("step", text: command.path)
        set("command", text: command.kind.rawValue)
        switch command.target {
        case .participant(let subject): set("subject", text: subject)
        case .child(let child):
            set("order", text: child.order.rawValue)
            set("saga", text: child.definition)
            set("child_id", id: child.sagaID)
            set("child_key", text: child.key)
        }
        set("command_id", id: command.id)
        set("attempt", whole: Int64(command.attempt))
        set("due_at", time: command.dueAt)
        if case .value(let body) = command.body { set("body", value: body) }
    }
}
