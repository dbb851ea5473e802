extension SourceText {
    /// Where code points of a scalar's text stand in the file.
    ///
    /// Exact for scalars on one line; for those that run over lines it is where they begin.
    func span(of node: YAMLNode, from offset: Int, length: Int) -> YAMLSpan {
        guard let columns = columns(of: node), !columns.isEmpty else {
            return YAMLSpan(node.span.start, length: 1)
        }
        let line = node.span.start.line
        let first = columns[min(max(0, offset), columns.count - 1)]
        let end = columns[min(max(0, offset + length), columns.count - 1)]
        return YAMLSpan(
            YAMLMark(line: line, column: first), YAMLMark(line: line, column: max(first + 1, end)))
    }

    /// The column of every code point of a scalar's text, and of its end; nil where the scalar is
    /// not written on one line.
    private func columns(of node: YAMLNode) -> [Int]? {
        guard let scalar = node.scalar, node.span.start.line == node.span.end.line else {
            return nil
        }
        let line = scalars(line: node.span.start.line)
        let start = node.span.start.column - 1
        let end = min(node.span.end.column - 1, line.count)
        guard start < end else { return nil }
        let written = line[start..<end]
        let columns: [Int]
        switch scalar.style {
        case .plain: columns = Array((start + 1)...(end + 1))
        case .singleQuoted: columns = unescape(written.dropFirst().dropLast(), singleQuoteStep)
        case .doubleQuoted: columns = unescape(written.dropFirst().dropLast(), escapeStep)
        case .block: return nil
        }
        // Where an anchor stands before the scalar, the count does not fit.
        return columns.count == scalar.text.unicodeScalars.count + 1 ? columns : nil
    }

    private func unescape(
        _ written: ArraySlice<Unicode.Scalar>,
        _ step: (ArraySlice<Unicode.Scalar>) -> Int
    ) -> [Int] {
        var columns: [Int] = []
        var rest = written
        while !rest.isEmpty {
            columns.append(rest.startIndex + 1)
            rest = rest.dropFirst(step(rest))
        }
        return columns + [written.endIndex + 1]
    }

    /// How many characters are written for the next one in single quotes.
    private func singleQuoteStep(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
        rest.starts(with: "''".unicodeScalars) ? 2 : 1
    }

    /// How many characters are written for the next one in double quotes.
    private func escapeStep(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
        guard rest.first == "\\", rest.count > 1 else { return 1 }
        switch rest[rest.startIndex + 1] {
        case "x": return 4
        case "u": return 6
        case "U": return 10
        default: return 2
        }
    }
}
