import SagaCore
import SagaRuntime
import SagaWorker
import Synchronization

/// A participant's business: what it does, takes back, and says when asked.
struct Trade: Sendable {
    /// The command that does it.
    var command: String
    /// The outcome that says done, and those that say not done.
    var done: String
    var refusals: [String]
    /// The compensation; nil where there is none.
    var undo: String?
    /// The probe; nil where there is none.
    var probe: String?

    static let all = [
        Trade(
            command: "payments.debit", done: "debited", refusals: ["declined"],
            undo: "payments.void", probe: "payments.status"),
        Trade(command: "reviews.review", done: "approved", refusals: ["rejected"]),
        Trade(
            command: "flights.book", done: "booked", refusals: ["full"], undo: "flights.cancel"),
        Trade(
            command: "rooms.book", done: "booked", refusals: ["full"], undo: "rooms.cancel",
            probe: "rooms.status"),
        Trade(
            command: "tickets.issue", done: "issued", refusals: ["refused"],
            probe: "tickets.status"),
        Trade(command: "mails.send", done: "done", refusals: []),
        Trade(command: "stock.take", done: "taken", refusals: ["soldout"], undo: "stock.back"),
    ]
}

/// The participants: the kit's contract over one ledger.
final class Participants: Sendable {
    private let world: World
    let ledger = Ledger()
    private let handlers: Handlers<Ledger>
    let inHand = WorkInHand()

    init(_ world: World) {
        self.world = world
        var handlers = Handlers<Ledger>()
        for trade in Trade.all {
            handlers.commands[trade.command] = { [world] command, transaction in
                Self.work(on: command, trade, transaction, world)
            }
            if let undo = trade.undo {
                handlers.compensations[undo] = { [world] _, original, transaction in
                    if world.strikes(.participantBusy) { return Self.busy }
                    if world.strikes(.participantFails) { return Self.broken }
                    if transaction.contents.done[original.id, default: 0] > 0 {
                        transaction.contents.done[original.id, default: 0] -= 1
                    }
                    return .done
                }
            }
            if let probe = trade.probe {
                handlers.probes[probe] = { [world, inHand] command, _ in
                    guard inHand.contains(command.originalID ?? "") else { return .never }
                    world.note(.participantPending)
                    return .pending
                }
            }
        }
        self.handlers = handlers
    }

    private static let busy = Answer.error(code: "busy", message: "", retriable: true)
    private static let broken = Answer.error(code: "broken", message: "", retriable: false)

    private static func work(
        on command: Command, _ trade: Trade, _ transaction: Ledger.Transaction, _ world: World
    ) -> Answer {
        if world.strikes(.participantBusy) { return busy }
        if world.strikes(.participantFails) { return broken }
        if !trade.refusals.isEmpty, world.dice.chance(0.15) {
            return .outcome(world.dice.pick(trade.refusals))
        }
        transaction.contents.done[command.id, default: 0] += 1
        transaction.contents.keys[command.id] = command.key
        if trade.undo == nil { transaction.contents.kept.insert(command.id) }
        return .outcome(trade.done)
    }

    /// Answers one delivery of a command as the kit does, in one transaction.
    func answer(_ outgoing: OutgoingCommand) -> [ReplyLetter] {
        let command = Command(outgoing)
        let now = world.time.now().microseconds / 1_000_000
        let replies: [SagaWorker.Reply]
        do {
            replies = try ledger.write { transaction in
                var contract = Contract(
                    ledger, handlers: handlers, transaction: transaction, now: now)
                return try contract.answer([command])
            }
        } catch {
            preconditionFailure("A ledger in memory never fails: \(error)")
        }
        for reply in replies {
            world.time.trace("answer \(String(decoding: reply.body, as: UTF8.self))")
        }
        return replies.map { ReplyLetter(subject: $0.subject, body: $0.body) }
    }
}

extension Command {
    fileprivate init(_ outgoing: OutgoingCommand) {
        let command = outgoing.command
        let kind: Kind =
            switch command.kind {
            case .command: .command
            case .compensation: .compensation
            case .probe: .probe
            }
        self.init(
            id: command.id.description, kind: kind, name: command.subject, body: [],
            originalID: command.originalID?.description, attempt: command.attempt,
            key: outgoing.saga.key, step: command.path,
            replySubject: ReplyText.subject(
                sagaID: outgoing.saga.id, commandID: command.id, attempt: command.attempt))
    }
}

/// What participants did and remember.
final class Ledger: ParticipantDatabase {
    struct Contents {
        var records: [String: CommandRecord] = [:]
        /// How often each command's work stands done, and not taken back.
        var done: [String: Int] = [:]
        /// The key of the saga of each command whose work was ever done.
        var keys: [String: String] = [:]
        /// The commands whose work nothing takes back.
        var kept: Set<String> = []
    }

    final class Transaction {
        var contents: Contents
        init(_ contents: Contents) { self.contents = contents }
    }

    private let state = Mutex(Contents())

    /// What stands done, by the command's id.
    var done: [String: Int] { state.withLock { $0.done.filter { $0.value != 0 } } }

    /// The key of the saga of a command; nil where its work was never done.
    func key(of command: String) -> String? { state.withLock { $0.keys[command] } }

    /// Whether nothing takes back what that command did.
    func isKept(_ command: String) -> Bool { state.withLock { $0.kept.contains(command) } }

    func write<Value: Sendable>(_ body: (Transaction) throws -> Value) throws -> Value {
        let transaction = Transaction(state.withLock { $0 })
        let value = try body(transaction)
        let contents = transaction.contents
        state.withLock { $0 = contents }
        return value
    }

    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value { try write(body) }

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

    func markSent(_ replies: [SentReply], in transaction: Transaction) {}

    func unsent(limit: Int, in transaction: Transaction) -> [CommandRecord] { [] }

    func forget(before time: Int64, limit: Int, in transaction: Transaction) {}
}
