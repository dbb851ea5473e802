extension DiagnosticList {
    /// Reports numbers that JSON does not have, or not exactly: they would silently change.
    mutating func checkNumbers(_ node: YAMLNode) {
        switch node.content {
        case .sequence(let elements): for element in elements { checkNumbers(element) }
        case .mapping(let members): for member in members { checkNumbers(member.value) }
        case .scalar(let scalar):
            guard !isExact(scalar) else { return }
            error(
                .numberNotJSON, at: node.span,
                "JSON numbers cannot hold `\(shortened(scalar.text))` exactly",
                fix: "put it into quotes to keep it as text")
        }
    }

    private func isExact(_ scalar: YAMLScalar) -> Bool {
        switch scalar.resolved {
        case .null, .bool, .text: true
        case .notFinite: false
        // JSON's whole numbers are exact up to 2^53.
        case .whole(let number): number.magnitude <= 1 << 53
        // Whole, and beyond 64 bits.
        case .number: scalar.text.utf8.contains { !(48...57).contains($0) && $0 != 43 && $0 != 45 }
        }
    }
}
