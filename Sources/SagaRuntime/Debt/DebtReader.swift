import SagaCore

/// Reads what sagas owe: from their states what it is, from their journals since when and how much.
///
/// Only sagas that wait for a person, or owe a compensation that was not answered at once, are read;
/// the store has an index of them.
package struct DebtReader: Sendable {
    let store: any Store
    let clock: any SagaClock
    /// How long a compensation goes unanswered before it is debt.
    let after: Duration

    /// The most rows of one journal that are looked through; what is not found there is told by the
    /// last change of the saga.
    package static let journalRows = 5000
    private static let journalPage = 500

    /// The reader of those sagas.
    package init(store: any Store, clock: any SagaClock, after: Duration) {
        self.store = store
        self.clock = clock
        self.after = after
    }

    /// What the sagas of that query's next page owe; a page has at most `limit` sagas, and what any
    /// of them owes.
    package func page(
        _ query: SagaQuery, fields: AmountFields = AmountFields()
    ) async throws -> DebtPage {
        var query = query
        query.needsPerson = true
        let page = try await store.list(query)
        var debts: [DebtRecord] = []
        for record in page.sagas { debts += try await self.debts(of: record, fields) }
        return DebtPage(debts: debts, after: page.after)
    }

    /// What a saga owes, but for compensations that were sent only just now; nothing of one that a
    /// newer daemon wrote.
    package func debts(
        of record: SagaRecord, _ fields: AmountFields = AmountFields()
    ) async throws -> [DebtRecord] {
        guard let state = try? SagaState(record: record) else { return [] }
        let debts = state.debts
        guard !debts.isEmpty else { return [] }
        let history = try await history(of: debts, record, state.input)
        let due = clock.now() - after
        return debts.compactMap { debt in
            let found = history.record(of: debt, record, fields)
            guard debt.command == nil || found.since <= due else { return nil }
            return found
        }
    }

    private func history(
        of debts: [Debt], _ record: SagaRecord, _ document: Value
    ) async throws -> DebtHistory {
        var history = DebtHistory(document: document)
        let isOpen = debts.allSatisfy { $0.command != nil }
        var version: Int64 = 0
        while version < Self.journalRows {
            let rows = try await store.journal(
                of: record.identity.id, after: version, limit: Self.journalPage)
            for row in rows { history.take(row) }
            version = rows.last?.version ?? .max
            // A command is opened once, and its attempts make the journal long; what is stuck is
            // told last.
            if rows.count < Self.journalPage || isOpen && history.knows(debts) { break }
        }
        return history
    }
}

/// What journals tell of commands and of what is stuck.
private struct DebtHistory {
    let document: Value
    private var opened: [String: (at: Instant, command: DebtRecord.SentCommand)] = [:]
    private var last: [Place: String] = [:]
    private var stuckAt: [Place: Instant] = [:]

    private struct Place: Hashable {
        var path: NodePath
        var kind: String
    }

    init(document: Value) { self.document = document }

    mutating func take(_ row: JournalRecord) {
        guard let entries = (try? Value(json: row.body))?["entries"]?.elements else { return }
        for entry in entries {
            guard let path = entry["step"]?.text else { continue }
            switch entry["kind"]?.text {
            case "command_opened":
                guard let id = entry["command_id"]?.text, let kind = entry["command"]?.text else {
                    continue
                }
                let command = DebtRecord.SentCommand(
                    id: id, subject: entry["subject"]?.text, body: entry["body"] ?? document)
                opened[id] = (row.at, command)
                last[Place(path: path, kind: kind)] = id
            case "step_stuck": stuckAt[Place(path: path, kind: "step")] = row.at
            case "compensation_stuck":
                stuckAt[Place(path: path, kind: "compensation")] = row.at
            default: break
            }
        }
    }

    func knows(_ debts: [Debt]) -> Bool {
        debts.allSatisfy { $0.command.map { opened[$0.id.description] != nil } ?? true }
    }

    func record(of debt: Debt, _ record: SagaRecord, _ fields: AmountFields) -> DebtRecord {
        let own = command("command", of: debt.path)
        let about: DebtRecord.SentCommand?
        switch debt.kind {
        case .step: about = own
        case .compensation:
            about =
                debt.command.flatMap { opened[$0.id.description]?.command }
                ?? command("compensation", of: debt.path)
        }
        let since =
            debt.command.flatMap { opened[$0.id.description]?.at }
            ?? stuckAt[Place(path: debt.path, kind: debt.kind.rawValue)]
        let bodies = [about?.body, own?.body].compactMap { $0 }
        let body = bodies.first { $0[fields.amount]?.number != nil }
        return DebtRecord(
            saga: record.identity, status: record.status, debt: debt,
            since: since ?? record.updatedAt, command: about,
            amount: body?[fields.amount]?.number, currency: body?[fields.currency]?.text)
    }

    private func command(_ kind: String, of path: NodePath) -> DebtRecord.SentCommand? {
        last[Place(path: path, kind: kind)].flatMap { opened[$0]?.command }
    }
}

extension Value {
    /// The number of a JSON number, or nil.
    fileprivate var number: Double? {
        switch self {
        case .double(let number): number
        case .int(let number): Double(number)
        case .null, .bool, .string, .list, .map, .timestamp, .duration: nil
        }
    }
}
