import SagaCore

/// A journal for people: what came in, and below it what was recorded because of it.
struct JournalText {
    /// What each command is about, as `payment` or `payment.compensate`.
    private var targets: [String: String] = [:]

    /// A whole journal under a title.
    static func text(_ rows: [Value]) -> String {
        var journal = JournalText()
        return rows.isEmpty ? "" : "\nJournal\n" + rows.map { journal.lines(of: $0) }.joined()
    }

    /// The lines of one row.
    mutating func lines(of row: Value) -> String {
        let entries = row["entries"]?.elements ?? []
        // The start of a command tells what it is about, for all that follows.
        for entry in entries where entry["kind"]?.text == "command_opened" {
            guard let id = entry["command_id"]?.text else { continue }
            targets[id] = target(entry["step"]?.text, kind: entry["command"]?.text)
        }
        let version = String(row["version"]?.whole ?? 0)
        let gap = String(repeating: " ", count: max(0, 4 - version.count))
        let time = TimeText.time(row["at"]?.text)
        var lines = "\(gap)\(version)  \(time)  ← \(words(forInput: row["input"] ?? .null))\n"
        let indent = String(repeating: " ", count: 8 + time.count)
        for entry in entries {
            if let words = words(for: entry) { lines += "\(indent)\(words)\n" }
        }
        return lines
    }

    private func target(_ step: String?, kind: String?) -> String {
        let step = step ?? "?"
        switch kind {
        case "compensation": return "\(step).compensate"
        case "probe": return "\(step).probe"
        default: return step
        }
    }

    private func target(_ value: Value) -> String {
        value["command_id"]?.text.flatMap { targets[$0] } ?? value["step"]?.text ?? "a command"
    }

    /// What shows that an operator was right, in brackets; empty where nothing is said.
    private static func evidence(of entry: Value) -> String {
        entry["evidence"]?.text.map { " (evidence: \($0))" } ?? ""
    }

    // MARK: What came in

    private func words(forInput input: Value) -> String {
        let step = input["step"]?.text ?? ""
        let who = input["by"]?.text.map { " by \($0)" } ?? ""
        let why = input["reason"]?.text.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
        switch input["kind"]?.text {
        case "start": return "start"
        case "reply": return "\(target(input)): \(answer(input["body"] ?? .null))"
        case "due": return "the time has come"
        case "taken_over": return "another daemon goes on"
        case "cancel": return "cancelled\(who)\(why)"
        case "retry": return "\(step) is to be tried again\(who)\(why)"
        case "settle": return "\(step) is settled\(who)\(why)"
        case "propose_settling": return "\(step) is to be settled\(who)\(why)"
        case "report": return "\(step): \(input["outcome"]?.text ?? "?")\(who)\(why)"
        case "child_stuck": return "\(target(input)): the child is stuck\(why)"
        case "take_back": return "the parent takes this saga back\(why)"
        case "appended": return "a participant appends \(input["event"]?.text ?? "?")"
        case "looked_back": return "it looks at the events of before"
        case "fault": return "a fault was asked for"
        default: return input.jsonText
        }
    }

    private func answer(_ body: Value) -> String {
        if let error = body["error"] {
            let nature = error["retriable"]?.truth == true ? "may pass" : "final"
            let message = error["message"]?.text.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
            return "error \(error["code"]?.text ?? "?")\(message) (\(nature))"
        }
        let outcome = body["outcome"]?.text ?? "?"
        guard let data = body["data"], data.members?.isEmpty == false else { return outcome }
        return "\(outcome) \(data.jsonText)"
    }

    // MARK: What was recorded

    /// An entry in words; nil for what other lines say.
    private func words(for entry: Value) -> String? {
        let step = entry["step"]?.text ?? ""
        let reason = entry["reason"]?.text ?? ""
        switch entry["kind"]?.text {
        case "started", "grace_set", "deadline_held", "look_back_set": return nil
        case "started_by_parent": return "  the child of \(entry["parent_id"]?.text ?? "?")"
        case "event_raised": return "● \(entry["type"]?.text ?? "?")"
        case "skipped": return "  \(step) is skipped"
        case "entered": return "  \(step) begins"
        case "passed": return "  \(step) is over"
        case "command_opened": return "→ \(words(forCommand: entry))"
        case "attempt_sent":
            return "→ \(target(entry)), attempt \(entry["attempt"]?.whole ?? 0)"
        case "resent": return "→ \(target(entry)), sent again"
        case "attempt_failed":
            return "  \(target(entry)), attempt \(entry["attempt"]?.whole ?? 0): \(reason)"
        case "retry_scheduled":
            return "  \(target(entry)) again at \(TimeText.time(entry["due_at"]?.text))"
        case "probe_pending":
            return "  \(step) is pending, asked again at \(TimeText.time(entry["due_at"]?.text))"
        case "status_changed", "ended": return "= \(entry["status"]?.text ?? "?")"
        default: return words(forStep: entry, step, reason)
        }
    }

