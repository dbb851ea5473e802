/// A text as XML holds it; control characters, which XML has no form for, are replaced.
package func escaped(_ text: String) -> String {
    var xml = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": xml += "&amp;"
        case "<": xml += "&lt;"
        case ">": xml += "&gt;"
        case "\"": xml += "&quot;"
        case "\n", "\t": xml.unicodeScalars.append(scalar)
        default: xml.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
        }
    }
    return xml
}
