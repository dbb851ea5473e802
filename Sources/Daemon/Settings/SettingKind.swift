import Logging
import SagaLanguage

/// What the values of a setting are: how they are read from text, and what to expect.
struct SettingKind<Value: Sendable>: Sendable {
    /// One or two words for the reference page, such as `duration`.
    let unit: String
    /// The object of "expected …", with the range and an example.
    let expects: String
    /// Several texts make one value; flags and variables hold them comma separated.
    var isList = false
    /// A flag without a value says `true`.
    var isToggle = false
    /// Reads a value; a kind that is no list gets exactly one text.
    let read: @Sendable ([String]) throws(SettingRefusal) -> Value
    /// The value as a person would write it.
    let write: @Sendable (Value) -> String
}

/// Why a text is not a value of its setting: the rest of a sentence that begins with the text.
struct SettingRefusal: Error {
    let reason: String
    /// What to do, where the usual advice does not fit.
    let advice: String?

    init(_ reason: String, advice: String? = nil) {
        self.reason = reason
        self.advice = advice
    }
}

extension SettingKind {
    /// A kind whose values are read from one text.
    init(
        unit: String, expects: String, isToggle: Bool = false,
        one read: @escaping @Sendable (String) throws(SettingRefusal) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.init(
            unit: unit, expects: expects, isList: false, isToggle: isToggle,
            read: { (texts: [String]) throws(SettingRefusal) -> Value in
                guard texts.count == 1, !texts[0].isEmpty else {
                    throw SettingRefusal(texts.isEmpty ? "has no value" : "is empty")
                }
                return try read(texts[0])
            },
            write: write)
    }
}

extension SettingKind where Value == Int {
    /// A number of things.
    static func count(_ range: ClosedRange<Int>) -> SettingKind {
        let expects = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return SettingKind(
            unit: "count", expects: expects,
            one: { (text: String) throws(SettingRefusal) -> Int in
                guard let value = Int(text) else {
                    throw SettingRefusal("is not a whole number")
                }
                return try check(value, lies: range)
            },
            write: { "\($0)" })
    }

    /// A number of bytes, with its unit.
    static func bytes(_ range: ClosedRange<Int>) -> SettingKind {
        let least = ByteMeasure.write(range.lowerBound)
        let most = ByteMeasure.write(range.upperBound)
        return SettingKind(
            unit: "bytes", expects: "a byte count from \(least) to \(most), such as 512KiB or 4MiB",
            one: { (text: String) throws(SettingRefusal) -> Int in
                guard let value = ByteMeasure.parse(text) else {
                    throw SettingRefusal(
                        Int(text) == nil ? "is not a byte count" : "has no unit",
                        advice: "The units are B, KiB, MiB and GiB.")
                }
                return try check(value, lies: range)
            },
            write: ByteMeasure.write)
    }
}

extension SettingKind where Value == Duration {
    /// A length of time, with its units.
    static func duration(_ range: ClosedRange<Duration>) -> SettingKind {
        let least = DurationMeasure.write(range.lowerBound)
        let most = DurationMeasure.write(range.upperBound)
        return SettingKind(
            unit: "duration",
            expects: "a duration from \(least) to \(most), such as 500ms, 30s or 1h30m",
            one: { (text: String) throws(SettingRefusal) -> Duration in
                guard let value = DurationMeasure.parse(text) else {
                    throw SettingRefusal(
                        Int(text) == nil ? "is not a duration" : "has no unit",
                        advice: "The units are d, h, m, s and ms, the largest first.")
                }
                return try check(value, lies: range)
            },
            write: DurationMeasure.write)
    }
}

private func check<Value: Comparable>(
    _ value: Value, lies range: ClosedRange<Value>
) throws(SettingRefusal) -> Value {
    if value < range.lowerBound { throw SettingRefusal("is too small") }
    if value > range.upperBound { throw SettingRefusal("is too large") }
    return value
}

extension SettingKind where Value == Bool {
    /// Yes or no.
    static var toggle: SettingKind {
        SettingKind(
            unit: "true or false", expects: "true or false", isToggle: true,
            one: { (text: String) throws(SettingRefusal) -> Bool in
                guard let value = Bool(text) else {
                    throw SettingRefusal("is neither true nor false")
                }
                return value
            },
            write: { "\($0)" })
    }
}

extension SettingKind where Value == String {
    /// A file or folder.
    static var path: SettingKind {
        SettingKind(
            unit: "path", expects: "a path",
            one: { (text: String) throws(SettingRefusal) -> String in
                guard !text.utf8.contains(0) else {
                    throw SettingRefusal("holds a zero byte")
                }
                return text
            },
            write: { $0 })
    }
}

extension SettingKind where Value == [String] {
    /// Any names; none of them empty.
    static func names(_ what: String) -> SettingKind {
        SettingKind(
            unit: "list", expects: what, isList: true,
            read: { (texts: [String]) throws(SettingRefusal) -> [String] in
                guard !texts.contains("") else {
                    throw SettingRefusal("holds an empty name")
                }
                return texts
            },
            write: { $0.joined(separator: ",") })
    }

    /// The servers of one NATS cluster.
    static var natsServers: SettingKind {
        SettingKind(
            unit: "list of URLs",
            expects: "one or more server URLs, such as nats://127.0.0.1:4222", isList: true,
            read: { (texts: [String]) throws(SettingRefusal) -> [String] in
                guard !texts.isEmpty else { throw SettingRefusal("has no server") }
                let schemes = ["nats://", "tls://"]
                let isEachOne = texts.allSatisfy { text in
                    schemes.contains { text.hasPrefix($0) && text.count > $0.count }
                }
                guard isEachOne else {
                    throw SettingRefusal(
                        "holds something else",
                        advice: "Each URL begins with nats:// or tls:// and has a host.")
                }
                return texts
            },
            write: { $0.joined(separator: ",") })
    }
}

/// A setting whose values are some words.
protocol SettingChoice: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

extension Logger.Level: SettingChoice {}

extension SettingKind where Value: SettingChoice {
    /// One of the words.
    static var choice: SettingKind {
        let words = Value.allCases.map(\.rawValue)
        return SettingKind(
            unit: words.joined(separator: ", "),
            expects: "one of \(words.joined(separator: ", "))",
            one: { (text: String) throws(SettingRefusal) -> Value in
                if let value = Value(rawValue: text) { return value }
                let meant = nearest(to: text, among: words)
                throw SettingRefusal(
                    "is none of them", advice: meant.map { "Did you mean \($0)?" })
            },
            write: \.rawValue)
    }
}

extension SettingKind {
    /// The same values, or none where the setting is not given.
    func optional() -> SettingKind<Value?> {
        SettingKind<Value?>(
            unit: unit, expects: expects, isList: isList, isToggle: isToggle,
            read: { (texts: [String]) throws(SettingRefusal) -> Value? in try self.read(texts) },
            write: { $0.map(self.write) ?? "none" })
    }
}
