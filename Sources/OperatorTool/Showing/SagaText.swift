import SagaCore

/// One saga for people, as the server describes it.
struct SagaText {
    private let document: Value
    private let name: String
    private let key: String
    private let status: String
    private let id: String

    init(_ document: Value) {
        self.document = document
        name = document["saga"]?.text ?? "?"
        key = document["key"]?.text ?? "?"
        status = document["status"]?.text ?? "?"
        id = document["id"]?.text ?? "?"
    }

    /// Which saga it is and how it is, in a line.
    static func line(_ document: Value) -> String {
        let saga = SagaText(document)
        return "\(saga.name) \(saga.key): \(saga.status)  \(saga.id)\n"
    }

    /// A change of one among many, in a line.
    static func change(_ document: Value) -> String {
        let saga = SagaText(document)
        let time = TimeText.time(document["updated_at"]?.text)
        let failure = saga.failure.map { "  \($0)" } ?? ""
        return "\(time)  \(saga.name) \(saga.key): \(saga.status)\(failure)\n"
    }

    /// Many sagas as a table.
    static func table(_ documents: [Value]) -> String {
        if documents.isEmpty { return "" }
        let head = ["SAGA", "KEY", "STATUS", "STARTED", "ID", "FAILURE"]
        return Columns.text(
            [head]
                + documents.map { document in
                    let saga = SagaText(document)
                    return [
                        saga.name, saga.key, saga.status,
                        TimeText.dateAndTime(document["started_at"]?.text), saga.id,
                        saga.failure ?? "",
                    ]
                })
    }

    /// All of it but its journal.
    var text: String {
        var rows = [
            ["id", id], ["version", "\(document["version"]?.whole ?? 0)"],
            ["started", TimeText.dateAndTime(document["started_at"]?.text)],
        ]
        if let end = document["ended_at"]?.text {
            rows.append(["ended", TimeText.dateAndTime(end)])
        }
        if let failure { rows.append(["failure", failure]) }
        return "\(name) \(key): \(status)\n" + Columns.text(rows, indent: "  ")
            + section("Steps", steps)
            + section("Open", open) + section("It can be", possible)
    }

    private var failure: String? {
        let failure = document["failure"]
        guard let reason = failure?["reason"]?.text else { return nil }
        guard let step = failure?["step"]?.text, !reason.hasPrefix("\(step):") else {
            return reason
        }
        return "\(step): \(reason)"
    }

    private func section(_ title: String, _ rows: [[String]]) -> String {
        rows.isEmpty ? "" : "\n\(title)\n" + Columns.text(rows, indent: "  ")
    }

    private var stepMembers: Members { document["steps"]?.members ?? Members() }

    private var steps: [[String]] {
        stepMembers.map { step in
            let outcome = step.value["outcome"]?.text ?? ""
            let state = step.value["state"]?.text ?? ""
            let result = step.value["result"].flatMap { result in
                result.members?.isEmpty ?? true ? nil : result.jsonText
            }
            var remarks: [String] = []
            if let attempt = step.value["attempt"]?.whole, attempt > 1 {
                remarks.append("attempt \(attempt)")
            }
            if let back = step.value["compensation"]?.text {
                remarks.append("compensation \(back)")
            }
            if let stuck = step.value["stuck"]?.text { remarks.append(stuck) }
            if let result { remarks.append(result) }
            return [step.name, state, outcome, remarks.joined(separator: "; ")]
        }
    }

    /// The commands and waits that are open.
    private var open: [[String]] {
        let commands = (document["open"]?.elements ?? []).map { command in
            let due = command["due_at"]?.text.map { "until \(TimeText.dateAndTime($0))" } ?? ""
            return [
                command["step"]?.text ?? "", command["kind"]?.text ?? "",
                "attempt \(command["attempt"]?.whole ?? 0), sent "
                    + TimeText.dateAndTime(command["sent_at"]?.text),
                due,
            ]
        }
        let waits = (document["waits"]?.elements ?? []).map { wait in
            let due = wait["due_at"]?.text.map { "until \(TimeText.dateAndTime($0))" } ?? ""
            let title = wait["title"]?.text ?? ""
            let since = "since \(TimeText.dateAndTime(wait["since"]?.text))"
            let what =
                switch wait["kind"]?.text {
                case "ask": "a person decides: \(title)"
                case "await": "awaits \(title)"
                default: "a timer"
                }
            return [wait["step"]?.text ?? "", what, since, due]
        }
        return commands + waits
    }

