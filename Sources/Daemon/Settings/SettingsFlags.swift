import SagaLanguage

/// The settings among the arguments of a command.
struct SettingsFlags: Equatable, Sendable {
    /// Texts by the key of their setting; several for a list.
    private(set) var values: [String: [String]] = [:]
    /// The file that `--config` names.
    private(set) var configPath: String?
    /// What is no setting, in its order: for the caller's own flags, and to be refused otherwise.
    private(set) var leftOver: [String] = []
    /// Flags without a value, or given twice.
    private(set) var problems: [SettingsProblem] = []

    /// Tells the settings among the arguments from the rest.
    ///
    /// `--flag value` and `--flag=value` are the same. A flag that says true or false may stand
    /// alone for true. A list may be given comma separated, or by the flag several times.
    /// Everything behind a `--` is left over.
    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                leftOver += rest
                return
            }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            let inline = parts.count == 2 ? String(parts[1]) : nil
            if flag == "--config" {
                configPath = value(of: flag, inline: inline, rest: &rest) ?? configPath
            } else if let row = Self.rows[flag] {
                take(row, inline: inline, rest: &rest)
            } else {
                leftOver.append(argument)
            }
        }
    }

    private static let rows = Dictionary(
        uniqueKeysWithValues: SettingsTable.rows.map { ($0.flag, $0) })

    private mutating func take(_ row: SettingRow, inline: String?, rest: inout ArraySlice<String>) {
        let given: String?
        if row.isToggle, inline == nil {
            let isFollowed = rest.first.map { Bool($0) != nil } ?? false
            given = isFollowed ? rest.removeFirst() : "true"
        } else {
            given = value(of: row.flag, inline: inline, rest: &rest)
        }
        guard let given else { return }
        if row.isList {
            values[row.key, default: []] += CommaList.parse(given)
        } else if values[row.key] == nil {
            values[row.key] = [given]
        } else {
            problems.append(
                SettingsProblem(
                    place: .argument(row.flag), key: row.key, expected: "one value",
                    found: "the flag twice", advice: "Leave one of the two out."))
        }
    }

    /// The value behind a flag; a flag in its place is a problem, not a value.
    private mutating func value(
        of flag: String, inline: String?, rest: inout ArraySlice<String>
    ) -> String? {
        if let inline { return inline }
        if let next = rest.first, !next.hasPrefix("--") { return rest.removeFirst() }
        problems.append(
            SettingsProblem(
                place: .argument(flag), expected: "a value behind the flag",
                found: "none", advice: "Write \(flag) VALUE or \(flag)=VALUE."))
        return nil
    }

    /// The problems of arguments that nobody takes.
    static func refusals(of leftOver: [String]) -> [SettingsProblem] {
        leftOver.map { argument in
            guard argument.hasPrefix("-") else {
                return SettingsProblem(
                    place: .argument(argument), expected: "flags only",
                    found: "an argument that belongs to none",
                    advice: "Put it behind its flag, or remove it.")
            }
            let flag = String(argument.prefix { $0 != "=" })
            let known = ["--config"] + rows.keys.sorted()
            let meant = nearest(to: flag, among: known)
            return SettingsProblem(
                place: .argument(flag), expected: "a flag of sagad",
                found: "an unknown one",
                advice: meant.map { "Did you mean \($0)?" } ?? "`sagad help config` lists them.")
        }
    }
}

/// Texts in one text, separated by commas; blanks around them do not count.
enum CommaList {
    /// The texts; none of an empty text.
    static func parse(_ text: String) -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let start = part.drop(while: \.isWhitespace)
            let blanks = start.reversed().prefix(while: \.isWhitespace).count
            return String(start.dropLast(blanks))
        }
        return parts == [""] ? [] : parts
    }
}
