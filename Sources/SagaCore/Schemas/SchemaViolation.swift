/// One way in which a value does not fit a schema.
package struct SchemaViolation: Hashable, Sendable, CustomStringConvertible {
    /// Where, as a JSON Pointer (RFC 6901); empty for the value itself.
    package var pointer: String
    /// What was expected and what was found, as in `must be at least 1, is 0`.
    package var message: String

    /// The violation at that place with that message.
    package init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }

    /// The place and the message in one line; the value itself is `/`.
    package var description: String { "\(pointer.isEmpty ? "/" : pointer): \(message)" }
}

extension Schema {
    /// How a value does not fit, in the order of the value's members, `limit` of them at most.
    ///
    /// The value holds the JSON kinds; see `Value.json`.
    package func violations(of value: Value, limit: Int = 100) -> [SchemaViolation] {
        var evaluation = SchemaEvaluation(limit: limit)
        evaluation.check(value, against: self)
        return evaluation.violations
    }

    /// Whether the value fits.
    package func accepts(_ value: Value) -> Bool { violations(of: value, limit: 1).isEmpty }
}

/// A place within a value: the names and numbers that lead to it.
struct SchemaPath {
    private var steps: [Step] = []

    private enum Step {
        case name(String)
        case place(Int)
    }

    mutating func enter(_ name: String) { steps.append(.name(name)) }

    mutating func enter(_ place: Int) { steps.append(.place(place)) }

    mutating func leave() { steps.removeLast() }

    /// The path as RFC 6901 writes it: `~` is `~0` and `/` is `~1`.
    var pointer: String {
        var text = ""
        for step in steps {
            text += "/"
            switch step {
            case .place(let place): text += String(place)
            case .name(let name):
                for scalar in name.unicodeScalars {
                    switch scalar {
                    case "~": text += "~0"
                    case "/": text += "~1"
                    default: text.unicodeScalars.append(scalar)
                    }
                }
            }
        }
        return text
    }
}
