/// How swift-metrics labels become metric names: what the format does not allow becomes `_`.
enum MetricName {
    /// The name of a gauge or a recorder.
    static func plain(_ label: String) -> String { sanitised(label, allowing: ":") }

    /// The name of a counter, which ends in `_total`.
    static func counter(_ label: String) -> String { plain(label).ending(in: "_total") }

    /// The name of a timer, which ends in `_seconds`.
    static func timer(_ label: String) -> String { plain(label).ending(in: "_seconds") }

    /// Letters, digits, underscores and one further character; never a digit in front.
    fileprivate static func sanitised(_ text: String, allowing extra: Character?) -> String {
        var name = ""
        for character in text {
            let isAllowed =
                character.isASCII
                && (character.isLetter || character.isNumber || character == "_"
                    || character == extra)
            name.append(isAllowed ? character : "_")
        }
        guard let first = name.first else { return "_" }
        return first.isNumber ? "_\(name)" : name
    }
}

extension String {
    fileprivate func ending(in suffix: String) -> String {
        hasSuffix(suffix) ? self : self + suffix
    }
}

/// The labels of one series, sorted by name, each name once.
struct LabelSet: Hashable, Comparable, Sendable {
    /// The labels of the series that takes what is beyond a family's bound.
    static let overflow = LabelSet(text: #"overflow="true""#)

    /// The labels as they stand between the braces; empty where there are none.
    let text: String

    private init(text: String) { self.text = text }

    /// Makes labels from dimensions; the last of several with one name wins.
    init(_ dimensions: [(String, String)], valueLimit: Int) {
        guard !dimensions.isEmpty else {
            text = ""
            return
        }
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            values[Self.labelName(name)] = Self.cut(value, to: valueLimit)
        }
        text = values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    static func < (left: LabelSet, right: LabelSet) -> Bool { left.text < right.text }

    /// These labels and a histogram's `le`.
    func adding(bound: String) -> LabelSet {
        LabelSet(text: text.isEmpty ? "le=\"\(bound)\"" : "\(text),le=\"\(bound)\"")
    }

    /// `le` and names with two underscores in front belong to Prometheus.
    private static func labelName(_ name: String) -> String {
        let clean = MetricName.sanitised(name, allowing: nil)
        if clean == "le" { return "le_" }
        guard clean.hasPrefix("__") else { return clean }
        return "_\(clean.drop { $0 == "_" })"
    }

    private static func cut(_ value: String, to limit: Int) -> String {
        guard value.utf8.count > limit else { return value }
        var cut = ""
        var bytes = 0
        for character in value {
            bytes += character.utf8.count
            if bytes > limit { break }
            cut.append(character)
        }
        return cut
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
