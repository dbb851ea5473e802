/// The fields of one journal object, in the order in which they are written.
struct Fields {
    private var members = Members()

    init(_ kind: String) { members["kind"] = .string(kind) }

    var value: Value { .map(members) }

    // Each consumes its fields: a copy would copy all that is written so far.
    consuming func value(_ name: String, _ value: Value?) -> Fields {
        if let value { members[name] = value }
        return self
    }

    consuming func text(_ name: String, _ text: String?) -> Fields {
        value(name, text.map(Value.string))
    }

    consuming func whole(_ name: String, _ number: Int) -> Fields {
        value(name, .double(Double(number)))
    }

    consuming func instant(_ name: String, _ instant: Instant?) -> Fields {
        text(name, instant?.description)
    }

    consuming func action(_ action: OperatorAction) -> Fields {
        text("by", action.by).text("reason", action.reason)
    }

    consuming func command(_ command: OpenCommand) -> Fields {
        var fields = text("step", command.path).text("command", command.kind.rawValue)
        switch command.target {
        case .participant(let subject): fields = fields.text("subject", subject)
        case .child(let child):
            fields = fields.text("order", child.order.rawValue).text("saga", child.definition)
                .text("child_id", child.sagaID.description).text("child_key", child.key)
        }
        fields = fields.text("command_id", command.id.description)
            .whole("attempt", command.attempt).instant("due_at", command.dueAt)
        if case .value(let body) = command.body { fields = fields.value("body", body) }
        return fields
    }
}
