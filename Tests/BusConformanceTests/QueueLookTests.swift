import Foundation
import NATS
import Testing

@testable import JetStreamBus

@Suite struct `A work queue and its consumer` {
    private static func consumer(
        deliveries: Int = 8098, pending: Int = 40, waiting: Int = 1, unacknowledged: Int = 0,
        created: String = "2026-11-26T07:43:40Z"
    ) throws -> ConsumerDescription {
        let text = """
            {"stream_name": "SAGA_REPLIES", "name": "sagad", "created": "\(created)",
             "config": {"durable_name": "sagad", "ack_policy": "explicit", "ack_wait": 30000000000,
                        "deliver_policy": "all", "max_deliver": -1, "max_ack_pending": 20000,
                        "replay_policy": "instant"},
             "delivered": {"consumer_seq": \(deliveries), "stream_seq": 8128},
             "ack_floor": {"consumer_seq": \(deliveries), "stream_seq": 8128},
             "num_ack_pending": \(unacknowledged), "num_redelivered": 0,
             "num_waiting": \(waiting), "num_pending": \(pending)}
            """
        return try JSONDecoder().decode(ConsumerDescription.self, from: Data(text.utf8))
    }

    private static func queue(
        messages: UInt64 = 40, unreadable: UInt64? = nil, _ consumer: ConsumerDescription? = nil
    ) -> QueueLook {
        QueueLook(messages: messages, unreadable: unreadable, consumer: consumer)
    }

    @Test
    func `are mute where nothing is delivered to a pull that waits, also while more replies come`()
        throws
    {
        let earlier = try Self.queue(Self.consumer(pending: 40))
        let same = try Self.queue(Self.consumer(pending: 40))
        #expect(same.trouble(since: earlier) == .mute)
        let more = try Self.queue(messages: 108, Self.consumer(pending: 108))
        #expect(more.trouble(since: earlier) == .mute)
    }

    @Test
    func `are mute where messages neither wait to be delivered nor for their acknowledgement`()
        throws
    {
        let earlier = try Self.queue(messages: 28, Self.consumer(pending: 0))
        let later = try Self.queue(messages: 60, Self.consumer(pending: 0, waiting: 0))
        #expect(later.trouble(since: earlier) == .mute)
        let open = try Self.queue(messages: 60, Self.consumer(pending: 20, unacknowledged: 40))
        #expect(open.trouble(since: open) == .mute, "a pull waits and 20 replies do")
    }

    @Test func `are sound where something was delivered, or nothing could be delivered`() throws {
        let earlier = try Self.queue(Self.consumer())
        let sound = try [
            Self.queue(messages: 40, Self.consumer(deliveries: 8099)),
            Self.queue(messages: 0, Self.consumer(pending: 0)),
            Self.queue(messages: 40, Self.consumer(waiting: 0)),
            Self.queue(messages: 20040, Self.consumer(unacknowledged: 20000)),
            Self.queue(messages: 40, Self.consumer(created: "2026-11-26T07:50:00Z")),
        ]
        for look in sound { #expect(look.trouble(since: earlier) == nil) }
        let idle = try Self.queue(messages: 0, Self.consumer(pending: 0))
        #expect(try Self.queue(Self.consumer()).trouble(since: idle) == nil)
        let full = try Self.queue(
            messages: 20040, Self.consumer(pending: 40, unacknowledged: 20000))
        #expect(full.trouble(since: full) == nil, "it waits for acknowledgements")
    }

    @Test func `are lost where the oldest message cannot be read twice`() {
        let lost = Self.queue(unreadable: 8057)
        #expect(lost.trouble(since: lost) == .unreadable(8057))
        #expect(lost.trouble(since: Self.queue()) == nil)
        #expect(
            Self.queue(unreadable: 8058).trouble(since: lost) == nil, "8057 was taken meanwhile")
    }

    @Test func `linger where the oldest message stays the same`() {
        func queue(oldest: UInt64?) -> QueueLook { QueueLook(messages: 2, oldest: oldest) }
        #expect(queue(oldest: 7).trouble(since: queue(oldest: 7)) == .lingering)
        #expect(queue(oldest: 8).trouble(since: queue(oldest: 7)) == nil)
        #expect(queue(oldest: nil).trouble(since: queue(oldest: nil)) == nil)
    }
}
