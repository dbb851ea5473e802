import FoundationEssentials

/// Asks JetStream about streams and consumers, and changes them.
package struct JetStream: Sendable {
    enum Missing {
        static let consumer = 10_014
        static let message = 10_037
        /// What deleting one says that is not there.
        static let deleted = [10_043, 10_057]
        static let stream = 10_059
        /// What is said of a stream that is being deleted.
        static let goingStream = 10_096
    }

    /// The subjects' beginning; with a JetStream domain `$JS.<domain>.API`.
    package let prefix: String
    private let connection: Connection
    private let timeout: Duration

    /// The requests of one connection.
    ///
    /// - Parameter timeout: the longest wait for one answer.
    package init(
        _ connection: Connection, prefix: String = "$JS.API", timeout: Duration = .seconds(5)
    ) {
        self.connection = connection
        self.prefix = prefix
        self.timeout = timeout
    }

    /// Creates a stream; succeeds, too, where one of exactly this configuration exists.
    @discardableResult
    package func createStream(
        _ configuration: StreamConfiguration
    ) async throws(NATSFailure) -> StreamDescription {
        try await ask("STREAM.CREATE.\(configuration.name)", encodeJSON(configuration))
    }

    /// Changes a stream; JetStream refuses what it cannot change, such as the retention.
    @discardableResult
    package func updateStream(
        _ configuration: StreamConfiguration
    ) async throws(NATSFailure) -> StreamDescription {
        try await ask("STREAM.UPDATE.\(configuration.name)", encodeJSON(configuration))
    }

    /// Describes a stream; `nil` where there is none of that name.
    package func stream(_ name: String) async throws(NATSFailure) -> StreamDescription? {
        try await unlessMissing([Missing.stream]) { () throws(NATSFailure) in
            try await ask("STREAM.INFO.\(name)", [])
        }
    }

    /// Deletes a stream with its messages and consumers.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    package func deleteStream(_ name: String) async throws(NATSFailure) -> Bool {
        let answer: Success? = try await unlessMissing([Missing.stream]) {
            () throws(NATSFailure) in
            try await ask("STREAM.DELETE.\(name)", [])
        }
        return answer?.success ?? false
    }

    /// Creates a consumer, or changes what can be changed of one of that name.
    @discardableResult
    package func createConsumer(
        _ configuration: ConsumerConfiguration, on stream: String
    ) async throws(NATSFailure) -> ConsumerDescription {
        let request = ConsumerRequest(stream: stream, configuration: configuration)
        return try await ask(
            "CONSUMER.DURABLE.CREATE.\(stream).\(configuration.durable)", encodeJSON(request))
    }

    /// Describes a consumer; `nil` where there is no such consumer or no such stream.
    package func consumer(
        _ durable: String, on stream: String
    ) async throws(NATSFailure) -> ConsumerDescription? {
        try await unlessMissing([Missing.consumer, Missing.stream]) { () throws(NATSFailure) in
            try await ask("CONSUMER.INFO.\(stream).\(durable)", [])
        }
    }

    /// Deletes a consumer.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    package func deleteConsumer(
        _ durable: String, on stream: String
    ) async throws(NATSFailure) -> Bool {
        let answer: Success? = try await unlessMissing([Missing.consumer, Missing.stream]) {
            () throws(NATSFailure) in
            try await ask("CONSUMER.DELETE.\(stream).\(durable)", [])
        }
        return answer?.success ?? false
    }

    /// Describes all consumers of a stream, by as many requests as that takes; none where there is
    /// no such stream.
    package func consumers(on stream: String) async throws(NATSFailure) -> [ConsumerDescription] {
        var found: [ConsumerDescription] = []
        while true {
            let request = try encodeJSON(PageRequest(offset: found.count))
            let page: ConsumerPage? = try await unlessMissing([Missing.stream]) {
                () throws(NATSFailure) in try await ask("CONSUMER.LIST.\(stream)", request)
            }
            let consumers = page?.consumers ?? []
            found += consumers
            if consumers.isEmpty || found.count >= page?.total ?? 0 { return found }
        }
    }

    /// Removes the messages before that sequence from a stream, of one subject pattern only where
    /// it is given.
    ///
    /// - Returns: how many there were.
    @discardableResult
    package func purge(
        _ stream: String, before sequence: UInt64, subject: String? = nil
    ) async throws(NATSFailure) -> Int {
        let answer: PurgeAnswer = try await ask(
            "STREAM.PURGE.\(stream)", encodeJSON(PurgeRequest(seq: sequence, filter: subject)))
        return answer.purged
    }

    /// Reads one message of a stream; `nil` where it is gone or not there yet.
    package func message(
        _ sequence: UInt64, in stream: String
    ) async throws(NATSFailure) -> StoredMessage? {
        let answer: MessageAnswer? = try await unlessMissing([Missing.message]) {
            () throws(NATSFailure) in
            try await ask(
                "STREAM.MSG.GET.\(stream)", encodeJSON(MessageRequest(seq: sequence)))
        }
        return answer?.message.stored
    }

    /// Removes one message of a stream; one that is gone is no failure.
    package func deleteMessage(
        _ sequence: UInt64, in stream: String
    ) async throws(NATSFailure) {
        let _: Success? = try await unlessMissing(Missing.deleted + [Missing.message]) {
            () throws(NATSFailure) in
            try await ask(
                "STREAM.MSG.DELETE.\(stream)",
                encodeJSON(DeleteRequest(seq: sequence, keepsBytes: true)))
        }
    }

    // MARK: Asking

    private func ask<Answer: Decodable>(
        _ subject: String, _ body: [UInt8]
    ) async throws(NATSFailure) -> Answer {
        let message = Message(subject: "\(prefix).\(subject)", payload: body)
        let answer = try await connection.request(message, timeout: timeout)
        if let error = try decodeJSON(ErrorAnswer.self, from: answer.payload).error {
            throw .refused(
                code: error.code, errorCode: error.errorCode ?? 0,
                description: error.description ?? "no reason given")
        }
        return try decodeJSON(Answer.self, from: answer.payload)
    }

    private func unlessMissing<Answer>(
        _ codes: [Int], _ body: () async throws(NATSFailure) -> Answer
    ) async throws(NATSFailure) -> Answer? {
        do {
            return try await body()
        } catch .refused(_, let errorCode, _) where codes.contains(errorCode) {
            return nil
        } catch {
            throw error
        }
    }
}

