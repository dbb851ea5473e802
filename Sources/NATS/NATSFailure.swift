import Cnats

/// Why something asked of the broker could not be done.
package enum NATSFailure: Error, Sendable, Equatable {
    /// No server could be reached in the allowed time; trying again is right.
    case unreachable(String)
    /// The server refused the credentials; trying again with the same ones is useless.
    case credentialsRefused(String)
    /// An option cannot be used, such as a file that cannot be read.
    case optionRefused(String)
    /// The connection was closed by us, or given up by the library.
    case closed
    /// No answer came in time; what was asked may have happened.
    case timedOut(String)
    /// Nobody listens on the subject: JetStream is off, or the stream or consumer is missing.
    case noResponders(subject: String)
    /// JetStream refused: `code` is HTTP-like, `errorCode` JetStream's own (such as 10058).
    case refused(code: Int, errorCode: Int, description: String)
    /// An answer that cannot be read.
    case malformed(String)
    /// The C library failed: its status text, and what it was doing.
    case library(String, doing: String)
}

extension NATSFailure {
    /// Whether a stream is not there, or is just being deleted: it helps to wait for it.
    package var isOfMissingStream: Bool {
        guard case .refused(_, let errorCode, let description) = self else { return false }
        // nats-server 2.9 has the words alone, under the code of whatever keeps it from making
        // a consumer.
        return [JetStream.Missing.stream, JetStream.Missing.goingStream].contains(errorCode)
            || description == "invalid stream"
    }
}

extension NATSFailure: CustomStringConvertible {
    /// One sentence for logs.
    package var description: String {
        switch self {
        case .unreachable(let detail): "no NATS server reached: \(detail)"
        case .credentialsRefused(let detail): "the NATS server refused the credentials: \(detail)"
        case .optionRefused(let detail): "a NATS option cannot be used: \(detail)"
        case .closed: "the NATS connection is closed"
        case .timedOut(let what): "no answer in time to \(what)"
        case .noResponders(let subject): "nobody answers on \(subject)"
        case .refused(let code, let errorCode, let description):
            "JetStream refused: \(description) (\(code), \(errorCode))"
        case .malformed(let what): "an answer could not be read: \(what)"
        case .library(let status, let doing): "libnats failed while \(doing): \(status)"
        }
    }
}

extension NATSFailure {
    /// The failure for a C status.
    init(_ status: natsStatus, doing: String) {
        let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "\(status.rawValue)"
        switch status {
        case NATS_CONNECTION_AUTH_FAILED, NATS_NOT_PERMITTED: self = .credentialsRefused(text)
        case NATS_NO_SERVER, NATS_TIMEOUT: self = .unreachable("\(doing): \(text)")
        case NATS_CONNECTION_CLOSED, NATS_DRAINING: self = .closed
        default: self = .library(text, doing: doing)
        }
    }
}
