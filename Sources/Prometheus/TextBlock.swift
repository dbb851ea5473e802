/// The lines of one family in the text exposition format.
struct TextBlock {
    let name: String
    private(set) var text: String

    init(name: String, help: String, type: String) {
        self.name = name
        text = "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(type)\n"
    }

    /// A family of one series without labels.
    init(name: String, help: String, type: String, value: String) {
        self.init(name: name, help: help, type: type)
        text += "\(name) \(value)\n"
    }

    mutating func add(suffix: String = "", labels: LabelSet, value: String) {
        text += name
        text += suffix
        if !labels.text.isEmpty { text += "{\(labels.text)}" }
        text += " \(value)\n"
    }

    /// A number as the format wants it: whole ones without a fraction, `+Inf`, `-Inf`, `NaN`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func escaped(_ help: String) -> String {
        var escaped = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
