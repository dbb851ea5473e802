extension ChildTarget {
    /// The child and its order as the state stores them.
    var value: Value {
        var members = Members()
        members.set("id", text: sagaID.description)
        members.set("saga", text: definition)
        members.set("key", text: key)
        members.set("order", text: order.rawValue)
        return .map(members)
    }

    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "child")
        self.init(
            sagaID: try reader.id("id"), definition: try reader.text("saga"),
            key: reader.optionalText("key"), order: try reader.choice("order"))
    }
}

extension ParentLink {
    /// The parent as the state stores it.
    var value: Value {
        var members = Members()
        members.set("id", text: sagaID.description)
        members.set("command_id", text: commandID.description)
        members.set("take_back_id", text: takeBackID?.description)
        return .map(members)
    }

    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "parent")
        self.init(
            sagaID: try reader.id("id"), commandID: try reader.id("command_id"),
            takeBackID: reader.optionalID("take_back_id"))
    }
}
