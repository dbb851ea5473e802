/// How a duration is written in the configuration: `30s`, `1h30m`, `500ms`.
enum DurationMeasure {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]
    /// More digits than any sensible part has, and few enough not to overflow.
    private static let mostDigits = 9

    /// The duration, or nil where the text is not numbers with units, the largest unit first.
    static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var total: Int64 = 0
        var unitsLeft = units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard digits.count <= mostDigits, let number = Int64(digits),
                let at = unitsLeft.firstIndex(where: { $0.name == name })
            else { return nil }
            total += number * unitsLeft[at].milliseconds
            unitsLeft = unitsLeft[(at + 1)...]
        }
        return .milliseconds(total)
    }

    /// The shortest text without days, in whole milliseconds.
    static func write(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var rest = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        var text = ""
        for unit in units.dropFirst() where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }
}

/// How a byte count is written in the configuration: `512KiB`, `4MiB`.
enum ByteMeasure {
    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]
    private static let mostDigits = 9

    /// The number of bytes, or nil where the text is not one number with a unit.
    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let name = text.dropFirst(digits.count)
        guard digits.count <= mostDigits, let number = Int(digits),
            let unit = units.first(where: { $0.name == name })
        else { return nil }
        return number * unit.bytes
    }

    /// The number in the largest unit that holds it whole.
    static func write(_ bytes: Int) -> String {
        for unit in units where bytes >= unit.bytes && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)B"
    }
}
