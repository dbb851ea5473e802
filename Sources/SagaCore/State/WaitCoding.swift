extension OpenWait {
    /// The wait as the state stores it.
    var value: Value {
        var members = Members()
        members.set("path", text: path)
        switch kind {
        case .timer: members.set("kind", text: "timer")
        case .event(let what):
            members.set("kind", text: "event")
            members.set("what", text: what)
        case .question(let question):
            members.set("kind", text: "question")
            members.set("question", question.value)
        }
        members.set("since", instant: since)
        members.set("due_at", instant: dueAt)
        return .map(members)
    }

    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "wait")
        self.init(
            path: try reader.text("path"), kind: try Self.kind(reader),
            since: try reader.instant("since"), dueAt: reader.optionalInstant("due_at"))
    }

    private static func kind(_ reader: ValueReader) throws(StateFault) -> Kind {
        switch try reader.text("kind") {
        case "timer": .timer
        case "event": .event(try reader.text("what"))
        case "question": .question(try OpenQuestion(try reader.value("question")))
        default: throw reader.fault("kind", "timer, event or question")
        }
    }
}

extension OpenQuestion {
    fileprivate var value: Value {
        var members = Members()
        members.set("title", text: title)
        members.set("show", show)
        members.set("role", text: role)
        members.set("escalated_to", text: escalatedTo)
        members.set("escalates_at", instant: escalatesAt)
        members.set("remind_at", instant: remindAt)
        if !excluded.isEmpty { members.set("excluded", .list(excluded.map(Value.string))) }
        if !answers.isEmpty { members.set("answers", .list(answers.map(\.value))) }
        return .map(members)
    }

    fileprivate init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "question")
        self.init(
            title: try reader.text("title"), show: reader.members["show"],
            role: reader.optionalText("role"),
            escalatesAt: reader.optionalInstant("escalates_at"),
            remindAt: reader.optionalInstant("remind_at"),
            excluded: reader.elements("excluded").compactMap(\.text))
        escalatedTo = reader.optionalText("escalated_to")
        for answer in reader.elements("answers") { answers.append(try Answer(answer)) }
    }
}

extension OpenQuestion.Answer {
    fileprivate init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "answer")
        guard let at = Instant(try reader.text("at")) else { throw reader.fault("at", "a time") }
        self.init(
            by: try reader.text("by"), at: at, outcome: try reader.text("outcome"),
            data: try reader.value("data"))
    }
}
