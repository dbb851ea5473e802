package import SagaCore

extension Diagnostic {
    /// The most code points of an offending line that are shown.
    package static let shownLineLimit = 160

    /// The diagnostic for people: place and message, the offending line, a caret line, the fix.
    ///
    /// ```
    /// sagas/order.yaml:14:9: error: `10 s` is no duration
    ///     timeout: 10 s
    ///              ^~~~
    ///     fix: write `10s`
    /// ```
    package var rendered: String {
        var text = "\(file):\(line):\(column): \(severity.rawValue): \(printable(message))\n"
        let (shown, caret) = excerpt
        if !shown.isEmpty { text += "    \(shown)\n    \(caret)\n" }
        if let fix { text += "    fix: \(printable(fix))\n" }
        return text
    }

    /// The diagnostic as programs read it:
    /// `{file, line, column, severity, code, message, fix}`, `fix` null where there is none.
    package var json: Value {
        .map(
            Members([
                ("file", .string(file)), ("line", .double(Double(line))),
                ("column", .double(Double(column))), ("severity", .string(severity.rawValue)),
                ("code", .string(code.rawValue)), ("message", .string(message)),
                ("fix", fix.map { .string($0) } ?? .null),
            ]))
    }

    /// The part of the line around the place, and the line of carets under it.
    private var excerpt: (shown: String, caret: String) {
        let scalars = Array(sourceLine.unicodeScalars)
        let place = min(column - 1, scalars.count)
        // A long line is shown from a little before the place.
        let start = scalars.count > Self.shownLineLimit ? max(0, place - 40) : 0
        let end = min(scalars.count, start + Self.shownLineLimit)
        var shown = start > 0 ? "…" : ""
        var caret = start > 0 ? " " : ""
        for offset in start..<end {
            shown.unicodeScalars.append(printable(scalars[offset]))
            guard offset < place else { continue }
            caret.unicodeScalars.append(scalars[offset] == "\t" ? "\t" : " ")
        }
        if end < scalars.count { shown += "…" }
        let underlined = max(1, min(length, end - place))
        return (shown, caret + "^" + String(repeating: "~", count: underlined - 1))
    }
}

extension [Diagnostic] {
    /// All diagnostics for people, an empty line between them.
    package var rendered: String { map(\.rendered).joined(separator: "\n") }

    /// All diagnostics as a JSON list.
    package var json: Value { .list(map(\.json)) }
}

/// A text that cannot act on a terminal.
private func printable(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { shown.append(printable(scalar)) }
    return String(shown)
}

private func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.properties.generalCategory {
    case .control where scalar != "\t", .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
    default: scalar
    }
}
