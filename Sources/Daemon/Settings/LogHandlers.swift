// The compiler counts timespec as its, beside modules that import it.
import CDispatch
import Glibc
import Logging
import Synchronization

/// How a log line is written.
enum LogFormat: String, SettingChoice {
    /// `TIME LEVEL MESSAGE KEY=VALUE …`, for people.
    case text
    /// One JSON object, for programs.
    case json

    /// Text where people read, JSON elsewhere.
    static func standard(isTerminal: Bool) -> LogFormat { isTerminal ? .text : .json }
}

/// Writes each event of swift-log as one line.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let output: LogOutput
    private let now: @Sendable () -> timespec

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: which part of the program speaks.
    ///   - now: the time since 1970 for the next line.
    init(
        label: String, format: LogFormat, level: Logger.Level, output: LogOutput = .standardError,
        now: @escaping @Sendable () -> timespec = Self.realTime
    ) {
        self.label = label
        self.format = format
        self.output = output
        self.now = now
        logLevel = level
    }

    /// Makes every logger of the process write to the standard error output; call it once.
    static func bootstrap(_ settings: Settings.Log) {
        let format = settings.effectiveFormat
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: format, level: settings.level)
        }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = LogTime.text(now())
        let line = LogLine(
            time: time, level: event.level, label: label, message: event.message.description,
            metadata: merged(event))
        output.write(rendered(line)) { lost in
            rendered(
                LogLine(
                    time: time, level: .warning, label: label,
                    message: "log lines were lost: their reader was too slow",
                    metadata: ["lost": .stringConvertible(lost)]))
        }
    }

    private func rendered(_ line: LogLine) -> String {
        switch format {
        case .text: line.text
        case .json: line.json
        }
    }

    private func merged(_ event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        return all
    }

    private static let realTime: @Sendable () -> timespec = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }
}

/// Where log lines go: a file descriptor that gets each line whole, by one write.
final class LogOutput: Sendable {
    /// The standard error output, which is the journal's in a service.
    static let standardError = LogOutput(descriptor: STDERR_FILENO)

    /// The longest line, in bytes, with its line feed; a longer one is cut.
    static let lineLimit = 16 * 1024
    /// How long a full descriptor is waited for, in milliseconds, before a line is given up; while
    /// lines are being given up it is not waited for at all.
    static let patience: Int32 = 50

    private struct State {
        /// Lines given up since the last one that was written.
        var lost = 0
        /// A line was given up after its first part was written.
        var isInsideLine = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    /// Makes an output on a descriptor that stays open as long as it.
    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Writes one line; it must not hold a line feed, and gets one.
    ///
    /// - Parameter note: the line that says how many were given up before this one.
    func write(_ line: String, afterLoss note: (Int) -> String) {
        state.withLock { state in
            if state.lost > 0, put(note(state.lost), &state) { state.lost = 0 }
            if state.lost > 0 || !put(line, &state) { state.lost += 1 }
        }
    }

    /// Writes the whole line, in one call where the system takes it so; false where it did not.
    private func put(_ line: String, _ state: inout State) -> Bool {
        let feed = UInt8(ascii: "\n")
        var bytes = Array(line.utf8.prefix(Self.lineLimit))
        if bytes.count == Self.lineLimit { bytes = Self.cut(bytes) }
        if state.isInsideLine { bytes.insert(feed, at: 0) }
        bytes.append(feed)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent)
            }
            let failure = count < 0 ? errno : 0
            if count >= 0 {
                sent += count
            } else if failure == EAGAIN, waitForRoom(state.lost > 0 ? 0 : Self.patience) {
                continue
            } else if failure != EINTR {
                state.isInsideLine = state.isInsideLine || sent > 0
                return false
            }
        }
        state.isInsideLine = false
        return true
    }

    private func waitForRoom(_ milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&waiting, 1, milliseconds) > 0
    }

    /// Leaves room for the mark and the line feed, and no half character.
    private static func cut(_ bytes: [UInt8]) -> [UInt8] {
        let mark = Array("…".utf8)
        var end = lineLimit - mark.count - 1
        while end > 0, bytes[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
        return bytes[..<end] + mark
    }
}

extension Settings.Log {
    /// The format in use: the one that was set, else by whether a person reads.
    var effectiveFormat: LogFormat {
        format ?? .standard(isTerminal: isatty(STDERR_FILENO) == 1)
    }
}
