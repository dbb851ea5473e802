extension SagaState {
    /// The number of the newest stored form; a daemon leaves newer ones to newer daemons.
    ///
    /// A state that has nothing of what came with a format is written in the one before.
    package static let format: Int64 = 2

    /// The number of the oldest form that holds all of the state: 2 is that with appended events.
    private var neededFormat: Int64 {
        let hasAppended =
            !kept.isEmpty || !finishEvents.isEmpty || looksBackAt != nil
            || steps.values.contains { $0.eventID != nil }
        return hasAppended ? 2 : 1
    }

    /// The state as stored: JSON text without the identity and the document, which stand beside it.
    ///
    /// Times are microseconds since 1970.
    package var encoded: [UInt8] {
        JSONWriter.bytes { json in json.object(write) }
    }

    private func write(to json: inout JSONWriter) {
        json.set("format", whole: neededFormat)
        json.set("version", whole: version)
        json.set("status", text: status.rawValue)
        json.set("started_at", microsecondsOf: startedAt)
        json.set("ended_at", microsecondsOf: endedAt)
        json.set("deadline", microsecondsOf: deadline)
        json.set("held_deadline", microsecondsOf: heldDeadline)
        json.name("steps")
        json.object { json in
            for path in steps.keys.sorted() {
                json.name(anyOf: path)
                steps[path]?.write(to: &json)
            }
        }
        json.set("order", texts: order)
        writeLists(to: &json)
        json.set("failure", value: failure?.value)
        json.set("settled", flag: isSettledByHand)
        if let parent {
            json.name("parent")
            parent.write(to: &json)
        }
        writeAppended(to: &json)
    }

    private func writeAppended(to json: inout JSONWriter) {
        if !kept.isEmpty {
            json.name("kept")
            json.list(kept) { $1.write(to: &$0) }
        }
        if !finishEvents.isEmpty {
            let events = finishEvents.sorted { $0.key < $1.key }
            json.set("finish_events", value: .map(Members(events.map { ($0, .string($1)) })))
        }
        json.set("looks_back_at", microsecondsOf: looksBackAt)
    }

    private func writeLists(to json: inout JSONWriter) {
        if !open.isEmpty {
            json.name("open")
            json.list(open) { $1.write(to: &$0) }
        }
        if !waits.isEmpty {
            json.name("waits")
            json.list(waits) { $1.write(to: &$0) }
        }
        if !former.isEmpty {
            json.name("former")
            json.list(former) { $1.write(to: &$0) }
        }
    }

    /// The state that was stored.
    ///
    /// - Throws: ``StateFault`` where the bytes are not a state, or are of a newer format.
    package init(
        decoding bytes: [UInt8], identity: SagaIdentity, input: Value
    ) throws(StateFault) {
        let value: Value
        do throws(JSONError) {
            value = try Value(json: bytes)
        } catch {
            throw StateFault("state of saga \(identity.id): \(error.message)")
        }
        let reader = try ValueReader(value, "state")
        let format = try reader.whole("format")
        guard format <= Self.format else {
            throw StateFault(
                "state of saga \(identity.id) has format \(format), this program knows up to "
                    + "\(Self.format): let a newer sagad take it")
        }
        let startedAt = try reader.instant("started_at")
        self.init(identity: identity, input: input, startedAt: startedAt)
        version = try reader.whole("version")
        status = try reader.choice("status")
        endedAt = reader.optionalInstant("ended_at")
        deadline = reader.optionalInstant("deadline")
        heldDeadline = reader.optionalInstant("held_deadline")
        for entry in try reader.value("steps").members ?? Members() {
            steps[entry.name] = try StepState(entry.value)
        }
        order = reader.elements("order").compactMap(\.text)
        for command in reader.elements("open") { open.append(try OpenCommand(command)) }
        for wait in reader.elements("waits") { waits.append(try OpenWait(wait)) }
        for command in reader.elements("former") { former.append(try FormerCommand(command)) }
        if let stored = reader.members["failure"] { failure = try Failure(stored) }
        isSettledByHand = reader.flag("settled")
        if let stored = reader.members["parent"] { parent = try ParentLink(stored) }
        for event in reader.elements("kept") { kept.append(try KeptEvent(event)) }
        for entry in reader.members["finish_events"]?.members ?? Members() {
            finishEvents[entry.name] = entry.value.text
        }
        looksBackAt = reader.optionalInstant("looks_back_at")
    }
}

