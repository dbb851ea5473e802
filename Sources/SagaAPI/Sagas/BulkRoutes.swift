import Hummingbird
import SagaCore
import SagaRuntime

/// What an operator wishes to do to many sagas: `{action, filter, reason, by, step?, body?, limit?,
/// after?, dry_run?}`.
struct BulkWish {
    /// What is done.
    var verb: OperatorVerb
    /// To which sagas.
    var filter: SagaFilter
    /// Who, why, and at which step.
    var wish: OperatorWish
    /// Whether it is only told what would come of it.
    var isDryRun: Bool

    private static let own = ["action", "filter", "limit", "after", "dry_run"]
    /// What is acted upon where the filter names no status: whatever has not ended.
    private static let unended: [SagaStatus] = [.running, .compensating, .stuck]

    /// The wish that a body holds.
    ///
    /// - Throws: a problem that names every mistake in one of its parts.
    init(_ members: Members) throws(Problem) {
        guard let verb = members["action"]?.text.flatMap(OperatorVerb.init(rawValue:)) else {
            let known = OperatorVerb.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.invalidBody, at: "/action", "must be one of \(known)")
        }
        self.verb = verb
        switch members["dry_run"] {
        case nil, .null?: isDryRun = false
        case .bool(let truth)?: isDryRun = truth
        case let other?:
            throw Problem(
                .invalidBody, at: "/dry_run", "must be true or false, is \(other.kindWords)")
        }
        let rest = members.filter { !Self.own.contains($0.name) }.map { ($0.name, $0.value) }
        wish = try OperatorWish(Members(rest), verb)
        filter = try Self.filter(members)
        if filter.query.statuses.isEmpty { filter.query.statuses = Self.unended }
    }

    private static func filter(_ members: Members) throws(Problem) -> SagaFilter {
        guard case .map(let wanted)? = members["filter"], !wanted.isEmpty else {
            throw Problem(
                .invalidBody, at: "/filter",
                "must be an object that says which sagas are meant, with at least one of "
                    + SagaFilter.names.joined(separator: ", "))
        }
        var parameters: [(name: String, value: String)] = []
        for member in wanted {
            parameters.append((member.name, try text(member.value, member.name)))
        }
        do {
            var filter = try SagaFilter(parameters: parameters, paging: [])
            let page = try SagaFilter(parameters: try paging(members), paging: ["limit", "after"])
            filter.query.limit = page.query.limit
            filter.query.after = page.query.after
            return filter
        } catch {
            throw error.inBody(pagingNames: ["/limit", "/after"])
        }
    }

    private static func paging(
        _ members: Members
    ) throws(Problem) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        for name in ["limit", "after"] {
            guard let value = members[name], value != .null else { continue }
            parameters.append((name, value.whole.map { String($0) } ?? value.text ?? "?"))
        }
        return parameters
    }

    private static func text(_ value: Value, _ name: String) throws(Problem) -> String {
        if let text = value.text { return text }
        let words = value.elements?.compactMap(\.text) ?? []
        if !words.isEmpty, words.count == value.elements?.count {
            return words.joined(separator: ",")
        }
        throw Problem(
            .invalidBody, at: "/filter\(JSONPointer.text(name))",
            "must be text, is \(value.kindWords)")
    }
}

extension Problem {
    /// The same problem of a query that stood in a body, beside its paging.
    fileprivate func inBody(pagingNames: [String]) -> Problem {
        guard kind == .invalidQuery else { return self }
        return Problem(
            .invalidBody,
            errors.map { error in
                let isPaging = pagingNames.contains(error.pointer)
                return SchemaViolation(
                    pointer: isPaging ? error.pointer : "/filter\(error.pointer)",
                    message: error.message)
            })
    }
}

/// What came of an action upon one of many sagas.
private struct BulkResult: Sendable {
    var identity: SagaIdentity
    /// The saga's status, afterwards where it was acted upon.
    var status: SagaStatus
    /// `done`, `possible` in a dry run, or the name of the problem.
    var word: String
    /// Why it was not done.
    var detail: String?

    var document: [UInt8] {
        Value.map(
            Members([
                ("id", .string(identity.id.description)), ("saga", .string(identity.name)),
                ("key", .string(identity.key)), ("status", .string(status.rawValue)),
                ("result", .string(word)), ("detail", detail.map(Value.string) ?? .null),
            ])
        ).jsonBytes
    }
}

extension SagaAPI {
    /// `POST /api/sagas:bulk`: the same action on each saga of a filter, newest first; the answer
    /// tells what came of each.
    func actOnMany(_ request: Request) async throws -> Response {
        let bulk = try BulkWish(try await request.json(limits: limits).members())
        if bulk.verb == .settle { _ = try bulk.wish.settlement() }
        let page = try await page(bulk.filter)
        let results = try await withThrowingTaskGroup(of: (Int, BulkResult).self) { group in
            var results: [BulkResult?] = Array(repeating: nil, count: page.sagas.count)
            for (place, record) in page.sagas.enumerated() {
                if place >= limits.bulkAtOnce, let (place, result) = try await group.next() {
                    results[place] = result
                }
                group.addTask { (place, try await result(of: bulk, on: record)) }
            }
            for try await (place, result) in group { results[place] = result }
            return results.compactMap { $0 }
        }
        return Answer.list(results.map(\.document), after: page.after.map(CursorText.text))
    }

    private func result(of bulk: BulkWish, on record: SagaRecord) async throws -> BulkResult {
        var result = BulkResult(identity: record.identity, status: record.status, word: "done")
        do {
            let input = try input(bulk.verb, bulk.wish, record)
            if bulk.isDryRun {
                result.word = "possible"
                try rehearse(input, on: record)
            } else {
                result.status = try await door.operate(on: record.identity.id, input).status
            }
        } catch let problem as Problem {
            (result.word, result.detail) = (problem.kind.rawValue, problem.detail)
        } catch let error as OperatorProblem {
            let problem = Problem(error)
            (result.word, result.detail) = (problem.kind.rawValue, problem.detail)
        }
        return result
    }

    /// Decides without recording anything.
    ///
    /// - Throws: a problem where the rules refuse it or it would change nothing.
    private func rehearse(_ input: Input, on record: SagaRecord) throws {
        let identity = record.identity
        let entry = try entry(of: identity)
        let state = try SagaState(
            decoding: record.state, identity: identity, input: try Value(json: record.input))
        switch entry.decider.decide(input, in: state, at: Circumstances(now: clock.now())) {
        case .record: break
        case .ignore(let why): throw OperatorProblem.ignored(why)
        case .refuse(let refusal): throw OperatorProblem.refused(refusal)
        }
    }
}
