import LoadClient
import NATS

/// Reads JetStream's streams, past the daemon's code.
enum Streams {
    /// The longest time that one stream may take to be read.
    private static let limit: Duration = .seconds(60)
    private static let durable = "survival-reader"

    /// How many messages a stream holds; 0 where there is none of that name.
    static func count(of name: String, at url: String) async throws -> Int {
        let connection = try await connect(url)
        let found = try await JetStream(connection).stream(name)
        await connection.close()
        return Int(found?.contents.messages ?? 0)
    }

    /// Deletes a stream.
    static func delete(_ name: String, at url: String) async throws {
        let connection = try await connect(url)
        try await JetStream(connection).deleteStream(name)
        await connection.close()
    }

    /// All messages of a stream of domain events, in its order.
    static func events(of name: String, at url: String) async throws -> [PublishedEvent] {
        let connection = try await connect(url)
        let jetStream = JetStream(connection)
        guard let contents = try await jetStream.stream(name)?.contents, contents.messages > 0
        else { return [] }
        try await jetStream.createConsumer(ConsumerConfiguration(durable: durable), on: name)
        let consumer = try await PullConsumer(connection, stream: name, durable: durable)
        let events = try await withThrowingTaskGroup(of: [PublishedEvent].self) { group in
            group.addTask { try await read(consumer, count: Int(contents.messages)) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw LaunchFailure(description: "the stream \(name) was not read in \(limit)")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
        consumer.close()
        try await jetStream.deleteConsumer(durable, on: name)
        await connection.close()
        return events
    }

    private static func connect(_ url: String) async throws -> Connection {
        try await Connection.connect(ConnectionOptions(servers: url, name: durable))
    }

    private static func read(
        _ consumer: PullConsumer, count: Int
    ) async throws -> [PublishedEvent] {
        var events: [UInt64: PublishedEvent] = [:]
        while events.count < count {
            let batch = await consumer.next()
            if batch.isEmpty { throw CancellationError() }
            // A message may come again; its place in the stream tells.
            for delivery in batch { events[delivery.streamSequence] = PublishedEvent(delivery) }
            batch.ackAll()
        }
        return events.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension PublishedEvent {
    fileprivate init(_ delivery: Delivery) {
        self.init(
            id: delivery.header("Nats-Msg-Id") ?? "", subject: delivery.subject,
            type: delivery.header("ce-type") ?? "",
            aggregate: delivery.header("ce-subject") ?? "",
            version: delivery.header("ce-sequence").flatMap { Int64($0) },
            body: String(decoding: delivery.payload, as: UTF8.self))
    }
}
