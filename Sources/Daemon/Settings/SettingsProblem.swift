/// Where a setting's value, or what was taken for one, was given.
enum SettingsPlace: Equatable, Sendable, CustomStringConvertible {
    /// A flag of the command line, or an argument that is none.
    case argument(String)
    /// An environment variable.
    case variable(String)
    /// A file in the folder of credentials that systemd made.
    case credential(String)
    /// A place in the configuration file; line and column count from 1.
    case file(String, line: Int, column: Int)
    /// The whole configuration file.
    case wholeFile(String)
    /// Nowhere: the default holds, or there is none.
    case nowhere

    var description: String {
        switch self {
        case .argument(let text): text
        case .variable(let name): name
        case .credential(let name): "credential \(name)"
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .wholeFile(let path): path
        case .nowhere: "settings"
        }
    }
}

/// Something in the configuration that a person has to correct.
struct SettingsProblem: Equatable, Sendable, CustomStringConvertible {
    var place: SettingsPlace
    /// The setting, where it is about a known one.
    var key: String?
    /// What was expected and what was found.
    var message: String
    /// What to do: a sentence.
    var advice: String

    /// One line: `PLACE: error: KEY: MESSAGE. ADVICE`.
    var description: String {
        let subject = key.map { "\($0): " } ?? ""
        return "\(place): error: \(subject)\(message). \(advice)"
    }
}

extension SettingsProblem {
    /// A problem that is told in the usual words.
    init(
        place: SettingsPlace, key: String? = nil, expected: String, found: String, advice: String
    ) {
        self.init(
            place: place, key: key, message: "expected \(expected); found \(found)",
            advice: advice)
    }
}

/// All problems of one configuration, each on its line; the program ends with status 2.
struct SettingsProblems: Error, Equatable, CustomStringConvertible {
    /// Never empty.
    let problems: [SettingsProblem]

    var description: String { problems.map(\.description).joined(separator: "\n") }
}
