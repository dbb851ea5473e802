import Logging
import NATS

/// How a worker comes to its connection and its consumer.
struct Entry: Sendable {
    private let options: WorkerOptions
    private let durable: String
    private let filter: String
    private let logger: Logger

    init(_ options: WorkerOptions, name: String, takes: String, logger: Logger) {
        self.options = options
        self.logger = logger
        durable = name
        filter = "\(options.subjectPrefix)\(takes).>"
    }

    /// Connects and makes the consumer, waiting for server and stream up to the start limit.
    ///
    /// - Returns: `nil` where the task was cancelled meanwhile.
    func join() async throws -> Connection? {
        let deadline = ContinuousClock.now + options.startLimit
        guard let connection = try await connect(until: deadline) else { return nil }
        do {
            guard try await makeConsumer(connection, until: deadline) else {
                await connection.close()
                return nil
            }
        } catch {
            await connection.close()
            throw error
        }
        logger.info("takes commands", metadata: ["filter": "\(filter)"])
        return connection
    }

    /// Makes the consumer again where it, or its stream, was lost or is mute.
    func remakeConsumer(
        _ connection: Connection, after trouble: PullConsumer.Trouble
    ) async throws(NATSFailure) {
        try await JetStream(connection, prefix: options.jetStreamPrefix)
            .restore(configuration, on: options.stream, after: trouble)
    }

    private func makeConsumer(_ connection: Connection) async throws(NATSFailure) {
        try await JetStream(connection, prefix: options.jetStreamPrefix)
            .createConsumer(configuration, on: options.stream)
    }

    private var configuration: ConsumerConfiguration {
        var configuration = ConsumerConfiguration(durable: durable, filterSubject: filter)
        configuration.ackWait = options.ackWait
        // Two batches wait and one is worked on; the rest is room for what is delivered again.
        configuration.maxAckPending = 8 * options.batch
        return configuration
    }

    private func connect(until deadline: ContinuousClock.Instant) async throws -> Connection? {
        var chosen = ConnectionOptions(servers: options.servers, name: "worker-\(durable)")
        chosen.credentialsFile = options.credentialsFile
        chosen.trustedCertificates = options.trustedCertificates
        chosen.certificate = options.certificate
        chosen.privateKey = options.privateKey
        var wait = options.retryWait
        var isFirst = true
        while true {
            do {
                return try await Connection.connect(chosen)
            } catch .credentialsRefused(let reason) {
                throw WorkerFailure.credentialsRefused(reason)
            } catch .optionRefused(let reason) {
                throw WorkerFailure.optionsRefused(reason)
            } catch {
                guard ContinuousClock.now < deadline else {
                    throw WorkerFailure.notStarted("\(error)")
                }
                if isFirst { logger.notice("waits for a NATS server: \(error)") }
                isFirst = false
            }
            guard await pause(&wait, atMost: options.retryMax) else { return nil }
        }
    }

    /// - Returns: whether it was made; not when the task was cancelled.
    private func makeConsumer(
        _ connection: Connection, until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        var wait = options.retryWait
        var isFirst = true
        while true {
            do {
                try await makeConsumer(connection)
                return true
            } catch {
                if case .refused(_, _, let reason) = error, !error.isOfMissingStream {
                    throw WorkerFailure.optionsRefused("the consumer \(durable): \(reason)")
                }
                guard ContinuousClock.now < deadline else {
                    throw WorkerFailure.notStarted("\(error)")
                }
                if isFirst { logger.notice("waits for the stream \(options.stream): \(error)") }
                isFirst = false
            }
            guard await pause(&wait, atMost: options.retryMax) else { return false }
        }
    }
}

/// Waits, and doubles the wait for the next time.
///
/// - Returns: whether to go on; not when the task is cancelled.
func pause(_ wait: inout Duration, atMost longest: Duration) async -> Bool {
    do {
        try await Task.sleep(for: wait)
    } catch {
        return false
    }
    wait = min(wait * 2, longest)
    return true
}
