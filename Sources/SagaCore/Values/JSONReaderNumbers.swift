extension JSONReader {
    /// The number that begins at the position with a digit or a minus sign.
    mutating func readNumber() throws(JSONError) -> Double {
        let start = position
        var number = Decimal()
        if current == UInt8(ascii: "-") {
            number.isNegative = true
            position += 1
        }
        let firstDigit = position
        try readDigits(into: &number)
        if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
            throw error("a number must not begin with 0", at: firstDigit)
        }
        var isWhole = true
        if current == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            let fractionStart = position
            try readDigits(into: &number)
            number.exponent -= position - fractionStart
        }
        if current | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            number.exponent += try readExponent()
        }
        return try double(of: number, from: start, isWhole: isWhole)
    }

    /// A decimal number: `significand × 10^exponent` while at most 19 digits were taken.
    private struct Decimal {
        var isNegative = false
        var significand: UInt64 = 0
        var digits = 0
        var exponent = 0
    }

    private mutating func readDigits(into number: inout Decimal) throws(JSONError) {
        let start = position
        while position < bytes.count, bytes[position] &- 48 < 10 {
            number.significand = number.significand &* 10 &+ UInt64(bytes[position] &- 48)
            position += 1
        }
        if position == start { throw unexpected("a digit") }
        number.digits += position - start
    }

    private mutating func readExponent() throws(JSONError) -> Int {
        position += 1
        let isNegative = current == UInt8(ascii: "-")
        if isNegative || current == UInt8(ascii: "+") { position += 1 }
        var exponent = 0
        let start = position
        while position < bytes.count, bytes[position] &- 48 < 10 {
            exponent = min(exponent * 10 + Int(bytes[position] &- 48), 100_000)
            position += 1
        }
        if position == start { throw unexpected("a digit of the exponent") }
        return isNegative ? -exponent : exponent
    }

    private func double(
        of number: Decimal, from start: Int, isWhole: Bool
    ) throws(JSONError) -> Double {
        // Both factors are exact below these limits, so that one rounding gives the nearest double.
        if number.digits <= 19, number.significand <= 1 << 53, abs(number.exponent) <= 22 {
            let power = powersOfTen[abs(number.exponent)]
            let whole = Double(number.significand)
            let magnitude = number.exponent < 0 ? whole / power : whole * power
            return number.isNegative ? -magnitude : magnitude
        }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(literal), value.isFinite else {
            throw error("a number too large for a double", at: start)
        }
        if isWhole, limits.exactIntegers, !isExact(literal) {
            throw error(
                "the whole number \(literal) does not fit a double exactly: send it as text",
                at: start)
        }
        return value
    }
}

/// The powers of ten that doubles hold exactly.
private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

/// Whether a whole number's digits, at most 309 of them, need no more than a double's 53 bits.
private func isExact(_ literal: String) -> Bool {
    var limbs: [UInt32] = []
    for byte in literal.utf8 where byte != UInt8(ascii: "-") {
        var carry = UInt64(byte - 48)
        for place in limbs.indices {
            let product = UInt64(limbs[place]) * 10 + carry
            limbs[place] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }
    guard let highest = limbs.last, let lowest = limbs.firstIndex(where: { $0 != 0 }) else {
        return true
    }
    let length = limbs.count * 32 - highest.leadingZeroBitCount
    return length - (lowest * 32 + limbs[lowest].trailingZeroBitCount) <= Double.significandBitCount
        + 1
}
