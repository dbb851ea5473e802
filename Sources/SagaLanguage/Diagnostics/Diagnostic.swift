/// What is wrong with a definition, and where.
package struct Diagnostic: Equatable, Sendable {
    /// The file as diagnostics name it, such as `sagas/order.yaml`.
    package var file: String
    /// The line, from 1.
    package var line: Int
    /// The code point within the line, from 1.
    package var column: Int
    /// Whether the definition is refused.
    package var severity: Severity
    /// The rule that it breaks.
    package var code: DiagnosticCode
    /// What was expected and what was found.
    package var message: String
    /// What to write instead, where that is known.
    package var fix: String?
    /// The line as the file has it.
    package var sourceLine: String
    /// How many code points of the line it is about, at least 1.
    package var length: Int

    /// How bad it is.
    package enum Severity: String, Hashable, Sendable {
        /// The definition is refused.
        case error
        /// The definition loads, but hardly does what its author means.
        case warning
    }

    /// A diagnostic with these parts.
    package init(
        file: String, line: Int, column: Int, severity: Severity = .error, code: DiagnosticCode,
        message: String, fix: String? = nil, sourceLine: String, length: Int = 1
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.severity = severity
        self.code = code
        self.message = message
        self.fix = fix
        self.sourceLine = sourceLine
        self.length = max(1, length)
    }

    /// Where it stands, for sorting: by file, line, column and then rule.
    var order: (String, Int, Int, String) { (file, line, column, code.rawValue) }
}

/// Diagnostics about one file, as they are found.
package struct DiagnosticList {
    /// The most that are kept of one file; one more says that there are others.
    static let limit = 100

    private let source: SourceText
    private var diagnostics: [Diagnostic] = []

    /// No diagnostic yet of that text.
    package init(_ source: SourceText) { self.source = source }

    /// By line and column, each once.
    package var sorted: [Diagnostic] { diagnostics.sortedByPlace }

    /// Records that something there breaks a rule.
    package mutating func error(
        _ code: DiagnosticCode, at span: YAMLSpan, _ message: String, fix: String? = nil
    ) {
        record(.error, code, at: span, message, fix: fix)
    }

    mutating func warning(
        _ code: DiagnosticCode, at span: YAMLSpan, _ message: String, fix: String? = nil
    ) {
        record(.warning, code, at: span, message, fix: fix)
    }

    mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    mutating func add(_ others: [Diagnostic]) { diagnostics += others }

    private mutating func record(
        _ severity: Diagnostic.Severity, _ code: DiagnosticCode, at span: YAMLSpan,
        _ message: String, fix: String?
    ) {
        guard diagnostics.count <= Self.limit else { return }
        guard diagnostics.count < Self.limit else {
            return append(
                .error, .tooMany, at: span,
                "more than \(Self.limit) things are wrong; what else was found is not shown",
                fix: nil)
        }
        append(severity, code, at: span, message, fix: fix)
    }

    private mutating func append(
        _ severity: Diagnostic.Severity, _ code: DiagnosticCode, at span: YAMLSpan,
        _ message: String, fix: String?
    ) {
        let line = source.line(span.start.line)
        // What runs over several lines is shown to the end of its first.
        let lineEnd = line.unicodeScalars.count + 1
        let end = span.end.line == span.start.line ? span.end.column : lineEnd
        diagnostics.append(
            Diagnostic(
                file: source.file, line: span.start.line, column: span.start.column,
                severity: severity, code: code, message: message, fix: fix, sourceLine: line,
                length: min(end, lineEnd) - span.start.column))
    }
}

extension [Diagnostic] {
    /// By file, line and column; the same diagnostic is kept once.
    package var sortedByPlace: [Diagnostic] {
        var kept: [Diagnostic] = []
        for diagnostic in sorted(by: { $0.order < $1.order }) where kept.last != diagnostic {
            kept.append(diagnostic)
        }
        return kept
    }

    /// Whether any refuses the definition.
    package var hasErrors: Bool { contains { $0.severity == .error } }
}
