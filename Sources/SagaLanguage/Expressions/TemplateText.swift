/// The text of a scalar with `${…}` inside.
package enum TemplateText {
    /// A part of a scalar.
    package enum Part: Hashable, Sendable {
        /// Text as it stands, with `$${` already turned into `${`.
        case text(String)
        /// The text between `${` and `}`, and how many code points of the scalar stand before it.
        case expression(String, offset: Int)
    }

    /// The parts of a scalar in order; none for an empty one.
    ///
    /// Braces, quotes and comments inside an expression are understood, so that `${{'a': '}'}}` is
    /// one expression. The error's place counts from the start of the scalar.
    package static func parts(of scalar: String) throws(ExpressionIssue) -> [Part] {
        var reader = TemplateReader(Array(scalar.unicodeScalars))
        return try reader.read()
    }
}

private struct TemplateReader {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var parts: [TemplateText.Part] = []
    private var text = String.UnicodeScalarView()

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    mutating func read() throws(ExpressionIssue) -> [TemplateText.Part] {
        while position < scalars.count {
            if stands("$${") {
                text.append(contentsOf: "${".unicodeScalars)
                position += 3
            } else if stands("${") {
                finishText()
                try readExpression()
            } else {
                text.append(scalars[position])
                position += 1
            }
        }
        finishText()
        return parts
    }

    private func stands(_ mark: String) -> Bool {
        scalars[position...].starts(with: mark.unicodeScalars)
    }

    private mutating func finishText() {
        if !text.isEmpty { parts.append(.text(String(text))) }
        text = String.UnicodeScalarView()
    }

    private mutating func readExpression() throws(ExpressionIssue) {
        let opening = position
        position += 2
        let start = position
        var depth = 0
        while position < scalars.count {
            switch scalars[position] {
            case "}" where depth == 0:
                var expression = String.UnicodeScalarView()
                expression.append(contentsOf: scalars[start..<position])
                parts.append(.expression(String(expression), offset: start))
                position += 1
                return
            case "}": depth -= 1
            case "{": depth += 1
            case "\"", "'":
                skipString()
                continue
            case "/" where stands("//"):
                skipComment()
                continue
            default: break
            }
            position += 1
        }
        throw ExpressionIssue(
            offset: opening, length: 2, message: "this '${' has no closing '}'",
            fix: "close the expression with '}', or write '$${' where '${' is meant literally",
            code: "unterminated-expression")
    }

    /// Skips a string in quotes; one without an end takes everything.
    private mutating func skipString() {
        let quote = scalars[position]
        let isRaw = position > 0 && (scalars[position - 1] == "r" || scalars[position - 1] == "R")
        let triple = String(repeating: Character(quote), count: 3)
        let isTriple = stands(triple)
        position += isTriple ? 3 : 1
        while position < scalars.count {
            if isTriple ? stands(triple) : scalars[position] == quote {
                position += isTriple ? 3 : 1
                return
            }
            position += scalars[position] == "\\" && !isRaw ? 2 : 1
        }
        position = min(position, scalars.count)
    }

    private mutating func skipComment() {
        while position < scalars.count, scalars[position] != "\n" { position += 1 }
    }
}
