/// One row of the table of settings: a key with what its values are and what they mean.
///
/// A key `a.b_c` is the flag `--a-b-c`, the variable `SAGAD_A_B_C` and `a: {b_c: …}` in the file.
struct Setting<Value: Sendable>: Sendable {
    let key: String
    let kind: SettingKind<Value>
    let standard: Standard
    let meaning: String
    let isSecret: Bool

    /// The value where none is given.
    enum Standard: Sendable {
        /// The same for every command.
        case always(Value)
        /// Another one for `dev` than for the other commands.
        case differs(others: Value, dev: Value)
        /// As `differs`, with a text for what is worked out when the settings are read.
        case described(others: Value, dev: Value, text: String)
    }

    /// Makes a row.
    ///
    /// - Parameter isSecret: a value may hold a password, and is never shown.
    init(
        _ key: String, _ kind: SettingKind<Value>, standard: Standard, _ meaning: String,
        isSecret: Bool = false
    ) {
        self.key = key
        self.kind = kind
        self.standard = standard
        self.meaning = meaning
        self.isSecret = isSecret
    }

    /// The value where none is given.
    func standardValue(for command: Settings.Command) -> Value {
        switch standard {
        case .always(let value):
            value
        case .differs(let others, let dev), .described(let others, let dev, _):
            command == .dev ? dev : others
        }
    }

    /// This row without the type of its values.
    var row: SettingRow {
        SettingRow(
            key: key, unit: kind.unit, expects: kind.expects, standard: standardText,
            meaning: meaning, isList: kind.isList, isToggle: kind.isToggle, isSecret: isSecret)
    }

    private var standardText: String {
        switch standard {
        case .always(let value): kind.write(value)
        case .differs(let others, let dev): "\(kind.write(others)); dev: \(kind.write(dev))"
        case .described(_, _, let text): text
        }
    }
}

/// A row of the table of settings without the type of its values.
struct SettingRow: Sendable {
    let key: String
    let unit: String
    let expects: String
    let standard: String
    let meaning: String
    let isList: Bool
    let isToggle: Bool
    let isSecret: Bool

    /// The first part of the key.
    var group: String { String(key.prefix { $0 != "." }) }

    /// The flag: dots and underscores become hyphens.
    var flag: String { "--" + key.map { $0 == "." || $0 == "_" ? "-" : String($0) }.joined() }

    /// The environment variable: upper case, with underscores.
    var variable: String {
        EnvironmentLayer.prefix
            + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// The setting as one line of YAML, with `…` for the value.
    var yaml: String {
        let parts = key.split(separator: ".")
        return parts.dropLast().map { "\($0): {" }.joined() + "\(parts[parts.count - 1]): …"
            + String(repeating: "}", count: parts.count - 1)
    }

    /// What to do where no value is given.
    var adviceToSet: String { "Set \(flag), \(variable), or \(yaml) in the file." }

    /// What to do where the value is wrong.
    var adviceToCorrect: String { "Correct it, or remove it for the default (\(standard))." }
}
