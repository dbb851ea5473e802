import HTTPTypes

/// What a caller asked for with `Prefer` (RFC 7240): `wait`, in seconds.
struct WaitPreference: Equatable {
    /// How long the caller waits, in whole seconds.
    var seconds: Int

    /// The first readable `wait` of the header, at most the limit; nil where there is none.
    init?(_ header: String?, limit: Duration) {
        guard let header else { return nil }
        for preference in header.split(separator: ",") {
            let token = preference.split(separator: ";").first ?? ""
            let halves = token.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, trimmed(halves[0]).lowercased() == "wait" else { continue }
            let digits = trimmed(halves[1]).filter { $0 != "\"" }
            guard let seconds = Int(digits), seconds >= 0 else { continue }
            self.seconds = min(seconds, Int(limit.components.seconds))
            return
        }
        return nil
    }

    /// The value of `Preference-Applied`.
    var applied: String { "wait=\(seconds)" }
}

/// Reads `If-None-Match`.
enum EntityTag {
    /// The tag of a document at that version.
    static func text(_ version: Int64) -> String { "\"\(version)\"" }

    /// Whether the header names the tag, in weak comparison, or is `*`.
    static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let candidate = trimmed(part)
            return candidate == "*" || candidate == tag || candidate == "W/\(tag)"
        }
    }
}
