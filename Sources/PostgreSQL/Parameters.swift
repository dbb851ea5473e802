/// The bound parameters of one execution, encoded in binary into one buffer as they are appended.
///
/// The n-th appended value is `$n`. A UUID is a pair of numbers: its first and its last eight
/// bytes, each read big-endian. A timestamp is in microseconds since 1970 (UTC).
package struct Parameters: Sendable {
    /// Where one parameter lies in the buffer.
    struct Slot: Sendable {
        let type: ParameterType
        let offset: Int
        /// In bytes; nil is SQL's NULL.
        let length: Int?
    }

    /// Microseconds from 1970 to 2000, the server's epoch.
    static let epochShift: Int64 = 946_684_800_000_000

    /// The values one after the other; the first byte is padding, so that the buffer is never empty.
    var bytes: [UInt8] = [0]
    var slots: [Slot] = []

    /// Starts without parameters.
    package init() {}

    /// Starts without parameters, with room for so many and for so many bytes of values.
    package init(reserving parameters: Int, bytes: Int) {
        slots.reserveCapacity(parameters)
        self.bytes.reserveCapacity(bytes + 1)
    }

    /// How many parameters were appended.
    package var count: Int { slots.count }

    /// How many bytes the encoded values take.
    package var byteCount: Int { bytes.count - 1 }

    /// Whether a text can be stored as `TEXT`: every character but U+0000 can.
    package static func canStore(_ text: String) -> Bool {
        !text.utf8.contains(0)
    }

    /// The type of the parameter `$(index + 1)`.
    func type(at index: Int) -> ParameterType { slots[index].type }

    /// The encoded bytes of the parameter `$(index + 1)`; nil is NULL.
    func encoded(at index: Int) -> [UInt8]? {
        let slot = slots[index]
        return slot.length.map { Array(bytes[slot.offset..<slot.offset + $0]) }
    }

    // MARK: Single values

    /// Appends an `INT2`; nil is NULL.
    package mutating func append(int2 value: Int16?) { appendNumber(.int2, value) }

    /// Appends an `INT4`; nil is NULL.
    package mutating func append(int4 value: Int32?) { appendNumber(.int4, value) }

    /// Appends an `INT8`; nil is NULL.
    package mutating func append(int8 value: Int64?) { appendNumber(.int8, value) }

    /// Appends a `BOOL`; nil is NULL.
    package mutating func append(bool value: Bool?) {
        appendNumber(.bool, value.map { $0 ? UInt8(1) : 0 })
    }

    /// Appends a `UUID`; nil is NULL.
    package mutating func append(uuid value: (UInt64, UInt64)?) {
        appendNumber(.uuid, value.map(Self.joined))
    }

    /// Appends a `TIMESTAMPTZ` given in microseconds since 1970; nil is NULL.
    package mutating func append(timestamptz value: Int64?) {
        appendNumber(.timestamptz, value.map(Self.serverTime))
    }

    /// Appends a `TEXT`; nil is NULL. A text with U+0000 is refused by the server.
    package mutating func append(text value: String?) {
        guard let value else { return appendNull(.text) }
        let offset = bytes.count
        bytes.append(contentsOf: value.utf8)
        close(.text, from: offset)
    }

    /// Appends a `BYTEA`; nil is NULL.
    package mutating func append(bytea value: [UInt8]?) {
        guard let value else { return appendNull(.bytea) }
        let offset = bytes.count
        bytes.append(contentsOf: value)
        close(.bytea, from: offset)
    }

    // MARK: Building

    private mutating func appendNumber<Number: FixedWidthInteger>(
        _ type: ParameterType, _ value: Number?
    ) {
        guard let value else { return appendNull(type) }
        let offset = bytes.count
        appendBigEndian(value)
        close(type, from: offset)
    }

    private mutating func appendNull(_ type: ParameterType) {
        slots.append(Slot(type: type, offset: 0, length: nil))
    }

    /// Ends a parameter whose bytes begin at the offset and reach to the end of the buffer.
    mutating func close(_ type: ParameterType, from offset: Int) {
        slots.append(Slot(type: type, offset: offset, length: bytes.count - offset))
    }

    mutating func appendBigEndian<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The two halves of a UUID as one number of sixteen bytes.
    static func joined(_ halves: (UInt64, UInt64)) -> UInt128 {
        UInt128(halves.0) << 64 | UInt128(halves.1)
    }

    /// Microseconds since 2000 for microseconds since 1970.
    ///
    /// What lies before the server's range stays there, so that the server refuses it; it must not
    /// become `-infinity` or wrap around.
    static func serverTime(_ microseconds: Int64) -> Int64 {
        let (shifted, overflow) = microseconds.subtractingReportingOverflow(epochShift)
        return overflow || shifted == .min ? .min + 1 : shifted
    }
}
