package import SagaCore

/// What carries commands, replies and domain events.
///
/// Its acknowledgements are hints: what it acknowledged may still be lost, and what it did not may
/// have arrived. Every method may be called at any time from any task, also while the broker is
/// away; nothing waits longer than the adapter's named bounds.
package protocol Bus: NewsSource, DeadLetterSource, StreamSource {
    /// Makes the streams and consumers that are missing, and checks those that exist.
    ///
    /// - Parameter streams: the streams of the definitions' aggregates.
    func prepare(streams: [String]) async throws

    /// Sends commands in order; the answers are in the same order.
    func send(_ commands: [OutgoingCommand]) async -> [PublishAnswer]

    /// Publishes domain events in order; the answers are in the same order.
    func publish(_ events: [RecordedEvent]) async -> [PublishAnswer]

    /// The next replies, at least one; an empty array once the bus is closed or the calling task is
    /// cancelled.
    ///
    /// One caller at a time. The bus holds back further replies while nobody asks.
    func nextReplies() async -> [ReplyDelivery]

    /// Acknowledges deliveries whose consequences are stored.
    func acknowledge(_ deliveries: [ReplyDelivery]) async

    /// Has deliveries come again after that time.
    func postpone(_ deliveries: [ReplyDelivery], for wait: Duration) async

    /// Puts a delivery that cannot be used on the dead-letter stream, then acknowledges it; answers
    /// whether both succeeded (otherwise it comes again).
    func deadLetter(_ delivery: ReplyDelivery, reason: DeadLetterReason) async -> Bool

    /// Whether messages still lie in their stream, taken by nobody; false where that is not known.
    func areUnconsumed(_ receipts: [PublishReceipt]) async -> [Bool]

    /// Whether the broker answers now, in words for the operator.
    func health() async -> BusHealth

    /// Stops taking replies, sends what is pending, and closes.
    func close() async
}

/// What came of publishing one message.
package enum PublishAnswer: Equatable, Sendable {
    /// The stream has it, now or since an earlier publish of the same identity (`isDuplicate`).
    case stored(PublishReceipt, isDuplicate: Bool)
    /// The stream refused it, or there is none; the reason.
    case refused(String)
    /// Nobody knows: no acknowledgement came in time.
    case unknown
}

/// Where a published message lies.
package struct PublishReceipt: Hashable, Sendable {
    /// The stream.
    package var stream: String
    /// The message's number in it.
    package var sequence: UInt64

    /// That place.
    package init(stream: String, sequence: UInt64) {
        self.stream = stream
        self.sequence = sequence
    }
}

/// One arrival of a reply.
package struct ReplyDelivery: Sendable {
    /// The subject it came on.
    package var subject: String
    /// Its body as it came.
    package var body: [UInt8]
    /// What it says, or why it cannot be read.
    package var content: Result<AddressedReply, UnreadableReply>
    /// How often it was delivered, from 1.
    package var deliveryCount: Int
    /// What the adapter acknowledges it by; unique among the deliveries of a bus.
    package var token: String

    /// The delivery with these parts.
    package init(
        subject: String, body: [UInt8], content: Result<AddressedReply, UnreadableReply>,
        deliveryCount: Int, token: String
    ) {
        self.subject = subject
        self.body = body
        self.content = content
        self.deliveryCount = deliveryCount
        self.token = token
    }
}

/// A reply and the saga it is for.
package struct AddressedReply: Hashable, Sendable {
    /// The saga.
    package var sagaID: SagaID
    /// The reply.
    package var reply: Reply

    /// That reply to that saga.
    package init(sagaID: SagaID, reply: Reply) {
        self.sagaID = sagaID
        self.reply = reply
    }
}

/// Why a reply cannot be read.
package struct UnreadableReply: Error, Hashable, Sendable {
    /// What was expected and what was found.
    package var message: String

    /// The reason in words.
    package init(_ message: String) { self.message = message }
}

/// Why a delivery is a dead letter.
package struct DeadLetterReason: Hashable, Sendable {
    /// A stable name, such as `unreadable`, `unknown-saga`, `refused`.
    package var code: String
    /// The reason in words.
    package var message: String

    /// The reason of that name.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// How a bus is.
package struct BusHealth: Hashable, Sendable {
    /// Whether the broker answers.
    package var isConnected: Bool
    /// A detail for the operator.
    package var detail: String

    /// That state with that detail.
    package init(isConnected: Bool, detail: String) {
        self.isConnected = isConnected
        self.detail = detail
    }
}

/// Why a bus could not be prepared.
package struct BusError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    package var kind: Kind
    /// What was expected, what was found, where, and what to do.
    package var message: String

    /// A kind of fault.
    package enum Kind: String, Hashable, Sendable {
        /// The broker is away: try again later.
        case unavailable
        /// The broker refuses for good, as with wrong credentials.
        case refused
        /// A stream or consumer exists with a conflicting configuration.
        case conflict
        /// Anything else.
        case unexpected
    }

    /// The fault of that kind.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