private struct ErrorAnswer: Decodable {
    var error: APIError?
}

private struct Success: Decodable {
    var success: Bool
}

private struct ConsumerRequest: Encodable {
    var stream: String
    var configuration: ConsumerConfiguration

    enum CodingKeys: String, CodingKey {
        case stream = "stream_name"
        case configuration = "config"
    }
}

private struct PageRequest: Encodable {
    var offset: Int
}

private struct ConsumerPage: Decodable {
    var total: Int
    var consumers: [ConsumerDescription]?
}

private struct PurgeRequest: Encodable {
    var seq: UInt64
    var filter: String?
}

private struct PurgeAnswer: Decodable {
    var purged: Int
}

private struct MessageRequest: Encodable {
    var seq: UInt64
}

private struct DeleteRequest: Encodable {
    var seq: UInt64
    /// Whether the bytes on disk are left until their block goes, not overwritten at once.
    var keepsBytes: Bool

    enum CodingKeys: String, CodingKey {
        case seq
        case keepsBytes = "no_erase"
    }
}

private struct MessageAnswer: Decodable {
    struct Stored: Decodable {
        var subject: String
        var seq: UInt64
        var hdrs: Data?
        var data: Data?
        var time: String
    }

    var message: Stored
}

extension MessageAnswer.Stored {
    fileprivate var stored: StoredMessage {
        StoredMessage(
            subject: subject, sequence: seq, headers: parseHeaderBlock(hdrs ?? Data()),
            payload: Array(data ?? Data()), time: time)
    }
}
