import SagaCore
import SagaRuntime

/// What `sagad republish` is told beside the settings.
struct RepublishOptions: Equatable {
    /// The earliest time of recording.
    var from: Instant
    /// The time of recording from which on events are left out; nil is now.
    var to: Instant?
    var stream: String?
    var aggregate: ViewKey?

    /// Takes the command's own flags out of its arguments; the others are left for the settings.
    ///
    /// - Throws: all problems of these flags at once.
    static func read(
        _ arguments: [String]
    ) throws(SettingsProblems) -> (options: RepublishOptions, rest: [String]) {
        var reading = Reading(arguments)
        let from = reading.time("--from")
        let to = reading.time("--to")
        let stream = reading.value("--stream")
        let aggregate = reading.aggregate("--aggregate")
        if from == nil, !reading.hasProblem(with: "--from") {
            reading.add(
                "--from", expected: "the time from which on events are sent again", found: "none",
                advice: "Give \(timeForm).")
        }
        if let from, let to, from >= to {
            reading.add(
                "--to", expected: "a time after --from (\(from))", found: "`\(to)`",
                advice: "Events are taken from --from on and before --to.")
        }
        guard reading.problems.isEmpty, let from else {
            throw SettingsProblems(problems: reading.problems)
        }
        let options = RepublishOptions(from: from, to: to, stream: stream, aggregate: aggregate)
        return (options, reading.rest)
    }

    fileprivate static let timeForm = "an RFC 3339 time such as 2026-11-26T08:00:00Z"

    /// Which events these are, at a time.
    func selection(at now: Instant) -> Republishing.Selection {
        Republishing.Selection(
            from: from, to: to ?? now, stream: stream, aggregate: aggregate)
    }
}

/// Flags taken one by one, with every problem on the way.
private struct Reading {
    private(set) var problems: [SettingsProblem] = []
    private(set) var rest: [String] = []
    private var values: [String: String] = [:]

    private static let flags: Set<String> = ["--from", "--to", "--stream", "--aggregate"]

    init(_ arguments: [String]) {
        var open = arguments[...]
        while let argument = open.popFirst() {
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            guard Self.flags.contains(flag) else {
                rest.append(argument)
                continue
            }
            let isFollowed = open.first.map { !$0.hasPrefix("--") } ?? false
            let value = parts.count == 2 ? String(parts[1]) : isFollowed ? open.popFirst() : nil
            take(flag, value)
        }
    }

    private mutating func take(_ flag: String, _ value: String?) {
        guard let value, !value.isEmpty else {
            return add(
                flag, expected: "a value behind the flag", found: "none",
                advice: "Write \(flag) VALUE or \(flag)=VALUE.")
        }
        guard values.updateValue(value, forKey: flag) == nil else {
            return add(
                flag, expected: "one value", found: "the flag twice",
                advice: "Leave one of the two out.")
        }
    }

    func value(_ flag: String) -> String? { values[flag] }

    mutating func time(_ flag: String) -> Instant? {
        guard let text = values[flag] else { return nil }
        if let time = Instant(text) { return time }
        add(
            flag, expected: RepublishOptions.timeForm, found: "`\(text)`",
            advice: "Write date, `T`, time of day, and `Z` or an offset such as +01:00.")
        return nil
    }

    mutating func aggregate(_ flag: String) -> ViewKey? {
        guard let text = values[flag] else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) {
            return ViewKey(collection: String(parts[0]), id: String(parts[1]))
        }
        add(
            flag, expected: "an aggregate as TYPE/ID, such as order/o-1", found: "`\(text)`",
            advice: "The type is the one that the definition gives its aggregate.")
        return nil
    }

    func hasProblem(with flag: String) -> Bool {
        problems.contains { $0.place == .argument(flag) }
    }

    mutating func add(_ flag: String, expected: String, found: String, advice: String) {
        problems.append(
            SettingsProblem(
                place: .argument(flag), expected: expected, found: found, advice: advice))
    }
}
