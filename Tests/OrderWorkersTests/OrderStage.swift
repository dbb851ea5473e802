import Foundation
import Logging
import NATS
import OrderWorkers
import SagaWorker
import TestBroker
import Testing

/// The order participants at a real server, with the daemon's side of the conversation.
struct OrderStage {
    let server: NATSServer
    let connection: Connection
    let publisher: Publisher
    let replies: PullConsumer
    let folder: String

    var database: String { folder + "/orders.sqlite" }

    init() async throws {
        server = try await NATSServer()
        folder = server.folder
        connection = try await Connection.connect(
            ConnectionOptions(servers: server.url, name: "daemon"))
        publisher = try await Publisher(connection)
        let jetStream = JetStream(connection)
        for (name, subject) in [
            ("SAGA_COMMANDS", "saga.command.>"), ("SAGA_REPLIES", "saga.reply.>"),
        ] {
            var stream = StreamConfiguration(name: name, subjects: [subject])
            stream.retention = .workQueue
            try await jetStream.createStream(stream)
        }
        var consumer = ConsumerConfiguration(durable: "sagad")
        consumer.maxAckPending = 10_000
        try await jetStream.createConsumer(consumer, on: "SAGA_REPLIES")
        replies = try await PullConsumer(connection, stream: "SAGA_REPLIES", durable: "sagad")
    }

    /// Sends one command and waits for its reply.
    func ask(
        _ name: String, _ id: String, kind: String = "command", about original: String? = nil,
        _ body: String
    ) async throws -> String {
        let outcome = await publisher.publish(
            Self.message(name, id, kind: kind, about: original, body))
        guard case .stored = outcome else {
            Issue.record("not stored: \(outcome)")
            return ""
        }
        let batch = await replies.next()
        batch.ackAll()
        let answer = try #require(batch.first)
        #expect(answer.subject == "saga.reply.s.\(id).1")
        return String(decoding: answer.payload, as: UTF8.self)
    }

    static func message(
        _ name: String, _ id: String, kind: String = "command", about original: String? = nil,
        _ body: String
    ) -> Message {
        var headers = [
            ("Saga-Command-Id", id), ("Saga-Kind", kind), ("Saga-Attempt", "1"),
            ("Saga-Reply-To", "saga.reply.s.\(id).1"),
        ]
        if let original { headers.append(("Saga-Original-Command-Id", original)) }
        return Message(
            subject: "saga.command.\(name)", headers: headers, payload: Array(body.utf8))
    }

    /// Runs the participants for as long as the body takes.
    func running(_ body: () async throws -> Void) async throws {
        let settings = OrderSettings(servers: server.url, database: database)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await OrderParticipants(settings, logger: logger).run() }
            do {
                try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
