package import SagaCore

/// Something at an edge of the daemon that a rule may strike.
package struct FaultTarget: Equatable, Sendable {
    /// The saga.
    package var saga: SagaIdentity
    /// The saga's document.
    package var input: Value
    /// The step whose command, compensation or probe it is about.
    package var path: NodePath
    /// Which of these.
    package var kind: CommandKind
    /// The rules that the saga's start asked for.
    package var assigned: [String]
    /// The command; nil where it is not told apart.
    package var commandID: CommandID?
    /// Its attempt, from 1.
    package var attempt: Int?

    /// The target with these parts.
    package init(
        saga: SagaIdentity, input: Value, path: NodePath, kind: CommandKind,
        assigned: [String] = [], commandID: CommandID? = nil, attempt: Int? = nil
    ) {
        self.saga = saga
        self.input = input
        self.path = path
        self.kind = kind
        self.assigned = assigned
        self.commandID = commandID
        self.attempt = attempt
    }
}

extension FaultRule {
    /// Whether the rule strikes that target at that time, `times` aside.
    ///
    /// Always the same answer for the same saga: which ones belong to a share follows from the
    /// rule's name and the saga's identity, so that all daemons strike the same.
    package func strikes(_ target: FaultTarget, at now: Instant) -> Bool {
        guard now < until, kind == target.kind, saga == nil || saga == target.saga.name,
            isAbout(target.path)
        else { return false }
        if target.assigned.contains(name) { return true }
        guard key == nil || key == target.saga.key, holds(for: target, at: now) else {
            return false
        }
        return isInShare(target.saga.id)
    }

    private func isAbout(_ path: NodePath) -> Bool {
        step == nil || step == path || step == NodeAddress(path).name
    }

    /// An expression without a value holds for nobody.
    private func holds(for target: FaultTarget, at now: Instant) -> Bool {
        guard let when else { return true }
        let state = SagaState(identity: target.saga, input: target.input, startedAt: now)
        let value = try? when.evaluate(in: SagaScope(state: state, now: now))
        return value?.truth == true
    }

    private func isInShare(_ id: SagaID) -> Bool {
        if share >= 1 { return true }
        // The upper 48 bits of a version 5 UUID have no other meaning.
        let bits = id.derived("fault \(name)").high >> 16
        return Double(bits) / Double(UInt64(1) << 48) < share
    }
}

extension FaultTarget {
    /// The target of a command as it goes out.
    package init(_ command: OutgoingCommand) {
        self.init(
            saga: command.saga, input: command.document, path: command.command.path,
            kind: command.command.kind, commandID: command.command.id,
            attempt: command.command.attempt)
    }

    /// What is recorded of a strike on it.
    func detail(of fault: Fault) -> String {
        var members = Members([
            ("what", .string(fault.name)), ("step", .string(path)),
            ("command", .string(kind.rawValue)),
        ])
        if let commandID { members["command_id"] = .string(commandID.description) }
        if let attempt { members["attempt"] = .int(Int64(attempt)) }
        return Value.map(members).jsonText
    }
}

extension FaultStrike {
    /// The strike as a row of its saga's journal, in the form that the other rows have: JSON text.
    package var journalRow: [UInt8] {
        let parts = (try? Value(json: detail))?.members ?? Members()
        var entry = Members([("kind", .string("fault")), ("rule", .string(rule))])
        for part in parts { entry[part.name] = part.value }
        entry["at"] = .timestamp(at)
        let row: Value = [
            "version": .int(sagaVersion), "at": .timestamp(at), "input": ["kind": "fault"],
            "entries": .list([.map(entry)]),
        ]
        return row.jsonBytes
    }
}
