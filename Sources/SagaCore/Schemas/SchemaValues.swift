extension Value {
    /// The number of an int or a double.
    var number: Double? {
        switch self {
        case .double(let number): number
        case .int(let number): Double(number)
        case .null, .bool, .string, .list, .map, .timestamp, .duration: nil
        }
    }

    /// Whether this is a value of that JSON type.
    func isInstance(of type: Schema.InstanceType) -> Bool {
        switch (type, self) {
        case (.null, .null), (.boolean, .bool), (.number, .double), (.number, .int),
            (.string, .string), (.array, .list), (.object, .map), (.integer, .int):
            true
        case (.integer, .double(let number)):
            number.isFinite && number.rounded(.towardZero) == number
        case (.null, _), (.boolean, _), (.number, _), (.string, _), (.array, _), (.object, _),
            (.integer, _):
            false
        }
    }

    /// What the value is, in a few words.
    var phrase: String {
        switch self {
        case .null: "null"
        case .bool: "the boolean \(jsonText)"
        case .int, .double: "the number \(jsonText)"
        case .string: "the string \(quoted)"
        case .list(let elements): "an array of \(elements.count)"
        case .map: "an object"
        case .timestamp: "a timestamp"
        case .duration: "a duration"
        }
    }

    /// The value as JSON, cut after 60 characters.
    var quoted: String {
        let text = jsonText
        let start = text.unicodeScalars.prefix(60)
        return start.endIndex == text.unicodeScalars.endIndex ? text : "\(Substring(start))…"
    }
}

extension Schema.Format {
    /// Whether the text has this form.
    func accepts(_ text: String) -> Bool {
        switch self {
        case .dateTime: Instant(text) != nil
        case .date: text.utf8.count == 10 && Instant("\(text)T00:00:00Z") != nil
        case .uuid: UniqueID(text) != nil
        }
    }

    /// The form with its article, for messages.
    var phrase: String {
        switch self {
        case .dateTime: "a date and time such as 2026-03-01T12:00:00Z"
        case .date: "a date such as 2026-03-01"
        case .uuid: "a UUID"
        }
    }
}

extension Double {
    /// Whether this is a whole multiple of `unit` in the decimal digits that both are written
    /// with: 19.99 is a multiple of 0.01, although their binary quotient is not whole.
    func isDecimalMultiple(of unit: Double) -> Bool {
        guard let value = Decimal(self), let unit = Decimal(unit), unit.digits > 0 else {
            return false
        }
        if value.digits == 0 { return true }
        if value.exponent >= unit.exponent {
            var rest = value.digits % unit.digits
            for _ in 0..<(value.exponent - unit.exponent) where rest != 0 {
                rest = timesTen(rest, modulo: unit.digits)
            }
            return rest == 0
        }
        var divisor = unit.digits
        for _ in 0..<(unit.exponent - value.exponent) {
            // Beyond 64 bits the unit is larger than any value's digits.
            let (product, overflow) = divisor.multipliedReportingOverflow(by: 10)
            if overflow { return false }
            divisor = product
        }
        return value.digits % divisor == 0
    }
}

private func timesTen(_ number: UInt64, modulo divisor: UInt64) -> UInt64 {
    let product = number.multipliedFullWidth(by: 10)
    return divisor.dividingFullWidth((product.high % divisor, product.low)).remainder
}

/// A number's magnitude as `digits × 10^exponent`.
private struct Decimal {
    var digits: UInt64 = 0
    var exponent = 0

    /// The shortest decimal that reads back as the number; nil where it is not finite.
    init?(_ number: Double) {
        guard number.isFinite else { return nil }
        var isFraction = false
        var rest = number.magnitude.description.utf8[...]
        while let byte = rest.first, byte != UInt8(ascii: "e") {
            rest.removeFirst()
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                digits = digits * 10 + UInt64(byte - 48)
                if isFraction { exponent -= 1 }
            }
        }
        if !rest.isEmpty { exponent += Int(String(rest.dropFirst()) ?? "") ?? 0 }
        while digits != 0, digits % 10 == 0 {
            digits /= 10
            exponent += 1
        }
    }
}
