package import Logging
import Synchronization

/// Keeps the lines that were logged from a level on: each the message, then its metadata as
/// `name=value`, in the order of their names.
package final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    private let level: Logger.Level

    /// Keeps the lines from that level on.
    package init(from level: Logger.Level = .warning) { self.level = level }

    /// The lines, oldest first.
    package var all: [String] { lines.withLock { $0 } }

    /// Nothing: each line has its own alone.
    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    /// The level, which stays as it is.
    package var logLevel: Logger.Level {
        get { level }
        set {}
    }

    /// Nothing: each line has its own alone.
    package subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    /// Keeps a line.
    package func log(event: LogEvent) {
        let more = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { " \($0.key)=\($0.value)" }.joined()
        lines.withLock { $0.append("\(event.message)\(more)") }
    }
}
