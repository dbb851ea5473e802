import Cnats
import Synchronization

/// Pulls messages of a durable consumer, in batches, for as long as it lives.
///
/// It asks the server again only as the application takes what came, survives reconnects and
/// restarts of the server, and never holds more than `capacity` messages (a restart of the server
/// may add what earlier pulls asked for).
package final class PullConsumer: Sendable {
    /// The bounds of pulling.
    package struct Options: Sendable {
        /// How many messages one pull asks for, and the most that one `next()` hands out.
        package var batch = 256
        /// The most messages asked for and not handed out; at least twice the batch is best.
        package var capacity = 512
        /// The headers that deliveries carry; nil is all. Reading none spares much.
        package var headers: [String]?
        /// How long the server holds one pull.
        package var expires: Duration = .seconds(30)
        /// How often the server says that it is still there; at most half of `expires`.
        package var heartbeat: Duration = .seconds(5)
        /// The wait before pulling again after a refusal; doubles up to `retryMax`.
        package var retryWait: Duration = .milliseconds(250)
        /// The longest wait before pulling again after refusals.
        package var retryMax: Duration = .seconds(2)

        /// The usual bounds.
        package init() {}
    }

    /// What goes wrong while pulling; it goes on trying by itself.
    package enum Trouble: Sendable, Equatable {
        /// Nobody serves the consumer: it, its stream or JetStream is missing.
        case unavailable
        /// The consumer was deleted.
        case consumerDeleted
        /// The server refused a pull: its status and its words.
        case refused(status: Int, description: String)
        /// The server was silent for longer than two heartbeats.
        case silent
    }

    /// The most troubles kept for a reader who is behind; the oldest go first.
    package static let troubleLimit = 16

    /// What goes wrong; one reader only. Ends when the consumer is closed.
    package let troubles: AsyncStream<Trouble>

    private let core: PullCore
    private let subscription: Subscription
    private let observer: UInt64

    /// Begins to pull from a consumer that exists, or will exist soon.
    package init(
        _ connection: Connection, stream: String, durable: String, prefix: String = "$JS.API",
        options: Options = Options()
    ) async throws(NATSFailure) {
        let inbox = try newInbox(prefix: connection.options.inboxPrefix)
        let (troubles, continuation) = AsyncStream<Trouble>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.troubleLimit))
        let core = PullCore(
            connection.handle, inbox: inbox,
            subject: "\(prefix).CONSUMER.MSG.NEXT.\(stream).\(durable)", options: options,
            troubles: continuation)
        subscription = try await connection.subscribe(inbox: inbox) { core.receive($0) }
        observer = connection.observe { core.note($0) }
        self.core = core
        self.troubles = troubles
        core.start()
    }

    deinit {
        core.close()
        subscription.stop()
        core.handle.signals.forget(observer)
    }

    /// How many messages have come and were not handed out yet.
    package var bufferedCount: Int { core.bufferedCount }

    /// The next messages: at least one, at most the batch of the options.
    ///
    /// Returns as soon as there is one and the server says that no more are on their way, or 2 ms
    /// later; while the application is busy they gather, so that under load batches are large.
    /// One caller at a time.
    ///
    /// - Returns: nothing once closed, or when the task is cancelled.
    package func next() async -> [Delivery] {
        let core = core
        return await withTaskCancellationHandler {
            await withCheckedContinuation { core.wait($0) }
        } onCancel: {
            core.stopWaiting()
        }
    }

    /// Asks the server anew at once; for after the consumer was made again.
    ///
    /// A pull of a consumer that is missing gets no answer and is otherwise only noticed by
    /// silence, after two and a half heartbeats.
    package func pullAgain() { core.pullAgain() }

    /// Stops pulling; what was not handed out is given back to the server at once.
    ///
    /// Deliveries that were handed out can still be acknowledged.
    package func close() {
        core.close()
        subscription.stop()
    }
}

extension PullConsumer: AsyncSequence {
    /// Hands out batches until the consumer is closed or the task is cancelled.
    package struct AsyncIterator: AsyncIteratorProtocol {
        let consumer: PullConsumer

        /// The next batch; `nil` at the end.
        package mutating func next() async -> [Delivery]? {
            let batch = await consumer.next()
            return batch.isEmpty ? nil : batch
        }
    }

    /// An iterator over the batches; only one at a time.
    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(consumer: self) }
}
