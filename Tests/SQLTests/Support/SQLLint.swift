import PostgreSQL

/// What is wrong with a statement, in sentences; empty where it is portable.
enum SQLLint {
    /// The findings of the table and of the rules that need more than a pattern.
    static func findings(in sql: String) -> [String] {
        let text = SQLText(sql)
        return ForbiddenSQL.table.filter { text.contains($0.pattern) }.map(\.name)
            + repeatedModifications(in: text) + deepModifications(in: text)
            + limitedModifications(in: text)
    }

    /// A table that one statement modifies twice.
    private static func repeatedModifications(in text: SQLText) -> [String] {
        let tables = modifications(in: text)
        return Set(tables.filter { table in tables.count { $0 == table } > 1 })
            .sorted().map { "modifies \($0) twice" }
    }

    /// A modification that is neither the statement itself nor a WITH at its top.
    private static func deepModifications(in text: SQLText) -> [String] {
        var depth = 0
        var rest = text.text[...]
        var found: [String] = []
        while let character = rest.first {
            let word = rest.prefix { $0.isLetter }
            if ["insert", "delete", "update"].contains(word), depth > 1 {
                found.append("modifies in \(depth) parentheses")
            }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            rest = rest.dropFirst(max(1, word.count))
            // The second word of DO UPDATE and FOR UPDATE is no modification.
            if ["do", "for"].contains(word) { rest = rest.drop { $0 == " " || $0.isLetter } }
        }
        return found
    }

    /// A LIMIT of the modification itself, which only CockroachDB has.
    private static func limitedModifications(in text: SQLText) -> [String] {
        let outside = text.outermost
        guard outside.contains(#"^(update|delete)\b.*\blimit\b"#) else { return [] }
        return ["limits a modification"]
    }

    static func modifications(in text: SQLText) -> [String] {
        text.matches(#"\b(?:insert into|delete from) (\w+)|\b(?<before>\w+ |\()?update (\w+) "#)
            .compactMap { match in
                let before = match[2].split(separator: " ").first ?? ""
                if ["do", "for"].contains(before) { return nil }
                return match[1].isEmpty ? match[3] : match[1]
            }
    }

    /// Placeholders without a cast, with several types, with another type than declared, or unused.
    static func placeholderFindings(in sql: String, declared: [ParameterType]) -> [String] {
        let uses = SQLText(sql).matches(#"\$(\d+)(?:::(\w+(?:\[\])?))?"#)
        var types: [Int: Set<String>] = [:]
        var found: [String] = []
        for use in uses {
            guard let number = Int(use[1]) else { continue }
            if use[2].isEmpty { found.append("$\(number) is used without a cast") }
            types[number, default: []].insert(use[2])
        }
        for (index, type) in declared.enumerated() {
            let used = types.removeValue(forKey: index + 1) ?? []
            if used != [type.sqlName.lowercased()] {
                found.append(
                    "$\(index + 1) is declared \(type.sqlName), used as \(used.sorted())")
            }
        }
        return found + types.keys.sorted().map { "$\($0) is not declared" }
    }
}
