package import SagaCore

/// Reads a rule from JSON: what is wrong with it is told all at once.
package struct FaultReader {
    /// The keys that say which sagas a rule strikes, and when.
    static let selectors = [
        "name", "saga", "step", "kind", "key", "when", "share", "times", "until", "for",
    ]
    /// The keys of which each rule has one, and `data` beside `outcome`.
    static let strikes = [
        "outcome", "error", "timeout", "lose_reply", "late_reply", "duplicate", "delay", "reorder",
        "crash", "store", "bus",
    ]

    let members: Members
    let catalog: Catalog
    let language: FaultLanguage
    let now: Instant
    var violations: [SchemaViolation] = []

    /// The rule that a document says, and the document with its end as a time.
    ///
    /// - Parameters:
    ///   - catalog: the definitions whose sagas, steps and outcomes it may name.
    ///   - now: the time from which `for` counts.
    package static func read(
        _ document: Value, catalog: Catalog, language: FaultLanguage, now: Instant
    ) -> Result<(rule: FaultRule, document: Value), UnusableFault> {
        guard case .map(let members) = document else {
            return .failure(
                UnusableFault([SchemaViolation(pointer: "", message: "a rule must be an object")]))
        }
        var reader = FaultReader(
            members: members, catalog: catalog, language: language, now: now)
        guard let rule = reader.rule(), reader.violations.isEmpty else {
            return .failure(UnusableFault(reader.violations))
        }
        var settled = members
        settled["for"] = nil
        settled["until"] = .string(rule.until.description)
        return .success((rule, .map(settled)))
    }

    private mutating func rule() -> FaultRule? {
        checkKeys()
        let definition = definition()
        let step = step(of: definition)
        var rule = FaultRule(
            name: name(), saga: members["saga"]?.text, step: members["step"]?.text, kind: kind(),
            key: text("key"), when: condition(over: definition), share: share(), times: times(),
            until: end(), fault: .timeout)
        guard let fault = fault(step, rule.kind) else { return nil }
        rule.fault = fault
        return rule
    }

    mutating func refuse(_ pointer: String, _ message: String) {
        violations.append(SchemaViolation(pointer: pointer, message: message))
    }

    private mutating func checkKeys() {
        let known = Self.selectors + Self.strikes + ["data"]
        for member in members where !known.contains(member.name) {
            refuse(
                "/\(member.name)",
                "there is no such key: a rule has \(known.joined(separator: ", "))")
        }
        if members["data"] != nil, members["outcome"] == nil {
            refuse("/data", "goes with outcome only")
        }
    }

    // MARK: Which sagas

    private mutating func name() -> String {
        let name = members["name"]?.text ?? ""
        let isFine =
            (1...63).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
            }
        if !isFine {
            refuse(
                "/name",
                "must be 1 to 63 small letters, digits and hyphens, is \(shown("name"))")
        }
        return name
    }

    private mutating func definition() -> SagaDefinition? {
        guard let saga = text("saga") else { return nil }
        if let entry = catalog.newest(saga) { return entry.definition }
        let known = catalog.offered.map(\.definition.name).joined(separator: ", ")
        refuse("/saga", "there is no saga '\(saga)': there are \(known)")
        return nil
    }

    private mutating func step(of definition: SagaDefinition?) -> Step? {
        guard let path = text("step"), let definition else { return nil }
        if let step = definition.step(at: path) { return step }
        let known = definition.steps.map(\.name).joined(separator: ", ")
        refuse("/step", "\(definition.name) has no step '\(path)': it has \(known)")
        return nil
    }

    private mutating func kind() -> CommandKind {
        guard let text = text("kind") else { return .command }
        if let kind = CommandKind(rawValue: text) { return kind }
        refuse("/kind", "must be command, compensation or probe, is '\(text)'")
        return .command
    }

    private mutating func condition(over definition: SagaDefinition?) -> Expression? {
        guard let text = text("when") else { return nil }
        guard members["saga"] != nil else {
            refuse("/when", "needs saga: the condition is checked over that saga's document")
            return nil
        }
        guard let definition else { return nil }
        switch language.condition(text, definition) {
        case .success(let expression): return expression
        case .failure(let problem):
            refuse("/when", problem.message)
            return nil
        }
    }

    private mutating func share() -> Double {
        guard let share = members["share"] else { return 1 }
        let percent = share.text.flatMap { text in
            text.hasSuffix("%") ? Double(text.dropLast()) : nil
        }
        if let percent, (0...100).contains(percent) { return percent / 100 }
        refuse("/share", "must be a share such as 10%, from 0% to 100%, is \(shown("share"))")
        return 1
    }

    private mutating func times() -> Int? {
        guard members["times"] != nil else { return nil }
        return whole("times", 1...1_000_000)
    }

    private mutating func end() -> Instant {
        switch (members["until"], members["for"]) {
        case (nil, nil): return now + FaultRule.standardLife
        case (_?, _?):
            refuse("/until", "stands beside for: a rule has one of them")
        case (let until?, nil):
            if let end = until.text.flatMap({ Instant($0) }) {
                if end > now { return end }
                refuse("/until", "is over: it is \(now)")
            } else {
                refuse("/until", "must be a time such as \(now), is \(shown("until"))")
            }
        case (nil, _?):
            if let life = duration("for") { return now + life }
        }
        return now
    }
}

// MARK: - What strikes

