/// Rows of text in aligned columns.
package struct Table: Sendable {
    /// How a column stands.
    package enum Side: Sendable {
        /// For words.
        case left
        /// For numbers.
        case right
    }

    private let sides: [Side]
    private var rows: [[String]] = []

    /// A table with a heading; one side for each column.
    package init(_ heading: [String], _ sides: [Side]) {
        self.sides = sides
        rows.append(heading)
    }

    /// Adds a row; columns that it lacks are empty.
    package mutating func add(_ row: [String]) { rows.append(row) }

    /// The lines, the heading first, with two spaces between columns.
    package var lines: [String] {
        let widths = sides.indices.map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var cells: [String] = []
            for (column, side) in sides.enumerated() {
                let cell = column < row.count ? row[column] : ""
                switch side {
                case .left: cells.append(cell.padded(widths[column]))
                case .right: cells.append(cell.indented(widths[column]))
                }
            }
            let line = cells.joined(separator: "  ")
            return String(line[...(line.lastIndex { $0 != " " } ?? line.startIndex)])
        }
    }
}
