import Logging
import NATS
package import SagaRuntime
import Synchronization

/// The news of domain events, from a durable consumer on each aggregate's stream.
extension JetStreamBus {
    /// The durable consumer of all daemons on the domain events of a stream.
    package static let viewsConsumer = "sagad-views"

    /// The next news of a stream; nil once closed or cancelled.
    ///
    /// Messages whose headers name no event are not the daemon's, and are passed over.
    package func nextNews(of stream: String) async -> NewsBatch? {
        while let consumer = await newsConsumer(of: stream) {
            let deliveries = await consumer.next()
            if deliveries.isEmpty { return nil }
            var news: [EventNews] = []
            var strange: [Delivery] = []
            news.reserveCapacity(deliveries.count)
            for delivery in deliveries {
                if let one = Wire.news(delivery) {
                    news.append(one)
                } else {
                    strange.append(delivery)
                }
            }
            strange.ackAll()
            guard !news.isEmpty else { continue }
            return NewsBatch(news: news, token: keep(deliveries))
        }
        return nil
    }

    /// Acknowledges news whose events are in the views.
    package func acknowledge(news batches: [NewsBatch]) async {
        let deliveries = shelf.withLock { shelf in
            batches.compactMap { shelf.newsDeliveries.removeValue(forKey: $0.token) }
        }
        for batch in deliveries { batch.ackAll() }
    }

    private func keep(_ deliveries: [Delivery]) -> String {
        shelf.withLock { shelf in
            shelf.tokens += 1
            let token = String(shelf.tokens)
            shelf.newsDeliveries[token] = deliveries
            return token
        }
    }

    /// The consumer as it is made.
    private var newsConfiguration: ConsumerConfiguration {
        var wanted = ConsumerConfiguration(durable: Self.viewsConsumer)
        wanted.ackWait = limits.acknowledgeWait
        wanted.maxAckPending = limits.unacknowledged
        // What happened is read in the event store.
        wanted.headersOnly = true
        return wanted
    }

    func prepareNews(of stream: String) async throws(NATSFailure) {
        try await prepare(newsConfiguration, on: stream)
    }

    /// The standing pull of a stream's news, begun where it is not yet; nil once closed or
    /// cancelled.
    private func newsConsumer(of stream: String) async -> PullConsumer? {
        while !Task.isCancelled {
            let (present, isClosed) = shelf.withLock { ($0.news[stream], $0.isClosed) }
            if isClosed || present != nil { return present }
            do throws(NATSFailure) {
                return try await beginNews(of: stream)
            } catch {
                logger.warning(
                    "cannot begin to pull",
                    metadata: ["stream": "\(stream)", "problem": "\(error)"])
            }
            guard (try? await Task.sleep(for: limits.mendWait)) != nil else { return nil }
        }
        return nil
    }

    private func beginNews(of stream: String) async throws(NATSFailure) -> PullConsumer? {
        var options = PullConsumer.Options()
        options.batch = limits.fetchBatch
        options.capacity = 2 * limits.fetchBatch
        options.heartbeat = limits.heartbeat
        options.headers = Wire.newsHeaders
        let consumer = try await PullConsumer(
            connection, stream: stream, durable: Self.viewsConsumer, options: options)
        let isClosed = shelf.withLock { shelf in
            if !shelf.isClosed { shelf.news[stream] = consumer }
            return shelf.isClosed
        }
        guard !isClosed else {
            consumer.close()
            return nil
        }
        standing.continuation.yield(
            StandingPull(consumer: consumer, configuration: newsConfiguration, stream: stream))
        return consumer
    }
}
