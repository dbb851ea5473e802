import SagaCore

/// What an operator may do to a saga.
enum OperatorVerb: String, CaseIterable, Sendable {
    /// Rejects the saga.
    case cancel
    /// Has a stuck step, or its compensation, tried again.
    case retry
    /// Settles a stuck step by hand.
    case settle

    /// The members that the action's body may have.
    var members: [String] {
        switch self {
        case .cancel: ["reason", "by"]
        case .retry, .settle: ["reason", "by", "step", "body", "evidence"]
        }
    }
}

/// What an operator asked for: `{reason, by, step?, body?, evidence?}`.
struct OperatorWish {
    /// Who, and why.
    var action: OperatorAction
    /// The step that is meant; nil where the saga has only one that needs an operator.
    var step: NodePath?
    /// The corrected body of a retry, or what became of a settled step.
    var body: Value?

    /// The most bytes of `by`.
    static let byBytes = 255
    /// The most bytes of `reason`.
    static let reasonBytes = 4096

    /// The wish that a body holds.
    ///
    /// - Throws: a problem that names every mistake in it.
    init(_ members: Members, _ verb: OperatorVerb) throws(Problem) {
        var reading = WishReading(members)
        let reason = reading.text("reason", bytes: Self.reasonBytes)
        let by = reading.text("by", bytes: Self.byBytes)
        if members["step"] != nil { step = reading.text("step", bytes: 1024) }
        body = members["body"] == .null ? nil : members["body"]
        var evidence: String?
        if let given = members["evidence"], given != .null {
            evidence = reading.text("evidence", bytes: Self.reasonBytes)
        }
        for name in members.names where !verb.members.contains(name) {
            let known = verb.members.joined(separator: ", ")
            reading.refuse(name, "is unknown here: there is \(known)")
        }
        if !reading.violations.isEmpty { throw Problem(.invalidBody, reading.violations) }
        action = OperatorAction(by: by, reason: reason, evidence: evidence)
    }

    /// What became of a settled step: `{outcome, data?}`, or `{compensated: true}`.
    func settlement() throws(Problem) -> Settlement {
        guard case .map(let members)? = body else {
            throw Problem(
                .invalidBody, at: "/body",
                "must be {\"outcome\": NAME, \"data\": {…}} or {\"compensated\": true}")
        }
        var reading = WishReading(members)
        var settlement = Settlement.compensated
        if members["outcome"] != nil {
            let outcome = reading.text("outcome", bytes: 1024)
            settlement = .outcome(outcome, reading.object("data"))
        } else if members["compensated"] != true {
            reading.refuse("outcome", "is missing, and 'compensated' is not true")
        }
        let known = members["outcome"] != nil ? ["outcome", "data"] : ["compensated"]
        for name in members.names where !known.contains(name) {
            reading.refuse(name, "does not go with \(known[0])")
        }
        if reading.violations.isEmpty { return settlement }
        throw Problem(
            .invalidBody,
            reading.violations.map {
                SchemaViolation(pointer: "/body\($0.pointer)", message: $0.message)
            })
    }
}

/// A reported outcome: `{outcome, data?, by, reason?}`.
struct OutcomeWish {
    /// Who, and why; the reason may be empty.
    var action: OperatorAction
    /// The outcome's name.
    var outcome: String
    /// What was filled in, or what the event says.
    var data: Value

    private static let members = ["outcome", "data", "by", "reason"]

    /// The wish that a body holds.
    ///
    /// - Throws: a problem that names every mistake in it.
    init(_ members: Members) throws(Problem) {
        var reading = WishReading(members)
        outcome = reading.text("outcome", bytes: 1024)
        data = reading.object("data")
        let by = reading.text("by", bytes: OperatorWish.byBytes)
        var reason = ""
        if let given = members["reason"], given != .null, given != "" {
            reason = reading.text("reason", bytes: OperatorWish.reasonBytes)
        }
        for name in members.names where !Self.members.contains(name) {
            let known = Self.members.joined(separator: ", ")
            reading.refuse(name, "is unknown here: there is \(known)")
        }
        if !reading.violations.isEmpty { throw Problem(.invalidBody, reading.violations) }
        action = OperatorAction(by: by, reason: reason)
    }
}

/// Reads members, and keeps what is wrong with them.
private struct WishReading {
    let members: Members
    var violations: [SchemaViolation] = []

    init(_ members: Members) { self.members = members }

    mutating func refuse(_ name: String, _ message: String) {
        violations.append(SchemaViolation(pointer: JSONPointer.text(name), message: message))
    }

    /// The text of that name; empty, with a violation, where there is no such text.
    mutating func text(_ name: String, bytes: Int) -> String {
        switch members[name] {
        case nil: refuse(name, "is required")
        case .string(let text)?:
            if text.utf8.contains(0) {
                refuse(name, "must have no NUL")
            } else if (1...bytes).contains(text.utf8.count) {
                return text
            } else {
                refuse(name, "must have 1 to \(bytes) bytes, has \(text.utf8.count)")
            }
        case let other?: refuse(name, "must be text, is \(other.kindWords)")
        }
        return ""
    }

    /// The object of that name; empty where there is none.
    mutating func object(_ name: String) -> Value {
        switch members[name] {
        case .map?: return members[name] ?? .map(Members())
        case nil, .null?: break
        case let other?: refuse(name, "must be an object, is \(other.kindWords)")
        }
        return .map(Members())
    }
}

/// JSON Pointers (RFC 6901).
enum JSONPointer {
    /// The pointer to that member.
    static func text(_ name: String) -> String {
        var text = "/"
        for character in name.unicodeScalars {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
