extension Evaluator {
    func int(from value: Value) throws(ExpressionError) -> Value? {
        switch value {
        case .int: return value
        case .double(let number):
            // CEL leaves out the least int too: not every machine would give it back as a double.
            guard number > -0x1p63, let whole = Int64(exactly: number.rounded(.towardZero)) else {
                throw ExpressionError("int() of \(number.text): \(overflow)")
            }
            return .int(whole)
        case .string(let text):
            guard let whole = Int64(text) else {
                throw ExpressionError(
                    "int() needs the digits of a whole number, found \(quoted(text))")
            }
            return .int(whole)
        case .timestamp(let instant):
            let (seconds, rest) = instant.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
            return .int(rest < 0 ? seconds - 1 : seconds)
        case .null, .bool, .list, .map, .duration: return nil
        }
    }

    func double(from value: Value) throws(ExpressionError) -> Value? {
        switch value {
        case .double: return value
        case .int(let whole): return .double(Double(whole))
        case .string(let text):
            guard let number = Double(text), number.isFinite else {
                throw ExpressionError(
                    "double() needs the digits of a number, found \(quoted(text))")
            }
            return .double(number)
        case .null, .bool, .list, .map, .timestamp, .duration: return nil
        }
    }

    func string(from value: Value) throws(ExpressionError) -> Value? {
        switch value {
        case .null, .list, .map: nil
        case .bool, .int, .double, .string, .timestamp, .duration: .string(value.plainText)
        }
    }

    func timestamp(from value: Value) throws(ExpressionError) -> Value? {
        switch value {
        case .timestamp: return value
        case .string(let text):
            guard let instant = Instant(text) else {
                throw ExpressionError(
                    "timestamp() needs a text such as '2026-01-31T12:00:00Z', found \(quoted(text))"
                )
            }
            return try timestamp(instant)
        case .int(let seconds):
            let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
            return try timestamp(Instant(microseconds: isTooLarge ? .max : scaled))
        case .null, .bool, .double, .list, .map, .duration: return nil
        }
    }

    func duration(from value: Value) throws(ExpressionError) -> Value? {
        switch value {
        case .duration: return value
        case .string(let text):
            guard let duration = Duration(expressionText: text) else {
                throw ExpressionError(
                    "duration() needs a text such as '1h30m' or '1.5s', found \(quoted(text))")
            }
            return try self.duration(duration)
        case .null, .bool, .int, .double, .list, .map, .timestamp: return nil
        }
    }
}

/// A text in quotes, cut where it is long, for messages.
private func quoted(_ text: String) -> String {
    text.unicodeScalars.count > 40
        ? "'\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(40))))…'" : "'\(text)'"
}

extension Double {
    /// The number as expressions write it; a whole one without a fraction.
    var text: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        return Value.double(self).jsonText
    }
}

extension Value {
    /// The value as it is put into text: a string as it stands, `null`, lists and maps as JSON.
    var plainText: String {
        switch self {
        case .string(let text): text
        case .int(let whole): String(whole)
        case .double(let number): number.text
        case .timestamp(let instant): instant.description
        case .duration(let duration): duration.secondsText
        case .null, .bool, .list, .map: jsonText
        }
    }
}

extension Duration {
    /// The length that CEL's text names: numbers with `h`, `m`, `s`, `ms`, `us` or `ns`, in any
    /// order and number, a sign before all of them; nil for anything else.
    ///
    /// Digits beyond nanoseconds are dropped; nil also where the length is beyond 64 bits of
    /// seconds.
    init?(expressionText text: String) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" {
            self = .zero
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: Int128 = 0
        while !rest.isEmpty {
            guard let part = Self.takePart(of: &rest) else { return nil }
            total += part
            if total > Int128(Int64.max) * 1_000_000_000 { return nil }
        }
        let (seconds, nanoseconds) = total.quotientAndRemainder(dividingBy: 1_000_000_000)
        let length = Duration.seconds(Int64(seconds)) + .nanoseconds(Int64(nanoseconds))
        self = isNegative ? .zero - length : length
    }

    /// The nanoseconds of one number and its unit, which are removed.
    private static func takePart(of rest: inout Substring) -> Int128? {
        let whole = takeDigits(of: &rest)
        var fraction: Substring = ""
        if rest.first == "." {
            rest.removeFirst()
            fraction = takeDigits(of: &rest)
        }
        let digits = whole + fraction
        guard !digits.isEmpty, whole.count <= 20, let scale = takeUnit(of: &rest) else {
            return nil
        }
        guard let value = Int128(whole.isEmpty ? "0" : whole) else { return nil }
        var divisor: Int128 = 1
        var part: Int128 = 0
        for digit in fraction.prefix(15) {
            divisor *= 10
            part = part * 10 + Int128(digit.wholeNumberValue ?? 0)
        }
        return value * scale + part * scale / divisor
    }

    private static func takeDigits(of rest: inout Substring) -> Substring {
        let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
        rest.removeFirst(digits.count)
        return digits
    }

    private static func takeUnit(of rest: inout Substring) -> Int128? {
        let units: [(String, Int128)] = [
            ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
            ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        for (name, nanoseconds) in units where rest.hasPrefix(name) {
            rest.removeFirst(name.count)
            return nanoseconds
        }
        return nil
    }
}
