extension OpenWait {
    /// Writes the wait as the state stores it.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("path", text: path)
            switch kind {
            case .timer: json.set("kind", text: "timer")
            case .event(let what):
                json.set("kind", text: "event")
                json.set("what", text: what)
            case .question(let question):
                json.set("kind", text: "question")
                json.name("question")
                question.write(to: &json)
            }
            json.set("since", microsecondsOf: since)
            json.set("due_at", microsecondsOf: dueAt)
        }
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
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("title", text: title)
            json.set("show", value: show)
            json.set("role", text: role)
            json.set("escalated_to", text: escalatedTo)
            json.set("escalates_at", microsecondsOf: escalatesAt)
            json.set("remind_at", microsecondsOf: remindAt)
            if !excluded.isEmpty { json.set("excluded", texts: excluded) }
            if !answers.isEmpty { json.set("answers", value: .list(answers.map(\.value))) }
        }
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
