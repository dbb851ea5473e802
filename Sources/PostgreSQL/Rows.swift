/// What a statement returned, copied out of libpq: rows in the server's order, and counts.
package struct Rows: Sendable, RandomAccessCollection {
    /// The values of all rows in one buffer.
    final class Storage: Sendable {
        let columns: [Column]
        /// Row after row, column after column.
        let cells: [Cell]
        let bytes: [UInt8]

        init(columns: [Column], cells: [Cell], bytes: [UInt8]) {
            self.columns = columns
            self.cells = cells
            self.bytes = bytes
        }
    }

    struct Column: Sendable {
        let name: String
        /// The type's OID.
        let type: UInt32
    }

    struct Cell: Sendable {
        let offset: Int
        /// In bytes; nil is SQL's NULL.
        let length: Int?
    }

    let storage: Storage
    /// How many rows a data-modifying statement touched; as many as returned for a query.
    package let affected: Int
    /// The server's word for what it did, such as `INSERT 0 3` or `COMMIT`.
    package let tag: String
    /// How many rows there are.
    package let count: Int

    init(storage: Storage, count: Int, affected: Int, tag: String) {
        self.storage = storage
        self.count = count
        self.affected = affected
        self.tag = tag
    }

    /// The position of the first row, always 0.
    package var startIndex: Int { 0 }

    /// The position after the last row.
    package var endIndex: Int { count }

    /// The names of the columns in order.
    package var columnNames: [String] { storage.columns.map(\.name) }

    /// The row at a position from 0 to below `count`.
    package subscript(position: Int) -> Row {
        precondition((0..<count).contains(position), "a row beyond the end of the result")
        return Row(storage: storage, start: position * storage.columns.count)
    }

    /// The position of a column by its name; throws `.other` when there is none.
    package func column(_ name: String) throws(PostgresError) -> Int {
        guard let index = storage.columns.firstIndex(where: { $0.name == name }) else {
            throw PostgresError(
                kind: .other,
                message: "the result has no column \(name), only "
                    + columnNames.joined(separator: ", "))
        }
        return index
    }
}
