import Logging
import Synchronization

/// Keeps the messages that were logged.
final class LogLines: LogHandler, Sendable {
    private let messages = Mutex<[String]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    /// Whether one of them begins so.
    func contains(_ beginning: String) -> Bool {
        messages.withLock { $0.contains { $0.hasPrefix(beginning) } }
    }

    func log(event: LogEvent) {
        messages.withLock { $0.append("\(event.message)") }
    }
}
