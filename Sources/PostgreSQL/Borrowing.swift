import Cpq
import Glibc

/// Lends the strings as a null-terminated list of C strings for the time of the call.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    let list: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0) } + [nil]
    return list.withUnsafeBufferPointer { body($0.baseAddress) }
}

extension Parameters {
    /// Lends the parameters as libpq's five lists, all values in binary, for the time of the call.
    func withPointers<Result>(
        _ body: (
            Int32, UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?,
            UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        let types = slots.map(\.type.rawValue)
        let lengths = slots.map { Int32($0.length ?? 0) }
        let formats = [Int32](repeating: 1, count: slots.count)
        return bytes.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = slots.map { $0.length == nil ? nil : base?.advanced(by: $0.offset) }
            return body(Int32(slots.count), types, values, lengths, formats)
        }
    }
}

extension Rows {
    /// No rows and nothing done.
    static let none = Rows(
        storage: Storage(columns: [], cells: [], bytes: []), count: 0, affected: 0, tag: "")

    /// Copies all of a result, which stays the caller's to free.
    init(copying result: OpaquePointer) {
        let columns = (0..<PQnfields(result)).map { column in
            Column(
                name: PQfname(result, column).map { String(cString: $0) } ?? "",
                type: PQftype(result, column))
        }
        let rowCount = PQntuples(result)
        var cells: [Cell] = []
        cells.reserveCapacity(Int(rowCount) * columns.count)
        var bytes: [UInt8] = []
        for row in 0..<rowCount {
            for column in 0..<Int32(columns.count) {
                guard PQgetisnull(result, row, column) == 0 else {
                    cells.append(Cell(offset: bytes.count, length: nil))
                    continue
                }
                let length = Int(PQgetlength(result, row, column))
                cells.append(Cell(offset: bytes.count, length: length))
                let value = UnsafeRawBufferPointer(
                    start: PQgetvalue(result, row, column), count: length)
                bytes.append(contentsOf: value)
            }
        }
        self.init(
            storage: Storage(columns: columns, cells: cells, bytes: bytes),
            count: Int(rowCount),
            affected: PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0,
            tag: PQcmdStatus(result).map { String(cString: $0) } ?? "")
    }
}

extension StringProtocol {
    /// The text without blanks at its ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