    private func words(forCommand entry: Value) -> String {
        let target = target(entry["step"]?.text, kind: entry["command"]?.text)
        if let subject = entry["subject"]?.text { return "\(subject)  (\(target))" }
        let child = "\(entry["saga"]?.text ?? "?") \(entry["child_key"]?.text ?? "")"
        return "\(entry["order"]?.text ?? "?") saga \(child)  (\(target))"
    }

    /// An entry on how a step goes, or what is unknown here as it is.
    private func words(forStep entry: Value, _ step: String, _ reason: String) -> String {
        let due = entry["due_at"]?.text.map { " until \(TimeText.dateAndTime($0))" } ?? ""
        switch entry["kind"]?.text {
        case "step_completed": return "  \(step) is done: \(entry["outcome"]?.text ?? "?")"
        case "step_rejected": return "  \(step) is rejected: \(entry["outcome"]?.text ?? "?")"
        case "step_failed":
            return "  \(step) has failed: \(entry["code"]?.text ?? "") "
                + (entry["message"]?.text ?? "")
        case "step_given_up": return "  \(step) is given up and may have happened: \(reason)"
        case "probing_began": return "  nobody knows of \(step); it is probed"
        case "step_stuck": return "  \(step) is stuck, an operator is needed: \(reason)"
        case "step_compensated": return "  \(step) is taken back"
        case "compensation_stuck": return "  \(step) cannot be taken back: \(reason)"
        case "turned": return "  the saga turns round: \(entry["failure"]?["reason"]?.text ?? "?")"
        case "failed_further": return "  also: \(entry["failure"]?["reason"]?.text ?? "?")"
        case "late_reply": return "  \(step) answers late: \(entry["outcome"]?.text ?? "?")"
        case "operator_acted":
            return "  \(entry["by"]?.text ?? "?"): \(entry["verb"]?.text ?? "?") \(step) \(reason)"
                + Self.evidence(of: entry)
        case "settlement_proposed":
            let what = entry["outcome"]?.text.map { "as \($0)" } ?? "as taken back"
            return
                "  \(entry["by"]?.text ?? "?") proposes to settle \(step) \(what), which another "
                + "person has to say, too: \(reason)" + Self.evidence(of: entry)
        case "wait_opened":
            let title = entry["title"]?.text ?? entry["what"]?.text
            return "  \(step) waits\(title.map { " for: \($0)" } ?? "")\(due)"
        case "wait_closed": return "  \(step) waits no more: \(reason)"
        case "answered":
            return "  \(entry["by"]?.text ?? "?") answers \(step): \(entry["outcome"]?.text ?? "?")"
        case "reminded": return "  \(step): who may decide is reminded"
        case "escalated": return "  \(step): \(entry["role"]?.text ?? "?") may decide, too"
        case "child_cancelled": return "  \(step): the child is cancelled"
        case "child_stuck": return "  \(step): the child is stuck: \(reason)"
        case "taken_back": return "  it is taken back for its parent"
        case "event_taken": return "● \(entry["type"]?.text ?? "?"), appended for \(step)"
        case "event_kept": return "● \(entry["type"]?.text ?? "?"), appended; kept for \(step)"
        case "event_repeated":
            return "  \(step): \(entry["outcome"]?.text ?? "?") is appended again"
        case "fault":
            return "⚡ \(entry["rule"]?.text ?? "?"): \(entry["what"]?.text ?? "?") \(target(entry))"
        case "finish_noted": return "  \(entry["event"]?.text ?? "?") was appended"
        case "event_held_back":
            return "  \(entry["type"]?.text ?? "?") is not raised: it was appended"
        default: return "  \(entry.jsonText)"
        }
    }
}
