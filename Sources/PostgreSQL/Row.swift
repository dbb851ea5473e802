/// One row of a result, read by the position of the column, from 0.
///
/// Each accessor throws a `PostgresError` of kind `.other` when the column's type is another one,
/// and the ones without `optional` also when the value is NULL.
package struct Row: Sendable {
    let storage: Rows.Storage
    let start: Int

    /// Whether the value is NULL.
    package func isNull(_ column: Int) throws(PostgresError) -> Bool {
        try cell(column).length == nil
    }

    // MARK: Values

    /// An `INT2`, `INT4` or `INT8`.
    package func int(_ column: Int) throws(PostgresError) -> Int64 {
        try present(optionalInt(column), column)
    }

    /// A `BOOL`.
    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        try present(optionalBool(column), column)
    }

    /// A `TEXT`, `VARCHAR` or `NAME`.
    package func text(_ column: Int) throws(PostgresError) -> String {
        try present(optionalText(column), column)
    }

    /// A `BYTEA`.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try present(optionalBytes(column), column)
    }

    /// A `UUID`: its first and its last eight bytes, each read big-endian.
    package func uuid(_ column: Int) throws(PostgresError) -> (UInt64, UInt64) {
        try present(optionalUUID(column), column)
    }

    /// A `TIMESTAMPTZ` in microseconds since 1970.
    package func timestamptz(_ column: Int) throws(PostgresError) -> Int64 {
        try present(optionalTimestamptz(column), column)
    }

    // MARK: Values that may be NULL

    /// An `INT2`, `INT4` or `INT8`; nil for NULL.
    package func optionalInt(_ column: Int) throws(PostgresError) -> Int64? {
        let found = try range(column, of: [20, 21, 23], expected: "INT2, INT4 or INT8")
        guard let found else { return nil }
        return switch found.count {
        case 2: Int64(number(at: found, as: Int16.self))
        case 4: Int64(number(at: found, as: Int32.self))
        case 8: number(at: found, as: Int64.self)
        default: throw malformed(column, found.count)
        }
    }

    /// A `BOOL`; nil for NULL.
    package func optionalBool(_ column: Int) throws(PostgresError) -> Bool? {
        guard let found = try range(column, of: [16], expected: "BOOL") else { return nil }
        guard found.count == 1 else { throw malformed(column, found.count) }
        return storage.bytes[found.lowerBound] != 0
    }

    /// A `TEXT`, `VARCHAR` or `NAME`; nil for NULL.
    package func optionalText(_ column: Int) throws(PostgresError) -> String? {
        let found = try range(column, of: [25, 1043, 19], expected: "TEXT, VARCHAR or NAME")
        return found.map { String(decoding: storage.bytes[$0], as: UTF8.self) }
    }

    /// A `BYTEA`; nil for NULL.
    package func optionalBytes(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try range(column, of: [17], expected: "BYTEA").map { Array(storage.bytes[$0]) }
    }

    /// A `UUID` as its first and its last eight bytes, each read big-endian; nil for NULL.
    package func optionalUUID(_ column: Int) throws(PostgresError) -> (UInt64, UInt64)? {
        guard let found = try range(column, of: [2950], expected: "UUID") else { return nil }
        guard found.count == 16 else { throw malformed(column, found.count) }
        let middle = found.lowerBound + 8
        return (
            number(at: found.lowerBound..<middle, as: UInt64.self),
            number(at: middle..<found.upperBound, as: UInt64.self)
        )
    }

    /// A `TIMESTAMPTZ` in microseconds since 1970; nil for NULL.
    ///
    /// The infinities have no number of microseconds and throw.
    package func optionalTimestamptz(_ column: Int) throws(PostgresError) -> Int64? {
        let found = try range(column, of: [1184], expected: "TIMESTAMPTZ")
        guard let found else { return nil }
        guard found.count == 8 else { throw malformed(column, found.count) }
        let since2000 = number(at: found, as: Int64.self)
        let (since1970, overflow) = since2000.addingReportingOverflow(Parameters.epochShift)
        guard !overflow, since2000 != .min else {
            throw PostgresError(
                kind: .other, message: "\(place(of: column)) is an infinite point in time")
        }
        return since1970
    }

    // MARK: Reading

    private func cell(_ column: Int) throws(PostgresError) -> Rows.Cell {
        guard storage.columns.indices.contains(column) else {
            throw PostgresError(
                kind: .other,
                message: "column \(column) was asked of a result that has "
                    + "\(storage.columns.count) columns, counted from 0")
        }
        return storage.cells[start + column]
    }

    private func range(
        _ column: Int, of types: [UInt32], expected: String
    ) throws(PostgresError) -> Range<Int>? {
        let cell = try cell(column)
        let type = storage.columns[column].type
        guard types.contains(type) else {
            let found = ParameterType(rawValue: type)?.sqlName ?? "the type with OID \(type)"
            throw PostgresError(
                kind: .other,
                message: "\(place(of: column)) is \(found) where \(expected) was expected: "
                    + "cast it in the statement")
        }
        return cell.length.map { cell.offset..<cell.offset + $0 }
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>(
        at range: Range<Int>, as type: Number.Type
    ) -> Number {
        storage.bytes.withUnsafeBytes {
            Number(bigEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
        }
    }

    private func present<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else {
            throw PostgresError(
                kind: .other, message: "\(place(of: column)) is NULL where a value was expected")
        }
        return value
    }

    private func malformed(_ column: Int, _ length: Int) -> PostgresError {
        PostgresError(
            kind: .other,
            message: "\(place(of: column)) came as \(length) bytes, which its type cannot have")
    }

    private func place(of column: Int) -> String {
        "column \(column) (\(storage.columns[column].name))"
    }
}
