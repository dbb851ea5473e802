/// What a statement of a migration must be beyond what every statement must.
enum MigrationLint {
    static let types: Set<String> = [
        "int2", "int4", "int8", "text", "bool", "uuid", "bytea", "jsonb", "timestamptz",
    ]

    static func findings(in sql: String) -> [String] {
        let text = SQLText(sql)
        let isSafeToRepeat = text.contains(
            #"^create table if not exists |^create (unique )?index if not exists "#
                + #"|^alter table \w+ add column if not exists |^drop (table|index) if exists "#
                + #"|^create or replace view \w+ as select "#
                + #"|^insert into \w+ .* on conflict \([\w, ]+\) do nothing$"#)
        var found = SQLLint.findings(in: sql)
        if !isSafeToRepeat { found.append("is no change of the schema that can be run again") }
        if text.contains("^create table ") { found += tableFindings(in: text) }
        return found
    }

    private static func tableFindings(in text: SQLText) -> [String] {
        var found: [String] = []
        if !text.contains(#"constraint \w+ primary key \("#) {
            found.append("has no primary key with a name")
        }
        for column in columns(of: text) where column.count > 1 && column[0] != "constraint" {
            if !types.contains(column[1]) { found.append("has a column of type \(column[1])") }
            if !column.contains("null") {
                found.append("does not say whether \(column[0]) may be null")
            }
        }
        return found
    }

    /// The words of each definition between the outermost parentheses.
    private static func columns(of text: SQLText) -> [[String]] {
        guard let start = text.text.firstIndex(of: "(") else { return [] }
        var depth = 0
        var parts = [""]
        for character in text.text[start...].dropFirst().dropLast() {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts.map { $0.split(separator: " ").map(String.init) }
    }
}
