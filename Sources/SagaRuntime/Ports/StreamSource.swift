/// How the broker's streams stand, for whoever looks whether they lost something.
package protocol StreamSource: Sendable {
    /// The daemon's streams, those of these aggregates' events among them.
    func streams(of aggregates: [String]) -> [DaemonStream]

    /// How a stream stands; nil where there is none of that name.
    ///
    /// - Throws: ``BusError`` where the broker does not answer.
    func standing(of stream: String) async throws -> StreamStanding?

    /// The id of the message of that number in a stream; nil where there is no such message, or it
    /// has no id.
    ///
    /// - Throws: ``BusError`` where the broker does not answer.
    func messageID(_ number: UInt64, in stream: String) async throws -> String?

    /// The ids of the messages of a stream that have those numbers, in the order of the numbers;
    /// messages without id are left out.
    ///
    /// - Throws: ``BusError`` where the broker does not answer.
    func messageIDs(_ numbers: ClosedRange<UInt64>, in stream: String) async throws -> [String]
}

/// One of the daemon's streams.
package struct DaemonStream: Hashable, Sendable {
    /// What a stream holds, and so what becomes of it where it is lost.
    package enum Content: Hashable, Sendable {
        /// Domain events: they are sent again from the event store.
        case events
        /// Commands: those that are open are sent again.
        case commands
        /// Replies: the open commands are sent again, and participants repeat their answers.
        case replies
        /// Dead letters: they are stored nowhere else.
        case deadLetters
    }

    /// Its name.
    package var name: String
    /// What it holds.
    package var content: Content

    /// The stream of that name with that content.
    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}

/// How a stream stands at one moment.
package struct StreamStanding: Hashable, Sendable {
    /// What tells it from another stream under its name, such as when it was made.
    package var identity: String
    /// The number of its oldest message; one more than the last where it is empty.
    package var first: UInt64
    /// The number of the newest message that it ever had; 0 at the beginning.
    package var last: UInt64
    /// How many messages lie in it.
    package var messages: UInt64
    /// How many bytes they take.
    package var bytes: UInt64
    /// What it drops old messages by.
    package var limits: Limits

    /// The limits of a stream; nil is none.
    package struct Limits: Hashable, Sendable {
        /// The longest life of a message.
        package var age: Duration?
        /// The most messages.
        package var messages: UInt64?
        /// The most bytes.
        package var bytes: UInt64?
        /// The most messages of one subject.
        package var messagesOfSubject: UInt64?

        /// Those limits.
        package init(
            age: Duration? = nil, messages: UInt64? = nil, bytes: UInt64? = nil,
            messagesOfSubject: UInt64? = nil
        ) {
            self.age = age
            self.messages = messages
            self.bytes = bytes
            self.messagesOfSubject = messagesOfSubject
        }

        /// Whether messages go by themselves.
        package var dropMessages: Bool { self != Limits() }
    }

    /// The standing with these parts.
    package init(
        identity: String, first: UInt64, last: UInt64, messages: UInt64, bytes: UInt64 = 0,
        limits: Limits = Limits()
    ) {
        self.identity = identity
        self.first = first
        self.last = last
        self.messages = messages
        self.bytes = bytes
        self.limits = limits
    }
}
