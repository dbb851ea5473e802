import Glibc
import Logging
import NATS
import Synchronization

/// Replies that were stored and whose records do not say so yet.
final class SentReplies: Sendable {
    private let replies = Mutex<[SentReply]>([])

    func add(_ sent: [SentReply]) { replies.withLock { $0 += sent } }

    func take() -> [SentReply] {
        replies.withLock { replies in
            defer { replies = [] }
            return replies
        }
    }
}

/// Answers batches of deliveries, each batch in one transaction.
struct Workbench<Database: ParticipantDatabase>: Sendable {
    /// So many single commands in a row that fail mean that it is the database that fails.
    private static var hopelessAfter: Int { 3 }

    let database: Database
    let handlers: Handlers<Database>
    let sent: SentReplies
    let options: WorkerOptions
    let logger: Logger

    /// Answers a batch and acknowledges it; what could not be answered is asked for again.
    func answer(_ batch: [Delivery]) async -> [Reply] {
        let works = batch.compactMap(work)
        guard !works.isEmpty else { return [] }
        do {
            return try await commit(works)
        } catch {
            logger.error("a batch could not be committed", metadata: ["error": "\(error)"])
            return await answerSingly(works)
        }
    }

    /// Notes in the records which replies were sent.
    func markSent() async {
        let marks = sent.take()
        guard !marks.isEmpty else { return }
        let database = database
        do {
            try await database.transaction { try database.markSent(marks, in: $0) }
        } catch {
            sent.add(marks)
            logger.error("sent replies could not be marked", metadata: ["error": "\(error)"])
        }
    }

    /// Deletes records that are older than the contract asks for.
    func forgetOld(limit: Int) async {
        let database = database
        let before = secondsNow() - options.keepRecords.components.seconds
        do {
            try await database.transaction {
                try database.forget(before: before, limit: limit, in: $0)
            }
        } catch {
            logger.error("old records could not be deleted", metadata: ["error": "\(error)"])
        }
    }

    private struct Work: Sendable {
        var command: Command
        var delivery: Delivery
    }

    /// Reads a delivery; one that cannot be answered is taken out of the stream and logged.
    private func work(_ delivery: Delivery) -> Work? {
        do {
            let command = try Command(delivery, subjectPrefix: options.subjectPrefix)
            return Work(command: command, delivery: delivery)
        } catch {
            delivery.term()
            logger.error(
                "a message is no command and was dropped",
                metadata: [
                    "reason": "\(error.reason)", "subject": "\(delivery.subject)",
                    "sequence": "\(delivery.streamSequence)",
                ])
            return nil
        }
    }

    private func commit(_ works: [Work]) async throws -> [Reply] {
        let marks = sent.take()
        let (database, handlers) = (database, handlers)
        let commands = works.map(\.command)
        let now = secondsNow()
        do {
            let (replies, failures) = try await database.transaction { transaction in
                if !marks.isEmpty { try database.markSent(marks, in: transaction) }
                var contract = Contract(
                    database, handlers: handlers, transaction: transaction, now: now)
                let replies = try contract.answer(commands)
                return (replies, contract.failures.map { ($0.command, "\($0.error)") })
            }
            works.map(\.delivery).ackAll()
            for (command, error) in failures { log(command, error) }
            return replies
        } catch {
            sent.add(marks)
            throw error
        }
    }

    private func answerSingly(_ works: [Work]) async -> [Reply] {
        var replies: [Reply] = []
        var failedInARow = 0
        for work in works {
            guard failedInARow < Self.hopelessAfter else {
                work.delivery.nak(delay: options.retryMax)
                continue
            }
            do {
                replies += try await commit([work])
                failedInARow = 0
            } catch {
                failedInARow += 1
                log(work.command, "\(error)")
                work.delivery.nak(delay: options.retryMax)
            }
        }
        if failedInARow >= Self.hopelessAfter {
            var wait = options.retryMax
            _ = await pause(&wait, atMost: options.retryMax)
        }
        return replies
    }

    private func log(_ command: Command, _ error: String) {
        logger.error(
            "a command failed",
            metadata: [
                "command": "\(command.name)", "command_id": "\(command.id)",
                "saga_id": "\(command.sagaID)", "error": "\(error)",
            ])
    }
}

/// Seconds since 1970.
func secondsNow() -> Int64 { Int64(time(nil)) }
