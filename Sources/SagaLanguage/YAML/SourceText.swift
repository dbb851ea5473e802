/// A text with the name that diagnostics show for it, cut into lines as YAML counts them.
package struct SourceText: Equatable, Sendable {
    /// The name that diagnostics show, such as `sagas/order.yaml`.
    package let file: String
    /// The text, without a byte order mark.
    package let text: String
    /// The lines without their ends, the first at index 0.
    private let lines: [String]

    /// The text of that name.
    package init(file: String, text: String) {
        self.file = file
        let hasMark = text.unicodeScalars.first == "\u{FEFF}"
        self.text = hasMark ? String(text.unicodeScalars.dropFirst()) : text
        lines = splitLines(self.text)
    }

    /// The line of that number, from 1, without its end; empty where the text has no such line.
    package func line(_ number: Int) -> String {
        lines.indices.contains(number - 1) ? lines[number - 1] : ""
    }

    /// The code points of that line.
    func scalars(line number: Int) -> [Unicode.Scalar] { Array(line(number).unicodeScalars) }

    /// The place of the byte at that offset.
    func mark(atByte offset: Int) -> YAMLMark {
        var mark = YAMLMark(line: 1, column: 1)
        var previous: Unicode.Scalar = " "
        var position = 0
        for scalar in text.unicodeScalars {
            guard position < offset else { break }
            position += UTF8.width(scalar)
            if endsLine(scalar) {
                if !(previous == "\r" && scalar == "\n") { mark.line += 1 }
                mark.column = 1
            } else {
                mark.column += 1
            }
            previous = scalar
        }
        return mark
    }
}

/// A place in a text: line and column from 1, columns in code points.
package struct YAMLMark: Hashable, Comparable, Sendable {
    /// The line, from 1.
    package var line: Int
    /// The code point within the line, from 1.
    package var column: Int

    /// The place at that line and column.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether the left comes first in the text.
    package static func < (left: YAMLMark, right: YAMLMark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A stretch of a text, from its first place to the place after its last.
package struct YAMLSpan: Hashable, Sendable {
    /// The first place.
    package var start: YAMLMark
    /// The place after the last.
    package var end: YAMLMark

    /// The stretch between these places.
    package init(_ start: YAMLMark, _ end: YAMLMark) {
        self.start = start
        self.end = end
    }

    /// The stretch of that many code points on one line.
    package init(_ start: YAMLMark, length: Int) {
        self.init(start, YAMLMark(line: start.line, column: start.column + length))
    }
}

/// Whether YAML 1.1 and libyaml end a line here.
private func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
}

private func splitLines(_ text: String) -> [String] {
    var lines: [String] = []
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    var place = start
    while place != scalars.endIndex {
        let scalar = scalars[place]
        let end = place
        scalars.formIndex(after: &place)
        guard endsLine(scalar) else { continue }
        lines.append(String(scalars[start..<end]))
        if scalar == "\r", place != scalars.endIndex, scalars[place] == "\n" {
            scalars.formIndex(after: &place)
        }
        start = place
    }
    lines.append(String(scalars[start...]))
    return lines
}
