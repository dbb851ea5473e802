import NATS

/// Removes messages from a work queue that their consumer has acknowledged.
///
/// A message that is acknowledged leaves a work queue by itself; only a crash of the server can
/// bring it back without its consumer, which never looks at it again. What is not acknowledged
/// is never touched: a consumer's floor is below it.
struct LeftoverSweep: Equatable {
    /// The work queue.
    let stream: String
    /// Whether every message that was there at the first run is acknowledged or gone.
    private(set) var isDone = false
    private var bound: UInt64?

    init(of stream: String) { self.stream = stream }

    /// Both work queues of the contract, looked at from the beginning.
    static let both = [StreamPlan.commands, StreamPlan.replies].map { LeftoverSweep(of: $0) }

    /// Removes what is acknowledged now of what was there at the first run; answers how much.
    mutating func run(_ jetStream: JetStream) async throws(NATSFailure) -> Int {
        guard let contents = try await jetStream.stream(stream)?.contents else { return 0 }
        let last = bound ?? contents.lastSequence
        bound = last
        var first = contents.firstSequence
        var removed = 0
        if contents.messages > 0 {
            for consumer in try await jetStream.consumers(on: stream) where consumer.takesAll {
                let floor = min(consumer.acknowledgedUpTo, last)
                guard floor >= contents.firstSequence else { continue }
                removed += try await jetStream.purge(
                    stream, before: floor + 1, subject: consumer.configuration.filterSubject)
            }
        }
        if removed > 0 {
            first = try await jetStream.stream(stream)?.contents.firstSequence ?? first
        }
        isDone = first > last
        return removed
    }
}

/// Messages of a work queue that their consumer will never look at again, acknowledged or not.
///
/// Seen with nats-server 2.9.10, whose disk had been full: the consumer has nothing to deliver and
/// waits for no acknowledgement, and its messages lie there. Whose outcome is not known is sent again
/// once it is gone.
enum PassedOver {
    /// Removes what each consumer has passed over that is at rest; answers how much.
    static func remove(
        from stream: String, _ jetStream: JetStream
    ) async throws(NATSFailure) -> Int {
        var removed = 0
        for consumer in try await jetStream.consumers(on: stream)
        where consumer.takesAll && consumer.pending == 0 && consumer.unacknowledged == 0 {
            removed += try await jetStream.purge(
                stream, before: consumer.deliveredUpTo + 1,
                subject: consumer.configuration.filterSubject)
        }
        return removed
    }
}

extension ConsumerDescription {
    /// Whether everything below its floor was acknowledged: others begin later, or give up.
    fileprivate var takesAll: Bool {
        configuration.deliver == .all && configuration.maxDeliver < 1
    }
}
