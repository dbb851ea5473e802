// The compiler counts timespec as its, beside modules that import it.
import CDispatch
import Glibc
import Logging

/// One event of the log, ready to be written in either format.
struct LogLine {
    var time: String
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata

    /// `TIME LEVEL MESSAGE KEY=VALUE …`, keys sorted; never more than one line.
    var text: String {
        var line = "\(time) \(Self.padded(level)) "
        Self.escape(message, into: &line)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " "
            Self.escape(key, into: &line)
            line += "="
            Self.quote(value.description, into: &line)
        }
        return line
    }

    /// One JSON object: time, level, logger and message, then the metadata as members, sorted.
    ///
    /// Metadata of one of the first four names gets `metadata.` in front.
    var json: String {
        var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"logger\":"
        JSONText.append(label, to: &line)
        line += ",\"message\":"
        JSONText.append(message, to: &line)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += ","
            JSONText.append(Self.reserved.contains(key) ? "metadata.\(key)" : key, to: &line)
            line += ":"
            Self.append(value, to: &line)
        }
        return line + "}"
    }

    private static let reserved: Set<String> = ["time", "level", "logger", "message"]

    private static func padded(_ level: Logger.Level) -> String {
        let width = 8
        let word = level.rawValue
        return word + String(repeating: " ", count: max(0, width - word.count))
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout String) {
        switch value {
        case .string(let text):
            JSONText.append(text, to: &line)
        case .stringConvertible(let value):
            append(described: value, to: &line)
        case .array(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                append(value, to: &line)
            }
            line += "]"
        case .dictionary(let members):
            line += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line += "," }
                JSONText.append(member.key, to: &line)
                line += ":"
                append(member.value, to: &line)
            }
            line += "}"
        }
    }

    /// Numbers and truth values stay what they are.
    private static func append(described value: any CustomStringConvertible, to line: inout String)
    {
        switch value {
        case is any BinaryInteger, is Bool:
            line += value.description
        case let number as Double where number.isFinite:
            line += number.description
        default:
            JSONText.append(value.description, to: &line)
        }
    }

    /// Puts quotes around what would not be read back as one word.
    private static func quote(_ text: String, into line: inout String) {
        let isWord =
            !text.isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x3D }
        if isWord {
            escape(text, into: &line)
        } else {
            JSONText.append(text, to: &line)
        }
    }

    /// A log line must stay one line, and must not steer a terminal.
    private static func escape(_ text: String, into line: inout String) {
        for scalar in text.unicodeScalars { JSONText.appendVisible(scalar, to: &line) }
    }
}

/// Writes strings as JSON.
enum JSONText {
    /// Appends a string with its quotes.
    static func append(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            default: appendVisible(scalar, to: &line)
            }
        }
        line += "\""
    }

    /// Appends one scalar; control characters as the escapes of JSON.
    static func appendVisible(_ scalar: Unicode.Scalar, to line: inout String) {
        switch scalar {
        case "\n": line += "\\n"
        case "\r": line += "\\r"
        case "\t": line += "\\t"
        case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
            let hex = String(scalar.value, radix: 16)
            line += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: line.unicodeScalars.append(scalar)
        }
    }
}

/// Writes times as RFC 3339 does.
enum LogTime {
    /// A time since 1970.
    static func since1970(seconds: Int, nanoseconds: Int) -> timespec {
        timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    }

    /// The time in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
    static func text(_ time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))"
            + "-\(digits(Int(parts.tm_mday), 2))"
        let clock =
            "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2))"
            + ":\(digits(Int(parts.tm_sec), 2)).\(digits(time.tv_nsec / 1_000_000, 3))"
        return "\(date)T\(clock)Z"
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