extension FaultReader {
    private mutating func fault(_ step: Step?, _ kind: CommandKind) -> Fault? {
        let found = Self.strikes.filter { members[$0] != nil }
        guard found.count == 1 else {
            let what = found.isEmpty ? "has none" : "has \(found.joined(separator: ", "))"
            refuse("", "a rule has one of \(Self.strikes.joined(separator: ", ")); this \(what)")
            return nil
        }
        switch found[0] {
        case "outcome": return outcome(step, kind)
        case "error": return error()
        case "timeout": return marked("timeout") ? .timeout : nil
        case "lose_reply": return marked("lose_reply") ? .loseReply : nil
        case "reorder": return marked("reorder") ? .reorder : nil
        case "late_reply": return duration("late_reply").map(Fault.lateReply)
        case "delay": return duration("delay").map(Fault.delay)
        case "duplicate":
            return whole("duplicate", 2...FaultLimits.duplicates).map(Fault.duplicate)
        case "crash":
            return word("crash", Fault.CrashPoint.init, Fault.CrashPoint.allCases.map(\.rawValue))
                .map(Fault.crash)
        case "bus":
            return word("bus", Fault.BusTrouble.init, Fault.BusTrouble.allCases.map(\.rawValue))
                .map(Fault.bus)
        case "store": return store()
        default: preconditionFailure("Every key that strikes is read.")
        }
    }

    private mutating func outcome(_ step: Step?, _ kind: CommandKind) -> Fault? {
        guard let outcome = text("outcome") else { return nil }
        if members["saga"] == nil || members["step"] == nil {
            refuse("/outcome", "needs saga and step: the outcome is one of that step's")
            return nil
        }
        if let step {
            let known =
                switch kind {
                case .command: step.outcomes.map(\.name)
                case .compensation: ["done"]
                case .probe: step.outcomes.map(\.name) + ["never", "pending"]
                }
            if !known.contains(outcome) {
                let names = known.joined(separator: ", ")
                refuse(
                    "/outcome",
                    "the \(kind.rawValue) of \(step.name) is not answered '\(outcome)': it is "
                        + "answered \(names)")
            }
        }
        guard let data = members["data"] else { return .outcome(outcome, .map(Members())) }
        if data.members == nil { refuse("/data", "must be an object, is \(shown("data"))") }
        return .outcome(outcome, data)
    }

    private mutating func error() -> Fault? {
        let known = ["code", "message", "retriable"]
        guard let error = members["error"]?.members else {
            refuse("/error", "must be an object with code and retriable, is \(shown("error"))")
            return nil
        }
        for member in error where !known.contains(member.name) {
            refuse("/error/\(member.name)", "there is no such key: it has code, message, retriable")
        }
        guard let code = error["code"]?.text, !code.isEmpty else {
            refuse("/error/code", "must be text, is \(error["code"]?.jsonText ?? "missing")")
            return nil
        }
        guard let isRetriable = error["retriable"]?.truth else {
            refuse(
                "/error/retriable",
                "must be true or false, is \(error["retriable"]?.jsonText ?? "missing")")
            return nil
        }
        let message = error["message"]?.text ?? "a fault was asked for"
        return .error(code: code, message: message, isRetriable: isRetriable)
    }

    private mutating func store() -> Fault? {
        let text = text("store") ?? ""
        switch text {
        case "conflict": return .store(.conflict)
        case "lost_connection": return .store(.lostConnection)
        case "lost_commit_answer": return .store(.lostCommitAnswer)
        default: break
        }
        let words = text.split(separator: " ")
        if words.count == 2, words[0] == "slow", let slow = language.duration(String(words[1])),
            slow <= FaultLimits.delay
        {
            return .store(.slow(slow))
        }
        refuse(
            "/store",
            "must be conflict, lost_connection, lost_commit_answer, or slow with a duration of at "
                + "most 1h as in slow 500ms, is \(shown("store"))")
        return nil
    }
}

// MARK: - Values

extension FaultReader {
    private func shown(_ name: String) -> String { members[name]?.jsonText ?? "missing" }

    private mutating func text(_ name: String) -> String? {
        guard let value = members[name] else { return nil }
        if let text = value.text, !text.isEmpty { return text }
        refuse("/\(name)", "must be text, is \(shown(name))")
        return nil
    }

    /// Whether `true` stands there, the only value of what needs no more words.
    private mutating func marked(_ name: String) -> Bool {
        if members[name]?.truth == true { return true }
        refuse("/\(name)", "must be true, is \(shown(name))")
        return false
    }

    private mutating func whole(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        if let number = members[name]?.whole, range.contains(Int(number)) { return Int(number) }
        refuse(
            "/\(name)",
            "must be a whole number from \(range.lowerBound) to \(range.upperBound), is "
                + shown(name))
        return nil
    }

    private mutating func duration(_ name: String) -> Duration? {
        let longest = name == "for" ? Duration.seconds(86_400 * 3650) : FaultLimits.delay
        if let duration = members[name]?.text.flatMap(language.duration), duration > .zero,
            duration <= longest
        {
            return duration
        }
        let bound = name == "for" ? "" : ", at most 1h"
        refuse("/\(name)", "must be a duration such as 500ms or 30s\(bound), is \(shown(name))")
        return nil
    }

    private mutating func word<Word>(
        _ name: String, _ word: (String) -> Word?, _ known: [String]
    ) -> Word? {
        if let found = members[name]?.text.flatMap(word) { return found }
        refuse("/\(name)", "must be one of \(known.joined(separator: ", ")), is \(shown(name))")
        return nil
    }
}
