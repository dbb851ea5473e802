import Glibc

/// Where the tools print: lines at once, with colour on a terminal only.
package struct Terminal: Sendable {
    /// Whether colours are used.
    package let hasColour: Bool

    /// The standard output; coloured where it is a terminal and `NO_COLOR` is not set.
    package static let output = Terminal(
        hasColour: isatty(1) == 1 && getenv("NO_COLOR") == nil
            && getenv("TERM").map { String(cString: $0) } != "dumb")

    /// A terminal with or without colours.
    package init(hasColour: Bool) { self.hasColour = hasColour }

    /// How a piece of text looks.
    package enum Style: String, Sendable {
        /// Stands out.
        case bold = "1"
        /// Steps back.
        case faint = "2"
        /// Went well.
        case green = "32"
        /// Turned round.
        case yellow = "33"
        /// Broke.
        case red = "31"
    }

    /// The text in a style.
    package func styled(_ text: String, _ styles: Style...) -> String {
        guard hasColour, !styles.isEmpty, !text.isEmpty else { return text }
        return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
    }

    /// Prints a line.
    package func line(_ text: String = "") { Self.write(text + "\n", to: 1) }

    /// Prints a line on the standard error output.
    package static func complain(_ text: String) { write(text + "\n", to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            guard count > 0 else { return }
            written += count
        }
    }
}

/// Text of a given width.
extension String {
    /// The text with spaces behind it, up to that many characters.
    package func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text with spaces before it, up to that many characters.
    package func indented(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

/// Amounts of money as people write them.
package enum Money {
    /// Cents as `19.00`.
    package static func text(_ cents: Int64) -> String {
        let rest = String(abs(cents) % 100)
        let sign = cents < 0 ? "-" : ""
        return "\(sign)\(abs(cents) / 100).\(rest.count < 2 ? "0" : "")\(rest)"
    }
}

/// Numbers as tables show them.
package enum Figures {
    /// A number with that many digits behind the point.
    package static func text(_ number: Double, digits: Int = 1) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(number) * scale).rounded())
        let whole = scaled / Int64(scale)
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let rest = String(scaled % Int64(scale))
        return "\(sign)\(whole).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }

    /// Bytes as whole mebibytes.
    package static func mebibytes(_ bytes: Int64) -> String { "\(bytes >> 20) MiB" }
}