    /// What an operator can do now, as commands.
    private var possible: [[String]] {
        var rows: [[String]] = []
        for wait in document["waits"]?.elements ?? [] where wait["kind"]?.text != "wait" {
            let step = wait["step"]?.text ?? ""
            rows.append(["decided", "sagactl outcome \(id) \(step) OUTCOME"])
        }
        for step in stepMembers {
            let isStuck = step.value["state"]?.text == "stuck"
            let isBackStuck = step.value["compensation"]?.text == "stuck"
            guard isStuck || isBackStuck else { continue }
            rows.append(["tried again", "sagactl retry \(id) --step \(step.name) --reason WHY"])
            let how = isBackStuck ? "--compensated" : "--outcome OUTCOME"
            rows.append(["settled", "sagactl settle \(id) \(step.name) \(how) --reason WHY"])
        }
        if status == "running" {
            rows.append(["cancelled", "sagactl cancel \(id) --reason WHY"])
        }
        return rows
    }
}

/// A question for people.
enum TaskText {
    /// The question, whom it waits for, and how it is answered.
    static func text(_ task: Value) -> String {
        let step = task["step"]?.text ?? ""
        let saga = "\(task["saga"]?.text ?? "") \(task["key"]?.text ?? "")"
        let who = [task["role"]?.text, task["escalated_to"]?.text].compactMap { $0 }
        var rows = [
            ["who", who.isEmpty ? "anybody" : who.joined(separator: " or ")],
            ["since", TimeText.dateAndTime(task["since"]?.text)],
        ]
        if let due = task["due_at"]?.text { rows.append(["until", TimeText.dateAndTime(due)]) }
        let excluded = texts(task["not_by"])
        if !excluded.isEmpty { rows.append(["not by", excluded.joined(separator: ", ")]) }
        if let show = task["show"], show != .null { rows.append(["shown", show.jsonText]) }
        let answers = task["answers"]?.elements ?? []
        let quorum = task["quorum"]?.whole ?? 1
        if quorum > 1 || !answers.isEmpty {
            let given = answers.map { "\($0["by"]?.text ?? "?") \($0["outcome"]?.text ?? "?")" }
            let needed = ["\(quorum) needed"] + given
            rows.append(["answers", needed.joined(separator: ", ")])
        }
        let outcomes = texts(task["outcomes"]).joined(separator: "|")
        rows.append([
            "answer", "sagactl outcome \(task["saga_id"]?.text ?? "") \(step) \(outcomes)",
        ])
        return "\(saga), \(step): \(task["title"]?.text ?? "")\n" + Columns.text(rows, indent: "  ")
    }

    private static func texts(_ list: Value?) -> [String] {
        (list?.elements ?? []).compactMap(\.text)
    }
}

/// Definitions for people.
enum DefinitionText {
    /// Those that new sagas take, as a table.
    static func table(_ definitions: [Value]) -> String {
        let head = ["NAME", "VERSION", "STARTED BY", "DESCRIPTION"]
        return Columns.text(
            [head]
                + definitions.map { definition in
                    let name = definition["name"]?.text ?? "?"
                    let intake = definition["intake"]?.text.map { "POST \($0)" }
                    return [
                        name, "\(definition["version"]?.whole ?? 0)",
                        intake ?? "sagactl start \(name)", definition["description"]?.text ?? "",
                    ]
                })
    }

    /// One with its versions.
    static func text(_ definition: Value) -> String {
        let versions = definition["versions"]?.elements ?? []
        let rows = versions.map { version in
            [
                "version \(version["version"]?.whole ?? 0)",
                "\(version["running"]?.whole ?? 0) running",
                version["offered"]?.truth == true ? "new sagas take it" : "",
            ]
        }
        let description = definition["description"]?.text.map { ": \($0)" } ?? ""
        return "\(definition["name"]?.text ?? "?")\(description)\n"
            + Columns.text(rows, indent: "  ")
    }
}
