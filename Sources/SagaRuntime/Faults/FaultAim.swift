import SagaCore

/// Finds out what deliveries and transitions are about, where a rule may strike them: it costs a look
/// into the database, and only then.
struct FaultAim: Sendable {
    let store: any Store
    let board: FaultBoard

    /// What each command of those sagas is about; unknown ones are left out.
    func targets(_ commands: [(saga: SagaID, command: CommandID)]) async -> [CommandID: FaultTarget]
    {
        let ids = Set(commands.map(\.saga)).sorted()
        guard !ids.isEmpty, let records = try? await store.load(ids) else { return [:] }
        let assigned = await board.assigned(to: ids)
        var states: [SagaID: SagaState] = [:]
        for record in records {
            states[record.identity.id] = try? SagaState(record: record)
        }
        var targets: [CommandID: FaultTarget] = [:]
        for (saga, command) in commands {
            guard let state = states[saga], let (path, kind) = state.about(command) else {
                continue
            }
            targets[command] = FaultTarget(
                saga: state.identity, input: state.input, path: path, kind: kind,
                assigned: assigned[saga] ?? [], commandID: command)
        }
        return targets
    }

    /// The targets of commands as they go out.
    func targets(_ commands: [OutgoingCommand]) async -> [FaultTarget] {
        let assigned = await board.assigned(to: Set(commands.map(\.saga.id)).sorted())
        return commands.map { command in
            var target = FaultTarget(command)
            target.assigned = assigned[command.saga.id] ?? []
            return target
        }
    }

    /// What a start opens.
    func targets(_ start: SagaStart) async -> [FaultTarget] {
        let id = start.identity.id
        let assigned = await board.assigned(to: [id])[id] ?? []
        let input = (try? Value(json: start.input)) ?? .null
        return JournalTouch.all(in: start.transition.journal).compactMap { touch in
            guard case .opened(let command, let path, let kind) = touch else { return nil }
            return FaultTarget(
                saga: start.identity, input: input, path: path, kind: kind, assigned: assigned,
                commandID: command)
        }
    }

    /// What transitions open and what they answer, in the order of the transitions.
    func targets(_ batch: [Transition]) async -> [[FaultTarget]] {
        let touches = batch.map { JournalTouch.all(in: $0.journal) }
        let ids = Set(batch.map(\.sagaID)).sorted()
        guard let records = try? await store.load(ids) else { return batch.map { _ in [] } }
        let assigned = await board.assigned(to: ids)
        var states: [SagaID: SagaState] = [:]
        for record in records {
            states[record.identity.id] = try? SagaState(record: record)
        }
        return zip(batch, touches).map { transition, touches in
            guard let state = states[transition.sagaID] else { return [] }
            return touches.compactMap { touch in
                let (command, place) = touch.place(in: state)
                guard let (path, kind) = place else { return nil }
                return FaultTarget(
                    saga: state.identity, input: state.input, path: path, kind: kind,
                    assigned: assigned[transition.sagaID] ?? [], commandID: command)
            }
        }
    }
}

/// A command that a transition opens, or has an answer or a new attempt of.
enum JournalTouch: Equatable {
    /// It is opened.
    case opened(CommandID, NodePath, CommandKind)
    /// It was open before.
    case known(CommandID)

    /// What a journal's row says, in its order.
    static func all(in row: [UInt8]) -> [JournalTouch] {
        guard let row = try? Value(json: row) else { return [] }
        var touches: [JournalTouch] = []
        if let id = id(of: row["input"] ?? .null) { touches.append(.known(id)) }
        for entry in row["entries"]?.elements ?? [] {
            guard let id = id(of: entry) else { continue }
            switch entry["kind"]?.text {
            case "command_opened":
                guard let path = entry["step"]?.text,
                    let kind = entry["command"]?.text.flatMap(CommandKind.init)
                else { continue }
                touches.append(.opened(id, path, kind))
            case "attempt_sent", "attempt_failed": touches.append(.known(id))
            default: continue
            }
        }
        return touches
    }

    private static func id(of value: Value) -> CommandID? {
        value["command_id"]?.text.flatMap { CommandID($0) }
    }

    /// The command, and what it is about as the saga knows it.
    func place(in state: SagaState) -> (CommandID, (NodePath, CommandKind)?) {
        switch self {
        case .opened(let id, let path, let kind): (id, (path, kind))
        case .known(let id): (id, state.about(id))
        }
    }
}

extension SagaState {
    /// What a command of the saga is about, open or not; nil for one that it does not know.
    fileprivate func about(_ id: CommandID) -> (NodePath, CommandKind)? {
        if let command = open.first(where: { $0.id == id }) { return (command.path, command.kind) }
        if let former = former.last(where: { $0.id == id }) { return (former.path, former.kind) }
        return steps.first { $0.value.commandID == id }.map { ($0.key, .command) }
    }
}
