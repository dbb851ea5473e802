import NATS
import SagaCore
package import SagaRuntime

/// How the streams stand, and what lies in them.
extension JetStreamBus {
    /// The most messages of which the ids are asked for and not read.
    private static let idBatch = 1024
    /// After this long without a pull the server deletes what ids were read with.
    private static let idLife: Duration = .seconds(60)

    /// The streams of the wire contract.
    package func streams(of aggregates: [String]) -> [DaemonStream] {
        [
            DaemonStream(name: StreamPlan.commands, content: .commands),
            DaemonStream(name: StreamPlan.replies, content: .replies),
            DaemonStream(name: StreamPlan.dead, content: .deadLetters),
        ] + aggregates.map { DaemonStream(name: $0, content: .events) }
    }

    /// How a stream stands.
    package func standing(of stream: String) async throws -> StreamStanding? {
        do throws(NATSFailure) {
            return try await jetStream.stream(stream).map { StreamStanding($0) }
        } catch {
            throw BusError(error)
        }
    }

    /// The id of a message.
    package func messageID(_ number: UInt64, in stream: String) async throws -> String? {
        do throws(NATSFailure) {
            let message = try await jetStream.message(number, in: stream)
            return message.flatMap { firstHeader(Wire.idHeader, in: $0.headers) }
                .flatMap(Wire.text(ofHeader:))
        } catch .refused {
            // nats-server says so of a message that it has lost, or where the stream is gone.
            return nil
        } catch {
            throw BusError(error)
        }
    }

    /// The ids of messages, by a consumer that is made for that.
    package func messageIDs(
        _ numbers: ClosedRange<UInt64>, in stream: String
    ) async throws -> [String] {
        do throws(NATSFailure) {
            var wanted = ConsumerConfiguration(
                durable: "sagad-look-\(String(UInt64.random(in: 0 ... .max), radix: 16))")
            wanted.deliver = .from(numbers.lowerBound)
            wanted.headersOnly = true
            wanted.maxAckPending = 4 * Self.idBatch
            wanted.inactiveThreshold = Self.idLife
            let made = try await jetStream.createConsumer(wanted, on: stream)
            let ids =
                made.pending == 0
                ? [] : try await messageIDs(upTo: numbers.upperBound, wanted.durable, stream)
            try await jetStream.deleteConsumer(wanted.durable, on: stream)
            return ids
        } catch {
            throw BusError(error)
        }
    }

    private func messageIDs(
        upTo last: UInt64, _ durable: String, _ stream: String
    ) async throws(NATSFailure) -> [String] {
        var options = PullConsumer.Options()
        options.batch = Self.idBatch
        options.capacity = 2 * Self.idBatch
        options.headers = [Wire.idHeader]
        options.heartbeat = limits.heartbeat
        let consumer = try await PullConsumer(
            connection, stream: stream, durable: durable, options: options)
        defer { consumer.close() }
        let ids: [String]? = await withTaskGroup { group in
            group.addTask { () async -> [String]? in
                for await _ in consumer.troubles { break }
                return nil
            }
            group.addTask { await Self.readIDs(upTo: last, from: consumer) }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let ids else { throw .timedOut("reading the ids of messages of \(stream)") }
        return ids
    }

    /// Nil where it was cut off.
    private static func readIDs(upTo last: UInt64, from consumer: PullConsumer) async -> [String]? {
        var ids: [String] = []
        while true {
            let deliveries = await consumer.next()
            guard let newest = deliveries.last else { return nil }
            for delivery in deliveries where delivery.streamSequence <= last {
                guard let text = delivery.header(Wire.idHeader),
                    let id = Wire.text(ofHeader: text)
                else { continue }
                ids.append(id)
            }
            deliveries.ackAll()
            if newest.streamSequence >= last || newest.pending == 0 { return ids }
        }
    }
}

extension StreamStanding {
    init(_ stream: StreamDescription) {
        let found = stream.configuration
        let contents = stream.contents
        self.init(
            identity: stream.created,
            first: contents.messages == 0 ? contents.lastSequence + 1 : contents.firstSequence,
            last: contents.lastSequence, messages: contents.messages, bytes: contents.bytes,
            limits: Limits(
                age: found.maxAge > .zero ? found.maxAge : nil,
                messages: UInt64(exactly: found.maxMessages).flatMap { $0 > 0 ? $0 : nil },
                bytes: UInt64(exactly: found.maxBytes).flatMap { $0 > 0 ? $0 : nil },
                messagesOfSubject: UInt64(exactly: found.maxMessagesOfSubject)
                    .flatMap { $0 > 0 ? $0 : nil }))
    }
}
