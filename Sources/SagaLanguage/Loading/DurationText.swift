internal import SagaCore

/// Durations as the language writes them: whole numbers of `d h m s ms`, largest first.
package enum DurationText {
    /// The longest duration: 3650 days.
    package static let limit: Duration = .seconds(3650 * 86_400)

    /// Why a text is no duration.
    struct Problem: Error {
        var message: String
        var fix: String?
    }

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Words that people write for a unit.
    private static let spellings: [String: String] = [
        "day": "d", "days": "d", "hour": "h", "hours": "h", "hr": "h", "hrs": "h", "min": "m",
        "mins": "m", "minute": "m", "minutes": "m", "sec": "s", "secs": "s", "second": "s",
        "seconds": "s", "msec": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms",
    ]

    /// The duration that a text says.
    static func parse(_ text: String) -> Result<Duration, Problem> {
        if let duration = strict(text) {
            guard duration <= limit else {
                return .failure(
                    Problem(message: "`\(shortened(text))` is over 3650d, the longest duration"))
            }
            return .success(duration)
        }
        return .failure(
            Problem(
                message: "`\(shortened(text))` is no duration: write whole numbers of `d`, `h`,"
                    + " `m`, `s`, `ms`, the largest first",
                fix: mended(text).map { "write `\($0)`" } ?? "write it as in `1h30m` or `200ms`"))
    }

    /// The text of a duration in whole milliseconds, such as `1h30m`.
    package static func text(of duration: Duration) -> String {
        var rest = duration.microseconds / 1000
        var text = ""
        for unit in units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }

    private static func strict(_ text: String) -> Duration? {
        var total: Int64 = 0
        var unitsLeft = units[...]
        var rest = text.utf8[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { (97...122).contains($0) }
            rest = rest.dropFirst(letters.count)
            guard !digits.isEmpty,
                let unit = unitsLeft.firstIndex(where: { $0.name == String(letters) })
            else { return nil }
            // Nineteen digits of days are beyond every limit; so is what does not fit.
            let count = Int64(String(digits) ?? "") ?? .max
            let part = count.multipliedReportingOverflow(by: units[unit].milliseconds)
            let sum = total.addingReportingOverflow(part.partialValue)
            total = part.overflow || sum.overflow ? .max : sum.partialValue
            unitsLeft = units[(unit + 1)...]
        }
        return total > 1_000_000_000_000 ? .seconds(1_000_000_000) : .milliseconds(total)
    }

    /// The duration that was most likely meant, as it should be written.
    private static func mended(_ text: String) -> String? {
        let compact = String(text.lowercased().filter { !$0.isWhitespace })
        if !compact.isEmpty, compact.allSatisfy(\.isNumber) { return accepted("\(compact)s") }
        let number = compact.prefix { $0.isNumber || $0 == "." }
        let unit = String(compact.dropFirst(number.count))
        let name = spellings[unit] ?? unit
        if number.contains("."), let count = Double(number),
            let scale = units.first(where: { $0.name == name })?.milliseconds
        {
            let milliseconds = (count * Double(scale)).rounded()
            guard milliseconds >= 1, milliseconds < 3e11 else { return nil }
            return self.text(of: .milliseconds(Int64(milliseconds)))
        }
        return accepted("\(number)\(name)") ?? accepted(compact)
    }

    private static func accepted(_ text: String) -> String? { strict(text) == nil ? nil : text }
}
