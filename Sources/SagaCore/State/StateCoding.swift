extension SagaState {
    /// The number of the stored form; a daemon leaves newer ones to newer daemons.
    package static let format: Int64 = 1

    /// The state as stored: JSON text without the identity and the document, which stand beside it.
    ///
    /// Times are microseconds since 1970.
    package var encoded: [UInt8] {
        var members = Members()
        members.set("format", whole: Self.format)
        members.set("version", whole: version)
        members.set("status", text: status.rawValue)
        members.set("started_at", instant: startedAt)
        members.set("ended_at", instant: endedAt)
        members.set("deadline", instant: deadline)
        members.set("held_deadline", instant: heldDeadline)
        let named = steps.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) }
        members.set("steps", .map(Members(named)))
        members.set("order", .list(order.map(Value.string)))
        if !open.isEmpty { members.set("open", .list(open.map(\.value))) }
        if !waits.isEmpty { members.set("waits", .list(waits.map(\.value))) }
        if !former.isEmpty { members.set("former", .list(former.map(\.value))) }
        members.set("failure", failure?.value)
        members.set("settled", flag: isSettledByHand)
        members.set("parent", parent?.value)
        return Value.map(members).jsonBytes
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
    }
}

extension StepState {
    fileprivate var value: Value {
        var members = Members()
        members.set("phase", text: phase.rawValue)
        members.set("attempt", whole: Int64(attempt))
        members.set("command_id", text: commandID?.description)
        if !doubts.isEmpty {
            members.set("doubts", .list(doubts.map { .string($0.description) }))
        }
        members.set("outcome", text: outcome)
        members.set("result", result)
        members.set("compensation", text: compensation?.rawValue)
        members.set("undone", flag: isUndone)
        members.set("again", flag: compensatesAgain)
        members.set("probing_ends_at", instant: probingEndsAt)
        members.set("stuck", text: stuckReason)
        members.set("child_stuck", text: childStuckReason)
        members.set("list", list.map(Value.list))
        return .map(members)
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
        compensatesAgain = reader.flag("again")
        probingEndsAt = reader.optionalInstant("probing_ends_at")
        stuckReason = reader.optionalText("stuck")
        childStuckReason = reader.optionalText("child_stuck")
        list = reader.members["list"]?.elements
    }
}

extension OpenCommand {
    var value: Value {
        var members = Members()
        members.set("id", text: id.description)
        members.set("path", text: path)
        members.set("kind", text: kind.rawValue)
        switch target {
        case .participant(let subject): members.set("subject", text: subject)
        case .child(let child): members.set("child", child.value)
        }
        if case .value(let body) = body { members.set("body", body) }
        members.set("attempt", whole: Int64(attempt))
        members.set("resend", whole: Int64(resend))
        members.set("original_id", text: originalID?.description)
        members.set("since", instant: since)
        members.set("phase", text: phase.rawValue)
        members.set("due_at", instant: dueAt)
        members.set("resend_at", instant: resendAt)
        return .map(members)
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
    fileprivate var value: Value {
        var parts = [id.description, path, kind.rawValue]
        if let originalID { parts.append(originalID.description) }
        return .list(parts.map(Value.string))
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
