/// Writes values as JSON into memory of its own, which an array would have to check at every byte.
struct JSONWriter: ~Copyable {
    /// Most values fit into so many bytes; beyond, the room doubles.
    private static let firstRoom = 1024

    private var room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: firstRoom)
    private var count = 0
    private let indents: Bool
    /// Whether the next member or element of the object or list at hand is its first.
    var isFirst = true

    init(indents: Bool) { self.indents = indents }

    deinit { room.deallocate() }

    /// What was written.
    var bytes: [UInt8] { Array(written) }

    /// What was written, valid until more is.
    var written: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: room[..<count]) }

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
        append(UInt8(ascii: "["))
        // By place, here and below: an iterator would copy each element.
        for place in elements.indices {
            if place > 0 { append(UInt8(ascii: ",")) }
            breakLine(depth: depth + 1)
            write(elements[place], depth: depth + 1)
        }
        if !elements.isEmpty { breakLine(depth: depth) }
        append(UInt8(ascii: "]"))
    }

    private mutating func write(_ members: Members, depth: Int) {
        append(UInt8(ascii: "{"))
        for place in members.entries.indices {
            if place > 0 { append(UInt8(ascii: ",")) }
            breakLine(depth: depth + 1)
            write(quoted: members.entries[place].name)
            append(UInt8(ascii: ":"))
            if indents { append(UInt8(ascii: " ")) }
            write(members.entries[place].value, depth: depth + 1)
        }
        if !members.isEmpty { breakLine(depth: depth) }
        append(UInt8(ascii: "}"))
    }

    private mutating func breakLine(depth: Int) {
        guard indents else { return }
        append(UInt8(ascii: "\n"))
        for _ in 0..<depth * 2 { append(UInt8(ascii: " ")) }
    }

    // MARK: Numbers

    /// Writes the shortest digits that read back as the same number.
    private mutating func write(_ number: Double) {
        if number.magnitude < 0x1p53, number.rounded(.towardZero) == number {
            if number.sign == .minus { append(UInt8(ascii: "-")) }
            return write(whole: UInt64(number.magnitude))
        }
        guard number.isFinite else { return write("null") }
        var text = number.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        text.withUTF8 { append($0) }
    }

    mutating func write(whole number: UInt64) {
        var digits = 1
        var bound: UInt64 = 10
        while number >= bound {
            digits += 1
            bound *= 10
        }
        makeRoom(for: digits)
        var rest = number
        for place in (count..<count + digits).reversed() {
            let tenth = rest / 10
            room[place] = 48 + UInt8(truncatingIfNeeded: rest &- tenth &* 10)
            rest = tenth
        }
        count += digits
    }

    // MARK: Text

    mutating func write(quoted text: String) {
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { write(quoted: $0) }
        if isWritten == nil { Array(text.utf8).withUnsafeBufferPointer { write(quoted: $0) } }
    }

    private mutating func write(quoted text: UnsafeBufferPointer<UInt8>) {
        makeRoom(for: text.count + 2)
        append(UInt8(ascii: "\""))
        var plainStart = 0
        for place in text.indices where Self.needsEscape(text[place]) {
            append(UnsafeBufferPointer(rebasing: text[plainStart..<place]))
            writeEscape(text[place])
            plainStart = place + 1
        }
        append(UnsafeBufferPointer(rebasing: text[plainStart...]))
        append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            write("u00")
            append(48 + byte >> 4)
            append(byte & 15 < 10 ? 48 + byte & 15 : 87 + byte & 15)
        }
    }

    // MARK: Bytes

    mutating func write(_ word: StaticString) {
        append(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Has `fill` write at most that many bytes at the end; it answers how many it wrote.
    mutating func write(
        atMost length: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) {
        makeRoom(for: length)
        count += fill(UnsafeMutableBufferPointer(rebasing: room[count..<count + length]))
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == room.count { makeRoom(for: 1) }
        room[count] = byte
        count += 1
    }

    private mutating func append(_ more: UnsafeBufferPointer<UInt8>) {
        makeRoom(for: more.count)
        guard let source = more.baseAddress, let start = room.baseAddress else { return }
        (start + count).update(from: source, count: more.count)
        count += more.count
    }

    private mutating func makeRoom(for more: Int) {
        guard count + more > room.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(
            capacity: max(room.count * 2, count + more))
        _ = larger.update(fromContentsOf: written)
        room.deallocate()
        room = larger
    }
}
