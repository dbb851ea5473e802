import Logging
import SagaCore
import SagaRuntime

extension SagaState {
    /// The state of a stored saga, without its document.
    init(stored record: SagaRecord) throws {
        try self.init(decoding: record.state, identity: record.identity, input: .null)
    }
}

extension SagaAPI {
    /// One saga whole, as JSON.
    func sagaDocument(_ record: SagaRecord) throws -> [UInt8] {
        let state = try SagaState(stored: record)
        var document = head(of: record)
        document["steps"] = .map(steps(of: state, record.identity))
        document["open"] = .list(state.open.map(\.document))
        if !state.waits.isEmpty { document["waits"] = .list(state.waits.map(\.document)) }
        addTail(of: record, failure: state.failure, to: &document)
        return Value.map(document).jsonBytes
    }

    /// One saga as lists have it: without `steps` and `open`.
    ///
    /// A state that this program cannot read, as a newer daemon's, costs only the failure.
    func sagaSummary(_ record: SagaRecord) -> [UInt8] {
        var document = head(of: record)
        var failure: Failure?
        do {
            failure = try SagaState(stored: record).failure
        } catch {
            logger.warning("a saga is listed without its failure", metadata: ["error": "\(error)"])
        }
        addTail(of: record, failure: failure, to: &document)
        return Value.map(document).jsonBytes
    }

    private func head(of record: SagaRecord) -> Members {
        let identity = record.identity
        return Members([
            ("id", .string(identity.id.description)), ("saga", .string(identity.name)),
            ("version", .double(Double(identity.definitionVersion))),
            ("key", .string(identity.key)), ("status", .string(record.status.rawValue)),
        ])
    }

    private func addTail(of record: SagaRecord, failure: Failure?, to document: inout Members) {
        document["failure"] = failure?.value ?? .null
        document["started_at"] = .timestamp(record.startedAt)
        document["updated_at"] = .timestamp(record.updatedAt)
        document["ended_at"] = record.endedAt.map(Value.timestamp) ?? .null
        document["journal_version"] = .double(Double(record.version))
    }

    /// The steps that were entered, in the definition's order where it is loaded.
    private func steps(of state: SagaState, _ identity: SagaIdentity) -> Members {
        let entry = door.catalog.entry(
            name: identity.name, version: identity.definitionVersion)
        let order = entry?.definition.steps.map(\.name)
        let paths = state.steps.keys.sorted { left, right in
            let places = [left, right].map { order?.firstIndex(of: $0.stepName) ?? .max }
            return (places[0], left.count, left) < (places[1], right.count, right)
        }
        return Members(paths.map { ($0, state.steps[$0]?.document ?? .null) })
    }
}

extension StepState {
    fileprivate var document: Value {
        var document = Members([
            ("state", .string(phase.rawValue)), ("outcome", outcome.map(Value.string) ?? .null),
            ("result", result ?? .null), ("attempt", .double(Double(attempt))),
        ])
        if let compensation { document["compensation"] = .string(compensation.rawValue) }
        if let reason = stuckReason ?? childStuckReason { document["stuck"] = .string(reason) }
        if let proposal { document["proposal"] = proposal.document }
        return .map(document)
    }
}

extension NodePath {
    /// The name before the places in lists, as `pay` of `pay[3]`.
    var stepName: String { String(prefix { $0 != "[" }) }
}

extension OpenCommand {
    fileprivate var document: Value {
        .map(
            Members([
                ("command_id", .string(id.description)), ("step", .string(path)),
                ("kind", .string(kind.rawValue)), ("attempt", .double(Double(attempt))),
                ("sent_at", .timestamp(since)),
                ("due_at", dueAt.map(Value.timestamp) ?? .null),
            ]))
    }
}

extension OpenWait {
    fileprivate var document: Value {
        var document = Members([("step", .string(path))])
        switch kind {
        case .timer: document["kind"] = "wait"
        case .event(let words):
            document["kind"] = "await"
            document["title"] = .string(words)
        case .question(let question):
            document["kind"] = "ask"
            document["title"] = .string(question.title)
            document["answers"] = .double(Double(question.answers.count))
        }
        document["since"] = .timestamp(since)
        document["due_at"] = dueAt.map(Value.timestamp) ?? .null
        return .map(document)
    }
}
