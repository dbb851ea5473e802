import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/sagas/{id}/compensation-plan`: what would run if the saga were cancelled now.
    func plan(_ text: String) async throws -> Response {
        let record = try await record(text)
        let entry = try entry(of: record.identity)
        let state = try SagaState(
            decoding: record.state, identity: record.identity,
            input: try Value(json: record.input))
        let plan = entry.decider.compensationPlan(
            of: state, at: Circumstances(now: clock.now()))
        return Answer.bytes(Value.map(document(plan, record, state)).jsonBytes)
    }

    /// The definition that a saga is pinned to.
    ///
    /// - Throws: a problem where it is not loaded.
    func entry(of identity: SagaIdentity) throws(Problem) -> Catalog.Entry {
        let version = identity.definitionVersion
        guard let entry = door.catalog.entry(name: identity.name, version: version) else {
            throw Problem(
                .unknownDefinition, "version \(version) of '\(identity.name)' is not loaded")
        }
        return entry
    }

    private func document(
        _ plan: CompensationPlan, _ record: SagaRecord, _ state: SagaState
    ) -> Members {
        let identity = record.identity
        return Members([
            ("id", .string(identity.id.description)), ("saga", .string(identity.name)),
            ("key", .string(identity.key)), ("status", .string(record.status.rawValue)),
            ("can_cancel", .bool(plan.refusal == nil)),
            ("reason", plan.refusal.map { .string($0.message) } ?? .null),
            ("awaits", .list(plan.awaited.map(\.document))),
            ("compensations", .list(plan.compensations.map(\.document))),
            (
                "stays",
                .list(
                    plan.lasting.map { path in
                        .map(
                            Members([
                                ("step", .string(path)),
                                (
                                    "outcome",
                                    state.steps[path]?.outcome.map(Value.string) ?? .null
                                ),
                            ]))
                    })
            ),
            ("end", .string(plan.end.rawValue)),
        ])
    }
}

extension CompensationPlan.Awaited {
    fileprivate var document: Value {
        .map(
            Members([
                ("step", .string(path)), target.member,
                ("until", until.map(Value.timestamp) ?? .null),
            ]))
    }
}

extension CompensationPlan.Planned {
    fileprivate var document: Value {
        var document = Members([
            ("round", .double(Double(round))), ("step", .string(path)),
            ("step_is", isKnownDone ? "done" : "unknown"),
        ])
        switch work {
        case .send(let target, let body):
            document[target.member.0] = target.member.1
            document["body"] = target.isParticipant ? body : .null
        case .stuck(let reason): document["stuck"] = .string(reason)
        }
        return .map(document)
    }
}

extension CommandTarget {
    /// Whom it goes to, by the name that says what that is.
    fileprivate var member: (String, Value) {
        switch self {
        case .participant(let subject): ("command", .string(subject))
        case .child(let child): ("child", .string(child.sagaID.description))
        }
    }

    fileprivate var isParticipant: Bool {
        switch self {
        case .participant: true
        case .child: false
        }
    }
}
