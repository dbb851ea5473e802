import Synchronization

@testable import SagaWorker

/// A participant's database in memory, whose work is a list of what was done.
final class MemoryDatabase: ParticipantDatabase {
    struct Contents {
        var records: [String: CommandRecord] = [:]
        var work: [String] = []
    }

    final class Transaction {
        var contents: Contents
        init(_ contents: Contents) { self.contents = contents }
    }

    struct Broken: Error {}

    private struct State {
        var contents = Contents()
        var commits = 0
        var failures = 0
    }

    private let state = Mutex(State())

    var work: [String] { state.withLock { $0.contents.work } }
    var records: [String: CommandRecord] { state.withLock { $0.contents.records } }
    var commits: Int { state.withLock { $0.commits } }

    /// Lets the next so many transactions fail on their commit.
    func fail(_ count: Int) { state.withLock { $0.failures = count } }

    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try state.withLock { state in
            let transaction = Transaction(state.contents)
            let value = try body(transaction)
            guard state.failures == 0 else {
                state.failures -= 1
                throw Broken()
            }
            state.contents = transaction.contents
            state.commits += 1
            return value
        }
    }

    func savepoint<Value>(_ transaction: Transaction, _ body: () throws -> Value) throws -> Value {
        let before = transaction.contents
        do {
            return try body()
        } catch {
            transaction.contents = before
            throw error
        }
    }

    func records(of commandIDs: [String], in transaction: Transaction) -> [CommandRecord] {
        commandIDs.compactMap { transaction.contents.records[$0] }
    }

    func save(_ records: [CommandRecord], in transaction: Transaction) {
        for record in records { transaction.contents.records[record.commandID] = record }
    }

    func markSent(_ replies: [SentReply], in transaction: Transaction) {
        for reply in replies
        where transaction.contents.records[reply.commandID]?.replySubject == reply.replySubject {
            transaction.contents.records[reply.commandID]?.isReplySent = true
        }
    }

    func unsent(limit: Int, in transaction: Transaction) -> [CommandRecord] {
        let owed = transaction.contents.records.values.filter {
            !$0.isReplySent && $0.replySubject != nil
        }
        return Array(owed.prefix(limit))
    }

    func forget(before time: Int64, limit: Int, in transaction: Transaction) {
        let old = transaction.contents.records.values.filter { record in
            record.recordedAt < time && (record.isReplySent || record.replySubject == nil)
        }
        for record in old.prefix(limit) { transaction.contents.records[record.commandID] = nil }
    }
}

extension MemoryDatabase {
    /// A worker whose answers follow the body of the command.
    ///
    /// `done`: the outcome; `flaky`: a retriable error the first time; `no`: an error for good;
    /// `poison`: throws after it wrote.
    func worker() -> Worker<MemoryDatabase> {
        let attempts = Mutex<[String: Int]>([:])
        var worker = Worker("pay", takes: "pay", database: self)
        worker.on("pay.debit") { command, transaction in
            let body = String(decoding: command.body, as: UTF8.self)
            let attempt = attempts.withLock {
                $0[command.id, default: 0] += 1
                return $0[command.id] ?? 0
            }
            transaction.contents.work.append("debit \(command.id)")
            switch body {
            case "poison": throw Broken()
            case "no": return .error(code: "no", message: "never", retriable: false)
            case "flaky" where attempt == 1:
                return .error(code: "busy", message: "later", retriable: true)
            default: return .outcome("debited", data: ["id": .string(command.id)])
            }
        }
        worker.compensate("pay.void") { command, original, transaction in
            switch original.state {
            case .outcome: transaction.contents.work.append("void \(original.id)")
            case .error, .unknown: transaction.contents.work.append("nothing to void")
            }
            return .done
        }
        worker.probe("pay.status") { command, transaction in
            switch String(decoding: command.body, as: UTF8.self) {
            case "pending": .pending
            case "known": .outcome("debited", data: ["id": "elsewhere"])
            default: .never
            }
        }
        return worker
    }
}
