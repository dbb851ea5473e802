/// Writes values as JSON.
struct JSONWriter {
    var bytes: [UInt8] = []
    let indents: Bool

    init(indents: Bool) { self.indents = indents }

    mutating func write(_ value: Value, depth: Int) {
        switch value {
        case .null: write("null")
        case .bool(let truth): write(truth ? "true" : "false")
        case .int(let number): write(Double(number))
        case .double(let number): write(number)
        case .string(let text): write(quoted: text)
        case .list(let elements): write(elements, depth: depth)
        case .map(let members): write(members, depth: depth)
        case .timestamp(let instant): write(quoted: instant.description)
        case .duration(let duration): write(quoted: duration.secondsText)
        }
    }

    private mutating func write(_ elements: [Value], depth: Int) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            breakLine(depth: depth + 1)
            write(element, depth: depth + 1)
        }
        if !isFirst { breakLine(depth: depth) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ members: Members, depth: Int) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in members {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            breakLine(depth: depth + 1)
            write(quoted: member.name)
            bytes.append(UInt8(ascii: ":"))
            if indents { bytes.append(UInt8(ascii: " ")) }
            write(member.value, depth: depth + 1)
        }
        if !isFirst { breakLine(depth: depth) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func breakLine(depth: Int) {
        guard indents else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth * 2 { bytes.append(UInt8(ascii: " ")) }
    }

    private mutating func write(_ word: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Writes the shortest digits that read back as the same number.
    private mutating func write(_ number: Double) {
        if number.magnitude < 0x1p53, number.rounded(.towardZero) == number {
            if number.sign == .minus { bytes.append(UInt8(ascii: "-")) }
            return write(whole: UInt64(number.magnitude))
        }
        guard number.isFinite else { return write("null") }
        let text = number.description
        bytes.append(contentsOf: (text.hasSuffix(".0") ? text.dropLast(2) : text[...]).utf8)
    }

    private mutating func write(whole number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(48 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func write(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { write(escaping: $0) }
        if isWritten == nil { Array(text.utf8).withUnsafeBufferPointer { write(escaping: $0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(escaping text: UnsafeBufferPointer<UInt8>) {
        var plainStart = 0
        for place in text.indices {
            let byte = text[place]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart..<place]))
            writeEscape(byte)
            plainStart = place + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart...]))
    }

    private mutating func writeEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            write("u00")
            bytes.append(48 + byte >> 4)
            bytes.append(byte & 15 < 10 ? 48 + byte & 15 : 87 + byte & 15)
        }
    }
}
