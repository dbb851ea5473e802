/// A durable pull consumer with explicit acknowledgement.
package struct ConsumerConfiguration: Sendable, Equatable {
    /// Where a new consumer begins.
    package enum Delivery: Sendable, Equatable {
        /// With the oldest message of the stream.
        case all
        /// With the next message that is published.
        case new
        /// With the newest message of the stream.
        case last
        /// With the message of that sequence, or the next that there is.
        case from(UInt64)
    }

    /// Its name; no dots, blanks or wildcards.
    package var durable: String
    /// Which subjects it takes; `nil`: all of the stream.
    package var filterSubject: String?
    /// After this long without an acknowledgement a message is delivered again.
    package var ackWait: Duration = .seconds(30)
    /// The most messages delivered and not acknowledged.
    package var maxAckPending = 1_000
    /// The most deliveries of one message; -1: no limit.
    package var maxDeliver = -1
    /// Where it begins.
    package var deliver: Delivery = .all
    /// After this long without anybody who pulls, the server deletes it; nil is never.
    package var inactiveThreshold: Duration?
    /// Whether it delivers headers without bodies.
    package var headersOnly = false

    /// A consumer with the server's defaults.
    package init(durable: String, filterSubject: String? = nil) {
        self.durable = durable
        self.filterSubject = filterSubject
    }
}

extension ConsumerConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case durable = "durable_name"
        case filterSubject = "filter_subject"
        case ackWait = "ack_wait"
        case maxAckPending = "max_ack_pending"
        case maxDeliver = "max_deliver"
        case deliver = "deliver_policy"
        case startSequence = "opt_start_seq"
        case inactiveThreshold = "inactive_threshold"
        case headersOnly = "headers_only"
        case acknowledgement = "ack_policy"
        case replay = "replay_policy"
    }

    /// Reads the server's form; what is missing there has its default.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        durable = try fields.decodeIfPresent(String.self, forKey: .durable) ?? ""
        filterSubject = try fields.decodeIfPresent(String.self, forKey: .filterSubject)
        ackWait = .nanoseconds(try fields.decodeIfPresent(Int64.self, forKey: .ackWait) ?? 0)
        maxAckPending = try fields.decodeIfPresent(Int.self, forKey: .maxAckPending) ?? 0
        maxDeliver = try fields.decodeIfPresent(Int.self, forKey: .maxDeliver) ?? -1
        deliver = try Delivery(
            policy: fields.decodeIfPresent(String.self, forKey: .deliver),
            startSequence: fields.decodeIfPresent(UInt64.self, forKey: .startSequence))
        inactiveThreshold = try fields.decodeIfPresent(Int64.self, forKey: .inactiveThreshold)
            .map { .nanoseconds($0) }
        headersOnly = try fields.decodeIfPresent(Bool.self, forKey: .headersOnly) ?? false
    }

    /// Writes the server's form; durations in nanoseconds.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(durable, forKey: .durable)
        try fields.encodeIfPresent(filterSubject, forKey: .filterSubject)
        try fields.encode(ackWait.wholeNanoseconds, forKey: .ackWait)
        try fields.encode(maxAckPending, forKey: .maxAckPending)
        try fields.encode(maxDeliver, forKey: .maxDeliver)
        try fields.encode(deliver.policy, forKey: .deliver)
        if case .from(let sequence) = deliver {
            try fields.encode(sequence, forKey: .startSequence)
        }
        try fields.encodeIfPresent(
            inactiveThreshold?.wholeNanoseconds, forKey: .inactiveThreshold)
        if headersOnly { try fields.encode(true, forKey: .headersOnly) }
        try fields.encode("explicit", forKey: .acknowledgement)
        try fields.encode("instant", forKey: .replay)
    }
}

extension ConsumerConfiguration.Delivery {
    private static let fromSequence = "by_start_sequence"

    /// Others that the server knows, which nothing here makes, begin somewhere in the stream.
    fileprivate init(policy: String?, startSequence: UInt64?) {
        switch policy {
        case nil, "all": self = .all
        case "new": self = .new
        case "last": self = .last
        case Self.fromSequence: self = .from(startSequence ?? 0)
        default: self = .last
        }
    }

    /// As the server calls it.
    fileprivate var policy: String {
        switch self {
        case .all: "all"
        case .new: "new"
        case .last: "last"
        case .from: Self.fromSequence
        }
    }
}

/// A consumer as the server describes it.
package struct ConsumerDescription: Sendable, Equatable, Decodable {
    /// What it was created with.
    package var configuration: ConsumerConfiguration
    /// Messages that it has not delivered yet.
    package var pending: UInt64
    /// Messages delivered and not acknowledged.
    package var unacknowledged: Int
    /// Messages among these that were delivered more than once.
    package var redelivered: Int
    /// Pull requests that wait for messages.
    package var waiting: Int
    /// The sequence up to which every message of the stream that it takes is acknowledged.
    package var acknowledgedUpTo: UInt64 { floor.sequence }
    /// The sequence of the newest message that was delivered.
    package var deliveredUpTo: UInt64 { delivered.sequence }
    /// How many messages were delivered since it was made, those that came again counted each time.
    package var deliveries: UInt64 { delivered.number }
    private var floor: Floor
    private var delivered: Delivered
    /// When it was created, as the server writes it.
    package var created: String

    private enum CodingKeys: String, CodingKey {
        case configuration = "config"
        case pending = "num_pending"
        case unacknowledged = "num_ack_pending"
        case redelivered = "num_redelivered"
        case waiting = "num_waiting"
        case floor = "ack_floor"
        case delivered
        case created
    }

    private struct Floor: Equatable, Decodable {
        var sequence: UInt64

        private enum CodingKeys: String, CodingKey {
            case sequence = "stream_seq"
        }
    }

    private struct Delivered: Equatable, Decodable {
        var number: UInt64
        var sequence: UInt64

        private enum CodingKeys: String, CodingKey {
            case number = "consumer_seq"
            case sequence = "stream_seq"
        }
    }
}
