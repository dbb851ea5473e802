import Foundation

/// One SQL statement as the lint reads it: in lower case, without comments, with empty strings, and
/// with single blanks.
struct SQLText {
    let text: String

    init(_ sql: String) {
        var kept = ""
        var rest = Substring(sql)
        while let character = rest.first {
            if rest.hasPrefix("--") {
                rest = rest.drop { $0 != "\n" }
            } else if rest.hasPrefix("/*") {
                rest = rest.range(of: "*/").map { rest[$0.upperBound...] } ?? ""
                kept.append(" ")
            } else if character == "'" {
                rest = rest.dropFirst().drop { $0 != "'" }.dropFirst()
                kept += "''"
            } else {
                kept.append(character.isWhitespace ? " " : character)
                rest = rest.dropFirst()
            }
        }
        let words = kept.lowercased().split(separator: " ")
        text = words.joined(separator: " ").replacing("( ", with: "(").replacing(" )", with: ")")
    }

    /// Whether the pattern is found somewhere.
    func contains(_ pattern: String) -> Bool {
        text.firstMatch(of: Self.regex(pattern)) != nil
    }

    /// What the pattern finds, each with its captures.
    func matches(_ pattern: String) -> [[String]] {
        text.matches(of: Self.regex(pattern)).map { match in
            match.output.map { $0.substring.map(String.init) ?? "" }
        }
    }

    /// The pattern, with words that end at a full stop too: by Unicode's rules `a.b` is one word.
    private static func regex(_ pattern: String) -> Regex<AnyRegexOutput> {
        guard let regex = try? Regex(pattern) else {
            preconditionFailure("not a pattern: \(pattern)")
        }
        return regex.wordBoundaryKind(.simple)
    }

    /// The text outside of all parentheses.
    var outermost: SQLText {
        var depth = 0
        var kept = ""
        for character in text {
            if character == ")" { depth -= 1 }
            if depth == 0 { kept.append(character) }
            if character == "(" { depth += 1 }
        }
        return SQLText(kept)
    }
}
