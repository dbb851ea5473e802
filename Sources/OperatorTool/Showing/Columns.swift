/// Rows of texts as columns, for terminals.
enum Columns {
    /// The rows, each column as wide as its widest text; the last is not padded.
    static func text(_ rows: [[String]], indent: String = "") -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, text) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], text.count)
            }
        }
        return rows.map { row in
            var line = indent
            for (column, text) in row.enumerated() {
                line += text
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - text.count + 2)
                }
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

/// Times as the server writes them, shorter.
enum TimeText {
    /// `2026-01-02 03:04:05`, in UTC.
    static func dateAndTime(_ text: String?) -> String {
        guard let text, let mark = text.firstIndex(of: "T") else { return text ?? "" }
        return "\(text[..<mark]) \(time(text).prefix(8))"
    }

    /// `03:04:05.123`, in UTC.
    static func time(_ text: String?) -> String {
        guard let text, let mark = text.firstIndex(of: "T") else { return text ?? "" }
        var time = String(text[mark...].dropFirst().prefix { $0 != "Z" }.prefix(12))
        if time.count == 8 { time += "." }
        while time.count < 12 { time += "0" }
        return time
    }
}
