/// A point in time: whole microseconds since 1970-01-01T00:00:00Z.
package struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch; negative before it.
    package var microseconds: Int64

    /// The instant that many microseconds after the epoch.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// Whether the left is earlier.
    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The instant that much later; clamped at the ends of what 64 bits hold.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.microseconds.addingReportingOverflow(duration.microseconds)
        let limit: Int64 = duration < .zero ? .min : .max
        return Instant(microseconds: overflow ? limit : sum)
    }

    /// The time from the right to the left.
    package static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero and clamped to 64 bits.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds with an `s`, as CEL writes durations: `90s`, `0.25s`.
    package var secondsText: String {
        let total = microseconds
        let sign = total < 0 ? "-" : ""
        let (seconds, fraction) = total.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        if fraction == 0 { return "\(sign)\(seconds)s" }
        var digits = padded(Int64(fraction), 6)
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(seconds).\(digits)s"
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC with as many fraction digits as needed, at most six.
    package var description: String {
        String(
            unsafeUninitializedCapacity: Self.maximumTextLength, initializingUTF8With: writeText)
    }

    /// The most bytes that the text of an instant takes: six digits of year and a sign.
    static let maximumTextLength = 30

    /// Writes the text and answers its length; every command, event and journal row holds several,
    /// so that it is written byte by byte.
    func writeText(into bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let (days, timeOfDay) = floorDivide(microseconds, 86_400_000_000)
        let date = civilDate(daysSinceEpoch: days)
        let (seconds, fraction) = timeOfDay.quotientAndRemainder(dividingBy: 1_000_000)
        let yearWidth = max(4, String(date.year).utf8.count)
        var writer = DigitWriter(bytes: bytes)
        writer.write(date.year, yearWidth, then: "-")
        writer.write(date.month, 2, then: "-")
        writer.write(date.day, 2, then: "T")
        writer.write(seconds / 3600, 2, then: ":")
        writer.write(seconds / 60 % 60, 2, then: ":")
        writer.write(seconds % 60, 2, then: fraction == 0 ? "Z" : ".")
        guard fraction != 0 else { return writer.end }
        writer.write(fraction, 6, then: "Z")
        writer.dropZeros()
        return writer.end
    }

    /// The instant that an RFC 3339 text names, or nil; digits beyond microseconds are dropped.
    package init?(_ text: String) {
        var reader = TimestampReader(text)
        guard let instant = reader.read() else { return nil }
        self = instant
    }
}

/// Writes the numbers of one date and time.
private struct DigitWriter {
    let bytes: UnsafeMutableBufferPointer<UInt8>
    var end = 0

    mutating func write(_ number: Int64, _ width: Int, then mark: Unicode.Scalar) {
        var rest = number
        for place in (end..<end + width).reversed() {
            bytes[place] = 48 + UInt8(rest.magnitude % 10)
            rest /= 10
        }
        if number < 0 { bytes[end] = UInt8(ascii: "-") }
        bytes[end + width] = UInt8(ascii: mark)
        end += width + 1
    }

    /// Drops the zeros before the last mark.
    mutating func dropZeros() {
        let mark = bytes[end - 1]
        while bytes[end - 2] == 48 { end -= 1 }
        bytes[end - 1] = mark
    }
}

/// Reads one RFC 3339 date and time.
private struct TimestampReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    mutating func read() -> Instant? {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"),
            let day = number(2), skip("T") || skip("t") || skip(" "),
            let hour = number(2), skip(":"), let minute = number(2), skip(":"),
            let second = number(2), (1...12).contains(month),
            day >= 1, day <= daysIn(month: month, year: year),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        guard let fraction = fraction(), let offset = offset(), rest.isEmpty else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + min(second, 59) - offset
        return Instant(microseconds: seconds * 1_000_000 + fraction)
    }

    private mutating func skip(_ character: Character) -> Bool {
        guard let first = rest.first, first == character.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let byte = rest.first, (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
            rest.removeFirst()
        }
        return value
    }

    private mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var scale: Int64 = 100_000
        var count = 0
        while let byte = rest.first, (48...57).contains(byte) {
            value += Int64(byte - 48) * scale
            scale /= 10
            count += 1
            rest.removeFirst()
        }
        return count > 0 ? value : nil
    }

    private mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private func floorDivide(_ number: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func daysIn(month: Int64, year: Int64) -> Int64 {
    let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    switch month {
    case 2: return isLeap ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
}

/// Days from the epoch to a date of the proleptic Gregorian calendar; years begin in March here, so
/// that the leap day is the last of its year.
private func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floorDivide(shiftedYear, 400)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
