import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/debt`: what is stuck, and the compensations that go unanswered, those of the newest
    /// sagas first.
    ///
    /// A page holds what at most `limit` sagas owe.
    func debt(_ target: RequestTarget) async throws -> Response {
        let wish = try DebtQuery(parameters: try target.parameters())
        let reader = DebtReader(store: store, clock: clock, after: limits.debtAfter)
        let page = try await reader.page(wish.sagas, fields: wish.fields)
        let now = clock.now()
        let debts = page.debts.filter { wish.admits($0, at: now) }
        return Answer.list(
            debts.map { $0.document(at: now).jsonBytes }, after: page.after.map(CursorText.text))
    }
}

extension DebtRecord {
    fileprivate func document(at now: Instant) -> Value {
        func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }
        let attempt = (debt.command?.attempt).map { Value.double(Double($0)) } ?? .null
        return .map(
            Members([
                ("saga_id", .string(saga.id.description)), ("saga", .string(saga.name)),
                ("key", .string(saga.key)), ("status", .string(status.rawValue)),
                ("step", .string(debt.path)), ("kind", .string(debt.kind.rawValue)),
                ("state", .string(debt.stuckReason == nil ? "open" : "stuck")),
                ("reason", text(debt.stuckReason)), ("since", .timestamp(since)),
                ("age_seconds", .double(Double(max(0, (now - since).components.seconds)))),
                ("amount", amount.map(Value.double) ?? .null), ("currency", text(currency)),
                ("command_id", text(command?.id)), ("subject", text(command?.subject)),
                ("attempt", attempt), ("body", command?.body ?? .null),
                ("proposal", debt.proposal?.document ?? .null),
            ]))
    }
}

extension SettlementProposal {
    /// The proposal as JSON: `{by, outcome, data}`, or `{by, compensated: true}`.
    var document: Value {
        switch settlement {
        case .outcome(let outcome, let data):
            ["by": .string(by), "outcome": .string(outcome), "data": data]
        case .compensated: ["by": .string(by), "compensated": true]
        }
    }
}

/// Which debts a list shows.
private struct DebtQuery {
    /// The sagas that are looked through.
    var sagas = SagaQuery()
    /// Where amounts stand.
    var fields = AmountFields()
    /// Only what is stuck, or only what is open.
    var isStuck: Bool?
    /// Only what is at least so old.
    var age: Duration = .zero
    /// Only what has at least that amount.
    var amount: Double?

    init(parameters: [(name: String, value: String)]) throws(Problem) {
        var reading = try ParameterReading(
            parameters,
            known: [
                "saga", "key", "state", "min_age", "min_amount", "amount_field", "limit", "after",
            ])
        sagas.definition = reading.text("saga")
        sagas.key = reading.text("key")
        sagas.limit = reading.limit()
        sagas.after = reading.cursor()
        fields.amount = reading.text("amount_field") ?? fields.amount
        switch reading.text("state") {
        case nil: break
        case "stuck": isStuck = true
        case "open": isStuck = false
        case let other?: reading.refuse("state", "must be stuck or open, is '\(other)'")
        }
        if let text = reading.text("min_age") {
            if let seconds = Int64(text), (0...3_153_600_000).contains(seconds) {
                age = .seconds(seconds)
            } else {
                reading.refuse("min_age", "must be a whole number of seconds, is '\(text)'")
            }
        }
        if let text = reading.text("min_amount") {
            amount = Double(text)
            if amount == nil { reading.refuse("min_amount", "must be a number, is '\(text)'") }
        }
        try reading.finish()
    }

    func admits(_ record: DebtRecord, at now: Instant) -> Bool {
        if let isStuck, (record.debt.stuckReason != nil) != isStuck { return false }
        if now - record.since < age { return false }
        guard let amount else { return true }
        return record.amount.map { $0 >= amount } ?? false
    }
}
