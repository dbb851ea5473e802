/// The reference of all settings, made from the table.
enum SettingsHelp {
    private static let width = 78
    private static let indent = 4

    /// What `sagad help config` prints: up to 80 columns, ends with a line feed.
    static func text() -> String {
        let head = wrapped(
            "The settings of sagad. A flag wins over the environment variable, this over a "
                + "credential of systemd (for secrets), this over the file that --config names "
                + "(default \(Settings.standardFile) where it exists; dev reads no other file "
                + "than the one named).", indent: 0)
        return head + SettingsTable.rows.map(text).joined()
    }

    private static func text(_ row: SettingRow) -> String {
        let margin = String(repeating: " ", count: indent)
        return "\n\(row.key)  (\(row.unit); default: \(row.standard))\n"
            + "\(margin)\(row.flag)  \(row.variable)\n" + wrapped(meaning(row), indent: indent)
    }

    /// The reference page `docs/configuration.md`.
    static func markdown() -> String {
        var page = """
            # Configuration

            This page is made from the table of settings in `Sources/Daemon/Settings`; \
            `sagad help config` prints the same.

            A key `a.b` is the flag `--a-b`, the environment variable `SAGAD_A_B`, and `a: {b: …}` \
            in the YAML file that `--config` names (default `\(Settings.standardFile)` where it \
            exists; `sagad dev` reads a file only where `--config` names one). Flags win over the \
            environment, the environment over credentials, credentials over the file.

            A *credential* is a file in `$CREDENTIALS_DIRECTORY` that has the key of a secret \
            setting as its name: in a unit, `LoadCredential=database.url:/etc/sagad/database.url`. \
            Secret settings are marked; their values are never shown.

            Durations are whole numbers with the units `d`, `h`, `m`, `s`, `ms`, the largest first \
            (`1h30m`). Byte counts have `B`, `KiB`, `MiB` or `GiB`. A list is comma separated; in \
            the file it may be a YAML list. `sagad` checks everything before it starts, prints all \
            problems at once, each with its place, and ends with status 2.

            """
        for group in groups() {
            page += "\n## \(group)\n\n"
            page += "| setting | unit | default | flag | environment | meaning |\n"
            page += "|---|---|---|---|---|---|\n"
            for row in SettingsTable.rows where row.group == group {
                let cells = [
                    "`\(row.key)`", row.unit, row.standard, "`\(row.flag)`",
                    "`\(row.variable)`", meaning(row),
                ]
                page += "| \(cells.joined(separator: " | ")) |\n"
            }
        }
        return page
    }

    private static func groups() -> [String] {
        SettingsTable.rows.map(\.group).reduce(into: []) { groups, group in
            if groups.last != group { groups.append(group) }
        }
    }

    private static func meaning(_ row: SettingRow) -> String {
        row.meaning + (row.isSecret ? " Secret." : "")
    }

    private static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}
