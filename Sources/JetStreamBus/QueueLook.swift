import NATS

/// How a work queue stood at one moment, with the consumer that takes all of it, where there is one.
///
/// nats-server's own bookkeeping of a work queue can break when it crashes: seen with 2.9.10, whose
/// index then counts sequences as deleted that later messages are given. Such a message is
/// acknowledged to its sender, counted, and neither delivered nor readable.
struct QueueLook: Equatable {
    /// How many messages lie in it.
    var messages: UInt64
    /// The sequence of its oldest message, if that cannot be read.
    var unreadable: UInt64?
    /// The sequence of its oldest message, where its consumers are others'.
    var oldest: UInt64?
    /// The consumer that takes every message of it.
    var consumer: ConsumerDescription?

    enum Trouble: Equatable {
        /// The message of that sequence is there and cannot be read.
        case unreadable(UInt64)
        /// The consumer delivers nothing, though there is something.
        case mute
        /// The oldest message stays: a consumer may be slow, or may have passed over it.
        case lingering
    }

    /// What is wrong with the queue, if it was so at the earlier look and is so still.
    ///
    /// Messages may have come between the looks: commands without an answer are sent again, and
    /// answered again.
    func trouble(since earlier: QueueLook) -> Trouble? {
        if let unreadable, unreadable == earlier.unreadable { return .unreadable(unreadable) }
        if let oldest, oldest == earlier.oldest { return .lingering }
        guard let consumer, let before = earlier.consumer, consumer.standsWhere(before),
            leavesWaiting, earlier.leavesWaiting
        else { return nil }
        return .mute
    }

    /// Whether messages wait that could be delivered, or were passed over: each of a work queue's is
    /// pending or waits for its acknowledgement.
    private var leavesWaiting: Bool {
        guard let consumer else { return false }
        let passedOver = messages > consumer.pending + UInt64(max(consumer.unacknowledged, 0))
        let isFull = consumer.unacknowledged >= consumer.configuration.maxAckPending
        return passedOver || (consumer.pending > 0 && consumer.waiting > 0 && !isFull)
    }
}

extension ConsumerDescription {
    fileprivate func standsWhere(_ earlier: ConsumerDescription) -> Bool {
        created == earlier.created && deliveries == earlier.deliveries
            && acknowledgedUpTo == earlier.acknowledgedUpTo
            && unacknowledged == earlier.unacknowledged
    }
}
