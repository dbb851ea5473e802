import Configuration
import SagaLanguage

/// Values of settings from one source, with the place that each was given at.
struct SettingsLayer: Sendable {
    /// One value before it is read.
    struct Entry: Sendable, Equatable {
        var texts: [String]
        var place: SettingsPlace
    }

    var name: String
    /// By the key of the setting.
    var entries: [String: Entry] = [:]

    /// The layer for swift-configuration: a list is an array of strings, everything else a string.
    var provider: InMemoryProvider {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for row in SettingsTable.rows {
            guard let entry = entries[row.key] else { continue }
            let content: ConfigContent =
                row.isList ? .stringArray(entry.texts) : .string(entry.texts.first ?? "")
            values[AbsoluteConfigKey(ConfigKey(row.key))] = ConfigValue(
                content, isSecret: row.isSecret)
        }
        return InMemoryProvider(name: name, values: values)
    }
}

/// Reads settings from variables such as `SAGAD_HTTP_LISTEN`.
enum EnvironmentLayer {
    /// Every variable of sagad begins with it.
    static let prefix = "SAGAD_"
    /// Variables of the project's own tests, which are no settings.
    private static let testPrefix = "SAGAD_TEST_"

    /// The layer.
    static func read(_ environment: [String: String]) -> SettingsLayer {
        var layer = SettingsLayer(name: "environment")
        for row in SettingsTable.rows {
            guard let text = environment[row.variable] else { continue }
            layer.entries[row.key] = SettingsLayer.Entry(
                texts: row.isList ? CommaList.parse(text) : [text], place: .variable(row.variable))
        }
        return layer
    }

    /// A sentence for each variable that looks like a setting and is none.
    static func warnings(_ environment: [String: String]) -> [String] {
        let known = Set(SettingsTable.rows.map(\.variable))
        return environment.keys.sorted().compactMap { name in
            guard name.hasPrefix(prefix), !name.hasPrefix(testPrefix), !known.contains(name) else {
                return nil
            }
            let advice =
                nearest(to: name, among: known.sorted()).map { "did you mean \($0)?" }
                ?? "`sagad help config` lists the known ones"
            return "\(name) is no setting of sagad and is ignored: \(advice)"
        }
    }
}

/// Reads what systemd hands to a service: secrets as files, and the folder for its state.
enum SystemdLayers {
    /// Secret settings from the files of `LoadCredential=`, each named by the setting's key.
    static func credentials(
        _ environment: [String: String], readFile: (String) -> FileText,
        problems: inout [SettingsProblem]
    ) -> SettingsLayer {
        var layer = SettingsLayer(name: "credentials")
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
            return layer
        }
        for row in SettingsTable.rows where row.isSecret {
            switch readFile("\(folder)/\(row.key)") {
            case .missing:
                continue
            case .unreadable(let why):
                problems.append(
                    SettingsProblem(
                        place: .credential(row.key), key: row.key, expected: "a readable file",
                        found: why, advice: "Check LoadCredential= in the unit."))
            case .bytes(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
                layer.entries[row.key] = SettingsLayer.Entry(
                    texts: row.isList ? CommaList.parse(line) : [line],
                    place: .credential(row.key))
            }
        }
        return layer
    }

    /// The state directory of `StateDirectory=`; the first one where there are several.
    static func stateDirectory(
        _ environment: [String: String], command: Settings.Command
    ) -> SettingsLayer {
        var layer = SettingsLayer(name: "systemd")
        guard command != .dev, let folders = environment["STATE_DIRECTORY"] else { return layer }
        let folder = String(folders.prefix { $0 != ":" })
        guard !folder.isEmpty else { return layer }
        layer.entries[SettingsTable.stateDirectory.key] = SettingsLayer.Entry(
            texts: [folder], place: .variable("STATE_DIRECTORY"))
        return layer
    }
}
