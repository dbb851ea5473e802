import NATS

/// Reads messages of a stream that nobody else is to be disturbed by, once.
struct StreamReading {
    private let connection: Connection
    private let stream: String

    private static let durable = "sagad-bench"

    init(_ connection: Connection, stream: String) {
        self.connection = connection
        self.stream = stream
    }

    /// Gives each message from that sequence up to the last that is there now, with the headers
    /// that name its saga.
    func each(from first: UInt64, _ body: (Delivery) throws -> Void) async throws {
        let jetStream = JetStream(connection)
        let last = try await jetStream.stream(stream)?.contents.lastSequence ?? 0
        guard first <= last else { return }
        var configuration = ConsumerConfiguration(durable: Self.durable)
        configuration.deliver = .from(first)
        configuration.headersOnly = true
        configuration.inactiveThreshold = .seconds(60)
        try await jetStream.createConsumer(configuration, on: stream)
        var options = PullConsumer.Options()
        options.headers = ["Saga-Id"]
        let consumer = try await PullConsumer(
            connection, stream: stream, durable: Self.durable, options: options)
        reading: for await batch in consumer {
            for delivery in batch {
                try body(delivery)
                if delivery.streamSequence >= last { break reading }
            }
            batch.ackAll()
        }
        consumer.close()
        _ = try await jetStream.deleteConsumer(Self.durable, on: stream)
    }
}
