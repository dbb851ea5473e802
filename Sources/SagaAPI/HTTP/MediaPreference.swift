/// Which media types a caller would rather have: `Accept` (RFC 9110, 12.5.1).
struct MediaPreference: Equatable {
    /// What the header names, such as `image/*`, with its weight from 0 to 1.
    private var ranges: [Range] = []

    private struct Range: Equatable {
        var type: Substring
        var weight: Double
    }

    /// The preference that a header states; none where there is no header.
    init(_ header: String?) {
        for part in (header ?? "").lowercased().split(separator: ",") {
            let parameters = part.split(separator: ";")
            guard let type = parameters.first else { continue }
            var weight = 1.0
            for parameter in parameters.dropFirst() where trimmed(parameter).hasPrefix("q=") {
                weight = Double(trimmed(parameter).dropFirst(2)) ?? 0
            }
            ranges.append(Range(type: Substring(trimmed(type)), weight: weight))
        }
    }

    /// Whether the first type is wanted more than the second: by its weight, or named while the
    /// other is meant only by a wildcard.
    func prefers(_ first: String, to second: String) -> Bool {
        let (one, other) = (rank(of: first), rank(of: second))
        return one.weight > 0 && (one.weight, one.precision) > (other.weight, other.precision)
    }

    /// How much a type is wanted, by the range that names it most precisely.
    private func rank(of type: String) -> (weight: Double, precision: Int) {
        let family = type.prefix { $0 != "/" } + "/*"
        for (precision, name) in [(2, type[...]), (1, family), (0, "*/*")] {
            if let range = ranges.first(where: { $0.type == name }) {
                return (range.weight, precision)
            }
        }
        return (0, 0)
    }
}
