/// Array parameters: each a column of a batch, which `unnest` makes rows of again.
///
/// They may be empty; nil is a NULL element. A whole array is encoded in one pass without an
/// allocation for each element. The arrays are plain ones, and not any collection with a closure, as
/// generic code is not specialised for callers in other targets and would take many times as long.
extension Parameters {
    /// Appends an `INT2[]`.
    package mutating func append(int2Array values: [Int16]) {
        appendNumbers(.int2Array, of: .int2, values) { $0 }
    }

    /// Appends an `INT2[]`; nil is a NULL element.
    package mutating func append(int2Array values: [Int16?]) {
        appendNumbers(.int2Array, of: .int2, values) { $0 }
    }

    /// Appends an `INT4[]`.
    package mutating func append(int4Array values: [Int32]) {
        appendNumbers(.int4Array, of: .int4, values) { $0 }
    }

    /// Appends an `INT4[]`; nil is a NULL element.
    package mutating func append(int4Array values: [Int32?]) {
        appendNumbers(.int4Array, of: .int4, values) { $0 }
    }

    /// Appends an `INT8[]`.
    package mutating func append(int8Array values: [Int64]) {
        appendNumbers(.int8Array, of: .int8, values) { $0 }
    }

    /// Appends an `INT8[]`; nil is a NULL element.
    package mutating func append(int8Array values: [Int64?]) {
        appendNumbers(.int8Array, of: .int8, values) { $0 }
    }

    /// Appends a `BOOL[]`.
    package mutating func append(boolArray values: [Bool]) {
        appendNumbers(.boolArray, of: .bool, values) { $0 ? UInt8(1) : 0 }
    }

    /// Appends a `BOOL[]`; nil is a NULL element.
    package mutating func append(boolArray values: [Bool?]) {
        appendNumbers(.boolArray, of: .bool, values) { $0.map { $0 ? UInt8(1) : 0 } }
    }

    /// Appends a `UUID[]`.
    package mutating func append(uuidArray values: [(UInt64, UInt64)]) {
        appendNumbers(.uuidArray, of: .uuid, values, Self.joined)
    }

    /// Appends a `UUID[]`; nil is a NULL element.
    package mutating func append(uuidArray values: [(UInt64, UInt64)?]) {
        appendNumbers(.uuidArray, of: .uuid, values) { $0.map(Self.joined) }
    }

    /// Appends a `TIMESTAMPTZ[]` of microseconds since 1970.
    package mutating func append(timestamptzArray values: [Int64]) {
        appendNumbers(.timestamptzArray, of: .timestamptz, values, Self.serverTime)
    }

    /// Appends a `TIMESTAMPTZ[]` of microseconds since 1970; nil is a NULL element.
    package mutating func append(timestamptzArray values: [Int64?]) {
        appendNumbers(.timestamptzArray, of: .timestamptz, values) { $0.map(Self.serverTime) }
    }

    /// Appends a `TEXT[]`.
    package mutating func append(textArray values: [String]) {
        appendVaried(.textArray, of: .text, values) { $0.utf8 }
    }

    /// Appends a `TEXT[]`; nil is a NULL element.
    package mutating func append(textArray values: [String?]) {
        appendVaried(.textArray, of: .text, values) { $0?.utf8 }
    }

    /// Appends a `BYTEA[]`.
    package mutating func append(byteaArray values: [[UInt8]]) {
        appendVaried(.byteaArray, of: .bytea, values) { $0 }
    }

    /// Appends a `BYTEA[]`; nil is a NULL element.
    package mutating func append(byteaArray values: [[UInt8]?]) {
        appendVaried(.byteaArray, of: .bytea, values) { $0 }
    }

    // MARK: Building

    /// Appends an array whose elements all have the width of the number.
    private mutating func appendNumbers<Value, Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: ParameterType, of element: ParameterType, _ values: [Value],
        _ number: (Value) -> Number?
    ) {
        let width = MemoryLayout<Number>.size
        appendArray(type, of: element, count: values.count, room: values.count * (4 + width)) {
            elements in
            for value in values {
                guard let number = number(value) else {
                    elements.appendNull()
                    continue
                }
                elements.append(Int32(width))
                elements.append(number)
            }
        }
    }

    /// Appends an array whose elements have lengths of their own.
    private mutating func appendVaried<Value, Content: Collection<UInt8>>(
        _ type: ParameterType, of element: ParameterType, _ values: [Value],
        _ content: (Value) -> Content?
    ) {
        let room = values.reduce(0) { $0 + 4 + (content($1)?.count ?? 0) }
        appendArray(type, of: element, count: values.count, room: room) { elements in
            for value in values {
                guard let content = content(value) else {
                    elements.appendNull()
                    continue
                }
                elements.append(Int32(content.count))
                elements.append(contentsOf: content)
            }
        }
    }

    /// Appends the header and, unless the array is empty, what the closure writes into the room.
    private mutating func appendArray(
        _ type: ParameterType, of element: ParameterType, count: Int, room: Int,
        _ write: (inout ElementWriter) -> Void
    ) {
        let offset = bytes.count
        var hasNull = false
        let elements = [UInt8](unsafeUninitializedCapacity: room) { buffer, written in
            var writer = ElementWriter(room: UnsafeMutableRawBufferPointer(buffer))
            write(&writer)
            written = writer.written
            hasNull = writer.hasNull
        }
        appendBigEndian(Int32(count == 0 ? 0 : 1))
        appendBigEndian(Int32(hasNull ? 1 : 0))
        appendBigEndian(element.rawValue)
        if count > 0 {
            appendBigEndian(Int32(count))
            // The lower bound.
            appendBigEndian(Int32(1))
        }
        bytes.append(contentsOf: elements)
        close(type, from: offset)
    }
}

/// Writes the elements of an array, each a length and its bytes, into memory of a known size.
private struct ElementWriter {
    private let room: UnsafeMutableRawBufferPointer
    private(set) var written = 0
    private(set) var hasNull = false

    init(room: UnsafeMutableRawBufferPointer) {
        self.room = room
    }

    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        let end = written + MemoryLayout<Number>.size
        precondition(end <= room.count, "an array parameter outgrew the room measured for it")
        room.storeBytes(of: number.bigEndian, toByteOffset: written, as: Number.self)
        written = end
    }

    mutating func append(contentsOf content: some Collection<UInt8>) {
        let end = written + content.count
        precondition(end <= room.count, "an array parameter outgrew the room measured for it")
        UnsafeMutableRawBufferPointer(rebasing: room[written..<end]).copyBytes(from: content)
        written = end
    }

    mutating func appendNull() {
        append(Int32(-1))
        hasNull = true
    }
}
