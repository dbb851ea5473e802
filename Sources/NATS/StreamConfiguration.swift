/// How a stream keeps its messages.
package struct StreamConfiguration: Sendable, Equatable {
    /// When a message leaves the stream.
    package enum Retention: String, Sendable, Codable {
        /// When a limit of age, size or count is passed.
        case limits
        /// When its consumer has acknowledged it; each subject has at most one consumer.
        case workQueue = "workqueue"
        /// When every consumer has acknowledged it.
        case interest
    }

    /// Where messages are kept.
    package enum Storage: String, Sendable, Codable {
        /// On disk.
        case file
        /// In memory; gone when the server stops.
        case memory
    }

    /// What gives way when a limit is reached.
    package enum Discard: String, Sendable, Codable {
        /// The oldest message.
        case old
        /// The message that is about to be published: it is refused.
        case new
    }

    /// The stream's name; no dots, blanks or wildcards.
    package var name: String
    /// The subjects it takes, wildcards allowed.
    package var subjects: [String]
    /// When a message leaves it.
    package var retention: Retention = .limits
    /// Where messages are kept.
    package var storage: Storage = .file
    /// The longest life of a message; zero: no limit.
    package var maxAge: Duration = .zero
    /// The most bytes; -1: no limit.
    package var maxBytes: Int64 = -1
    /// The most messages; -1: no limit.
    package var maxMessages: Int64 = -1
    /// The most messages of one subject; -1: no limit.
    package var maxMessagesOfSubject: Int64 = -1
    /// What gives way when a limit is reached.
    package var discard: Discard = .old
    /// How long a `Nats-Msg-Id` is remembered; not longer than `maxAge`.
    package var duplicateWindow: Duration = .seconds(120)
    /// How many servers of a cluster keep it, 1 to 5.
    package var replicas = 1

    /// A stream with these subjects and the server's defaults.
    package init(name: String, subjects: [String]) {
        self.name = name
        self.subjects = subjects
    }
}

extension StreamConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, subjects, retention, storage, discard
        case maxAge = "max_age"
        case maxBytes = "max_bytes"
        case maxMessages = "max_msgs"
        case maxMessagesOfSubject = "max_msgs_per_subject"
        case duplicateWindow = "duplicate_window"
        case replicas = "num_replicas"
    }

    /// Reads the server's form; what is missing there has its default.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        subjects = try fields.decodeIfPresent([String].self, forKey: .subjects) ?? []
        retention = try fields.decode(Retention.self, forKey: .retention)
        storage = try fields.decode(Storage.self, forKey: .storage)
        discard = try fields.decodeIfPresent(Discard.self, forKey: .discard) ?? .old
        maxBytes = try fields.decodeIfPresent(Int64.self, forKey: .maxBytes) ?? -1
        maxMessages = try fields.decodeIfPresent(Int64.self, forKey: .maxMessages) ?? -1
        maxMessagesOfSubject =
            try fields.decodeIfPresent(Int64.self, forKey: .maxMessagesOfSubject) ?? -1
        replicas = try fields.decodeIfPresent(Int.self, forKey: .replicas) ?? 1
        maxAge = .nanoseconds(try fields.decodeIfPresent(Int64.self, forKey: .maxAge) ?? 0)
        duplicateWindow = .nanoseconds(
            try fields.decodeIfPresent(Int64.self, forKey: .duplicateWindow) ?? 0)
    }

    /// Writes the server's form; durations in nanoseconds.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(subjects, forKey: .subjects)
        try fields.encode(retention, forKey: .retention)
        try fields.encode(storage, forKey: .storage)
        try fields.encode(discard, forKey: .discard)
        try fields.encode(maxBytes, forKey: .maxBytes)
        try fields.encode(maxMessages, forKey: .maxMessages)
        try fields.encode(maxMessagesOfSubject, forKey: .maxMessagesOfSubject)
        try fields.encode(replicas, forKey: .replicas)
        try fields.encode(maxAge.wholeNanoseconds, forKey: .maxAge)
        try fields.encode(duplicateWindow.wholeNanoseconds, forKey: .duplicateWindow)
    }
}

/// What a stream holds.
package struct StreamContents: Sendable, Equatable, Decodable {
    /// How many messages are in it.
    package var messages: UInt64
    /// How many bytes they take.
    package var bytes: UInt64
    /// The sequence of the oldest message; one more than the last where it is empty.
    package var firstSequence: UInt64
    /// The sequence of the newest message ever stored; 0 at the beginning.
    package var lastSequence: UInt64
    /// How many consumers it has.
    package var consumers: Int

    private enum CodingKeys: String, CodingKey {
        case messages, bytes
        case firstSequence = "first_seq"
        case lastSequence = "last_seq"
        case consumers = "consumer_count"
    }
}

/// A stream as the server describes it.
package struct StreamDescription: Sendable, Equatable, Decodable {
    /// How it keeps its messages.
    package var configuration: StreamConfiguration
    /// What it holds.
    package var contents: StreamContents
    /// When it was created, as the server writes it: another text is another stream.
    package var created: String

    private enum CodingKeys: String, CodingKey {
        case configuration = "config"
        case contents = "state"
        case created
    }
}
