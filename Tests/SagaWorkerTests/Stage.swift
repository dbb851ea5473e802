import Foundation
import Logging
import NATS
import TestBroker
import Testing

@testable import SagaWorker

/// A server with the two streams, and the daemon's side of the conversation.
struct Stage {
    struct Answered: Equatable {
        var subject: String
        var body: String
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let server: NATSServer
    let connection: Connection
    let publisher: Publisher
    let replies: PullConsumer

    init(withCommands: Bool = true, arguments: [String] = []) async throws {
        server = try await NATSServer(arguments: arguments)
        connection = try await Connection.connect(
            ConnectionOptions(servers: server.url, name: "daemon"))
        publisher = try await Publisher(connection)
        let jetStream = JetStream(connection)
        var stream = StreamConfiguration(name: "SAGA_REPLIES", subjects: ["saga.reply.>"])
        stream.retention = .workQueue
        try await jetStream.createStream(stream)
        var consumer = ConsumerConfiguration(durable: "sagad")
        consumer.maxAckPending = 10_000
        try await jetStream.createConsumer(consumer, on: "SAGA_REPLIES")
        replies = try await PullConsumer(connection, stream: "SAGA_REPLIES", durable: "sagad")
        if withCommands { try await createCommands() }
    }

    func createCommands() async throws {
        var stream = StreamConfiguration(name: "SAGA_COMMANDS", subjects: ["saga.command.>"])
        stream.retention = .workQueue
        try await JetStream(connection).createStream(stream)
    }

    var waitingCommands: UInt64 {
        get async throws {
            try await JetStream(connection).stream("SAGA_COMMANDS")?.contents.messages ?? 0
        }
    }

    /// Publishes commands and sees to it that they are stored.
    func send(_ commands: [Command]) async throws {
        let outcomes = await publisher.publish(batch: commands.map(\.message))
        for outcome in outcomes {
            guard case .stored = outcome else {
                Issue.record("not stored: \(outcome)")
                return
            }
        }
    }

    /// The next replies, in the order they were stored.
    func answers(_ count: Int) async throws -> [Answered] {
        var answers: [Answered] = []
        while answers.count < count {
            let batch = await replies.next()
            try #require(!batch.isEmpty)
            answers += batch.map {
                Answered(
                    subject: $0.subject, body: String(decoding: $0.payload, as: UTF8.self))
            }
            batch.ackAll()
        }
        return answers
    }

    /// Runs a worker for as long as the body takes.
    func running<Database: ParticipantDatabase, Value: Sendable>(
        _ worker: Worker<Database>, options change: (inout WorkerOptions) -> Void = { _ in },
        _ body: () async throws -> Value
    ) async throws -> Value {
        var options = WorkerOptions(servers: server.url)
        options.ackWait = .seconds(2)
        options.retryMax = .milliseconds(500)
        change(&options)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let chosen = options
            group.addTask { try await worker.run(chosen, logger: Self.quiet) }
            do {
                let value = try await body()
                group.cancelAll()
                try await group.waitForAll()
                return value
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }
}

extension Command {
    var message: Message {
        var headers = [
            ("Nats-Msg-Id", UUID().uuidString), ("Saga-Command-Id", id), ("Saga-Id", sagaID),
            ("Saga-Kind", kind.rawValue), ("Saga-Attempt", String(attempt)),
            ("Saga-Reply-To", replySubject), ("Saga-Key", key),
        ]
        if let originalID { headers.append(("Saga-Original-Command-Id", originalID)) }
        return Message(subject: "saga.command.\(name)", headers: headers, payload: body)
    }
}
