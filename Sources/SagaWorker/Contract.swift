/// A reply to publish once the transaction is durable.
package struct Reply: Sendable, Equatable {
    /// The subject to publish it on.
    package var subject: String
    /// Its body.
    package var body: [UInt8]
    var traceparent: String?
    /// The record to mark once it is sent; `nil` where the answer is not recorded.
    var record: SentReply?
}

/// The participant's contract: what each command of a batch is answered, inside one transaction.
///
/// A value for one transaction: it holds the records read and changed so far, so that a command
/// sees what the commands before it in the batch did.
package struct Contract<Database: ParticipantDatabase> {
    private let database: Database
    private let handlers: Handlers<Database>
    private let transaction: Database.Transaction
    private let now: Int64
    private var records: [String: CommandRecord] = [:]
    private var changed: Set<String> = []
    private var replies: [Reply] = []
    /// What handlers threw, for the log: the command's id and the error.
    private(set) var failures: [(command: Command, error: any Error)] = []

    /// The contract for one transaction; `now` in seconds since 1970.
    package init(
        _ database: Database, handlers: Handlers<Database>, transaction: Database.Transaction,
        now: Int64
    ) {
        self.database = database
        self.handlers = handlers
        self.transaction = transaction
        self.now = now
    }

    /// Answers a batch and writes its records.
    package mutating func answer(_ commands: [Command]) throws -> [Reply] {
        let ids = Set(commands.map(\.id)).union(commands.compactMap(\.originalID))
        for record in try database.records(of: Array(ids), in: transaction) {
            records[record.commandID] = record
        }
        for command in commands { try answer(command) }
        try database.save(changed.compactMap { records[$0] }, in: transaction)
        return replies
    }

    private mutating func answer(_ command: Command) throws {
        if let record = records[command.id], record.isClosed {
            return settle(command, .compensated)
        }
        if let record = records[command.id], let body = record.answer {
            return settle(command, body: body, isOutcome: record.isOutcome)
        }
        switch command.kind {
        case .command: work(command)
        case .compensation: undo(command)
        case .probe: look(command)
        }
    }

    // MARK: The three kinds

    private mutating func work(_ command: Command) {
        guard let handler = handlers.commands[command.name] else { return unknown(command) }
        let transaction = transaction
        settle(command, attempt(command) { try handler(command, transaction) })
    }

    private mutating func undo(_ command: Command) {
        guard let original = command.originalID else { return incomplete(command) }
        if records[original]?.isClosed == true { return settle(command, .done) }
        guard let handler = handlers.compensations[command.name] else { return unknown(command) }
        let told = OriginalCommand(id: original, state: state(of: original))
        let transaction = transaction
        let answer = attempt(command) { try handler(command, told, transaction) }
        if answer.isOutcome { close(original) }
        settle(command, answer)
    }

    private mutating func look(_ command: Command) {
        guard let original = command.originalID else { return incomplete(command) }
        switch state(of: original) {
        case .outcome(let body) where records[original]?.isClosed != true:
            return settle(command, body: body, isOutcome: true)
        case .outcome, .error: return never(command, original)
        case .unknown: break
        }
        if records[original]?.isClosed == true { return never(command, original) }
        guard let handler = handlers.probes[command.name] else { return unknown(command) }
        let transaction = transaction
        do {
            switch try database.savepoint(transaction, { try handler(command, transaction) }) {
            case .never: never(command, original)
            case .pending: reply(command, Answer.outcome("pending").body, isRecorded: false)
            case .outcome(let name, let data):
                let answer = Answer.outcome(name, data: data)
                keep(original) {
                    $0.answer = answer.body
                    $0.isOutcome = true
                }
                settle(command, answer)
            }
        } catch {
            failures.append((command, error))
            reply(command, Self.failed(error).body, isRecorded: false)
        }
    }

    // MARK: What follows from an answer

    /// Runs a handler; what it wrote stays only if its answer is final.
    private mutating func attempt(_ command: Command, _ body: () throws -> Answer) -> Answer {
        do {
            return try database.savepoint(transaction) {
                let answer = try body()
                guard answer.isFinal else { throw NotFinal(answer: answer) }
                return answer
            }
        } catch let error as NotFinal {
            return error.answer
        } catch {
            failures.append((command, error))
            return Self.failed(error)
        }
    }

    private struct NotFinal: Error {
        var answer: Answer
    }

    private static func failed(_ error: any Error) -> Answer {
        .error(code: "handler-failed", message: String("\(error)".prefix(500)), retriable: true)
    }

    private mutating func settle(_ command: Command, _ answer: Answer) {
        guard answer.isFinal else { return reply(command, answer.body, isRecorded: false) }
        settle(command, body: answer.body, isOutcome: answer.isOutcome)
    }

    private mutating func settle(_ command: Command, body: [UInt8], isOutcome: Bool) {
        keep(command.id) {
            $0.answer = body
            $0.isOutcome = isOutcome
            $0.replySubject = command.replySubject
            $0.isReplySent = false
        }
        reply(command, body, isRecorded: true)
    }

    private mutating func never(_ command: Command, _ original: String) {
        close(original)
        settle(command, .outcome("never"))
    }

    private mutating func close(_ original: String) { keep(original) { $0.isClosed = true } }

    private mutating func unknown(_ command: Command) {
        let message = "this participant has no \(command.kind.rawValue) \(command.name)"
        settle(command, .error(code: "unknown-command", message: message, retriable: true))
    }

    private mutating func incomplete(_ command: Command) {
        let message = "the header Saga-Original-Command-Id is missing"
        settle(command, .error(code: "malformed", message: message, retriable: false))
    }

    private mutating func reply(_ command: Command, _ body: [UInt8], isRecorded: Bool) {
        let sent = SentReply(commandID: command.id, replySubject: command.replySubject)
        replies.append(
            Reply(
                subject: command.replySubject, body: body, traceparent: command.traceparent,
                record: isRecorded ? sent : nil))
    }

    // MARK: Records

    private func state(of original: String) -> OriginalCommand.State {
        guard let record = records[original], let body = record.answer else { return .unknown }
        return record.isOutcome ? .outcome(body) : .error(body)
    }

    private mutating func keep(_ id: String, _ change: (inout CommandRecord) -> Void) {
        var record =
            records[id]
            ?? CommandRecord(
                commandID: id, isClosed: false, answer: nil, isOutcome: false, replySubject: nil,
                isReplySent: false, recordedAt: now)
        change(&record)
        record.recordedAt = now
        records[id] = record
        changed.insert(id)
    }
}