extension StepState {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("phase", text: phase.rawValue)
            json.set("attempt", whole: Int64(attempt))
            json.set("command_id", id: commandID)
            if !doubts.isEmpty {
                json.name("doubts")
                json.list(doubts) { $0.write($1) }
            }
            json.set("outcome", text: outcome)
            json.set("result", value: result)
            json.set("compensation", text: compensation?.rawValue)
            json.set("undone", flag: isUndone)
            json.set("taken_back", flag: isTakenBack)
            json.set("again", flag: compensatesAgain)
            json.set("probing_ends_at", microsecondsOf: probingEndsAt)
            json.set("stuck", text: stuckReason)
            json.set("child_stuck", text: childStuckReason)
            if let proposal {
                json.name("proposal")
                json.object { json in
                    json.set("by", text: proposal.by)
                    json.set(proposal.settlement)
                }
            }
            json.set("list", value: list.map(Value.list))
            json.set("event_id", text: eventID)
        }
    }

    fileprivate init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "step")
        self.init(phase: try reader.choice("phase"))
        attempt = Int(try reader.whole("attempt"))
        commandID = reader.optionalID("command_id")
        doubts = reader.elements("doubts").compactMap { $0.text.flatMap { CommandID($0) } }
        outcome = reader.optionalText("outcome")
        result = reader.members["result"]
        compensation = reader.optionalChoice("compensation")
        isUndone = reader.flag("undone")
        isTakenBack = reader.flag("taken_back")
        compensatesAgain = reader.flag("again")
        probingEndsAt = reader.optionalInstant("probing_ends_at")
        stuckReason = reader.optionalText("stuck")
        childStuckReason = reader.optionalText("child_stuck")
        proposal = reader.members["proposal"].flatMap(SettlementProposal.init(stored:))
        list = reader.members["list"]?.elements
        eventID = reader.optionalText("event_id")
    }
}

extension SettlementProposal {
    fileprivate init?(stored value: Value) {
        guard let by = value["by"]?.text else { return nil }
        self.by = by
        let outcome = value["outcome"]?.text
        settlement = outcome.map { .outcome($0, value["body"] ?? .map(Members())) } ?? .compensated
    }
}

extension KeptEvent {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("id", text: id)
            json.set("step", text: step)
            json.set("outcome", text: outcome)
            json.set("result", value: result)
        }
    }

    fileprivate init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "kept")
        self.init(
            id: try reader.text("id"), step: try reader.text("step"),
            outcome: try reader.text("outcome"), result: try reader.value("result"))
    }
}

extension OpenCommand {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.set("id", id: id)
            json.set("path", text: path)
            json.set("kind", text: kind.rawValue)
            switch target {
            case .participant(let subject): json.set("subject", text: subject)
            case .child(let child):
                json.name("child")
                child.write(to: &json)
            }
            if case .value(let body) = body { json.set("body", value: body) }
            json.set("attempt", whole: Int64(attempt))
            json.set("resend", whole: Int64(resend))
            json.set("original_id", id: originalID)
            json.set("since", microsecondsOf: since)
            json.set("phase", text: phase.rawValue)
            json.set("due_at", microsecondsOf: dueAt)
            json.set("resend_at", microsecondsOf: resendAt)
        }
    }

    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "open")
        let target: CommandTarget =
            if let child = reader.members["child"] {
                .child(try ChildTarget(child))
            } else {
                .participant(subject: try reader.text("subject"))
            }
        self.init(
            id: try reader.id("id"), path: try reader.text("path"),
            kind: try reader.choice("kind"), target: target,
            body: reader.members["body"].map(CommandBody.value) ?? .document,
            originalID: reader.optionalID("original_id"), since: try reader.instant("since"),
            dueAt: reader.optionalInstant("due_at"), resendAt: try reader.instant("resend_at"))
        attempt = Int(try reader.whole("attempt"))
        resend = Int(try reader.whole("resend"))
        phase = try reader.choice("phase")
    }
}

extension FormerCommand {
    fileprivate func write(to json: inout JSONWriter) {
        var parts = [id.description, path, kind.rawValue]
        if let originalID { parts.append(originalID.description) }
        json.list(parts) { $0.write(quoted: $1) }
    }

    fileprivate init(_ value: Value) throws(StateFault) {
        let parts = value.elements?.compactMap(\.text) ?? []
        guard parts.count >= 3, let id = CommandID(parts[0]),
            let kind = CommandKind(rawValue: parts[2])
        else { throw StateFault("former: expected an id, a path and a kind") }
        let originalID = parts.count > 3 ? CommandID(parts[3]) : nil
        self.init(id: id, path: parts[1], kind: kind, originalID: originalID)
    }
}

extension Failure {
    init(_ value: Value) throws(StateFault) {
        let reader = try ValueReader(value, "failure")
        let reply = reader.members["data"]
        self.init(
            step: reader.optionalText("step"), kind: try reader.choice("kind"),
            outcome: reader.optionalText("outcome"), code: reader.optionalText("code"),
            message: reader.optionalText("message"), reply: reply == .null ? nil : reply,
            reason: try reader.text("reason"))
    }
}
