extension ChildTarget {
    /// Writes the child and its order as the state stores them.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("id", id: sagaID)
            json.set("saga", text: definition)
            json.set("key", text: key)
            json.set("order", text: order.rawValue)
        }
    }

    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "child")
        self.init(
            sagaID: try reader.id("id"), definition: try reader.text("saga"),
            key: reader.optionalText("key"), order: try reader.choice("order"))
    }
}

extension ParentLink {
    /// Writes the parent as the state stores it.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("id", id: sagaID)
            json.set("command_id", id: commandID)
            json.set("take_back_id", id: takeBackID)
        }
    }

    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "parent")
        self.init(
            sagaID: try reader.id("id"), commandID: try reader.id("command_id"),
            takeBackID: reader.optionalID("take_back_id"))
    }
}
