import HTTPTypes
import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/faults`: the rules by which failures are provoked, by name.
    func listFaults() async throws -> Response {
        let board = try faultBoard()
        try await board.refresh()
        return Answer.list(board.entries.map { $0.document(at: clock.now()) }, after: nil)
    }

    /// `POST /api/faults`: keeps a rule in the place of the one of its name.
    func setFault(_ request: Request) async throws -> Response {
        let board = try faultBoard()
        var members = try await rule(in: request, board)
        guard let by = members["by"]?.text, (1...OperatorWish.byBytes).contains(by.utf8.count),
            !by.utf8.contains(0)
        else {
            throw Problem(
                .invalidBody, at: "/by",
                "must say who sets the rule, in 1 to \(OperatorWish.byBytes) bytes "
                    + "without NUL")
        }
        members["by"] = nil
        do {
            let entry = try await board.set(.map(members), by: by)
            var fields = Answer.jsonFields
            let name = PercentCoding.encoded(entry.stored.generation.name)
            fields[.location] = "/api/faults/\(name)"
            return Answer.bytes(
                entry.document(at: clock.now()), status: .created, fields: fields)
        } catch let problem as UnusableFault {
            throw Problem(.invalidBody, problem.violations)
        } catch let problem as TooManyFaults {
            throw Problem(.tooManyFaults, problem.message)
        }
    }

    /// The rule of a body, in JSON or YAML, with `by`.
    private func rule(in request: Request, _ board: FaultBoard) async throws -> Members {
        guard let text = try await request.yaml(limits: limits) else {
            return try await request.json(limits: limits).members()
        }
        switch board.document(ofYAML: text) {
        case .success(let value): return try JSONBody(bytes: [], value: value).members()
        case .failure(let unreadable): throw Problem(.notYAML, unreadable.message)
        }
    }

    /// `DELETE /api/faults/{name}`: forgets a rule.
    func removeFault(_ name: String) async throws -> Response {
        guard try await faultBoard().remove(name) else {
            throw Problem(.unknownFault, "there is no rule '\(name)': GET /api/faults lists them")
        }
        return Response(status: .noContent)
    }

    /// The rules that the header `Saga-Fault` has strike the saga that is about to start.
    func faults(in request: Request, for definition: SagaDefinition) async throws -> [String] {
        guard let header = request.headers[.sagaFault] else { return [] }
        let board = try faultBoard()
        let names = header.split(separator: ",").map { String(trimmed($0)) }.filter { $0 != "" }
        guard (1...FaultLimits.perSaga).contains(names.count) else {
            throw Problem(
                .invalidHeader,
                "Saga-Fault: expected 1 to \(FaultLimits.perSaga) names of rules, found "
                    + "\(names.count)")
        }
        let unknown = try await board.unknown(names)
        if let name = unknown.first {
            throw Problem(
                .invalidHeader,
                "Saga-Fault: there is no rule '\(name)' that may still strike: "
                    + "GET /api/faults lists them")
        }
        for entry in board.entries where names.contains(entry.stored.generation.name) {
            guard let saga = entry.rule?.saga, saga != definition.name else { continue }
            throw Problem(
                .invalidHeader,
                "Saga-Fault: the rule '\(entry.stored.generation.name)' is for the saga '\(saga)', "
                    + "not for '\(definition.name)'")
        }
        return names
    }

    /// The rules, where this daemon may provoke failures.
    private func faultBoard() throws(Problem) -> FaultBoard {
        if let faultRules { return faultRules }
        throw Problem(
            .faultsDisabled,
            "the setting faults.enabled is false here: failures are provoked only where it is true")
    }
}

extension FaultBoard.Entry {
    /// The rule as JSON, with who set it, how often it has struck, and whether it may strike still.
    fileprivate func document(at now: Instant) -> [UInt8] {
        var members = document.members ?? Members([("name", .string(stored.generation.name))])
        let isUsedUp = stored.times.map { stored.struck >= $0 } ?? false
        members["set_by"] = .string(stored.setBy)
        members["set_at"] = .timestamp(stored.generation.setAt)
        members["struck"] = .int(Int64(stored.struck))
        members["active"] = .bool(rule != nil && now < stored.expiresAt && !isUsedUp)
        return Value.map(members).jsonBytes
    }
}
