import Configuration

/// Values taken one by one from the layers, with every problem on the way.
struct SettingsReading {
    private(set) var problems: [SettingsProblem] = []
    /// The keys that were asked for.
    private(set) var keysRead: [String] = []

    private let command: Settings.Command
    /// The first that has a value wins.
    private let layers: [SettingsLayer]
    private let reader: ConfigReader

    /// Makes a reading over layers, the strongest first.
    init(command: Settings.Command, layers: [SettingsLayer]) {
        self.command = command
        self.layers = layers
        reader = ConfigReader(providers: layers.map(\.provider))
    }

    /// The value of a setting, or the default where none or a wrong one is given.
    mutating func value<Value>(_ setting: Setting<Value>) -> Value {
        keysRead.append(setting.key)
        let standard = setting.standardValue(for: command)
        guard let texts = texts(of: setting) else { return standard }
        do {
            return try setting.kind.read(texts)
        } catch {
            add(error, to: setting.row, found: texts)
            return standard
        }
    }

    /// Where the value of a setting was given.
    func place(of key: String) -> SettingsPlace {
        layers.lazy.compactMap { $0.entries[key]?.place }.first ?? .nowhere
    }

    /// A setting without a default was not given.
    mutating func addMissing(_ setting: Setting<some Any>) {
        let row = setting.row
        guard !problems.contains(where: { $0.key == row.key }) else { return }
        problems.append(
            SettingsProblem(
                place: .nowhere, key: row.key, expected: row.expects, found: "no value",
                advice: row.adviceToSet))
    }

    /// Values that are each well and do not go together.
    mutating func add(_ key: String, expected: String, found: String, advice: String) {
        problems.append(
            SettingsProblem(
                place: place(of: key), key: key, expected: expected, found: found, advice: advice))
    }

    private func texts(of setting: Setting<some Any>) -> [String]? {
        let key = ConfigKey(setting.key)
        if setting.kind.isList {
            return reader.stringArray(forKey: key, isSecret: setting.isSecret)
        }
        return reader.string(forKey: key, isSecret: setting.isSecret).map { [$0] }
    }

    private mutating func add(_ refusal: SettingRefusal, to row: SettingRow, found: [String]) {
        let shown = row.isSecret ? "a value (not shown)" : "`\(found.joined(separator: ","))`"
        let advice = [refusal.advice, row.adviceToCorrect].compactMap(\.self)
        problems.append(
            SettingsProblem(
                place: place(of: row.key), key: row.key, expected: row.expects,
                found: "\(shown), which \(refusal.reason)",
                advice: advice.joined(separator: " ")))
    }
}
