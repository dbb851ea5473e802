/// What a participant says to a command or a compensation.
public enum Answer: Sendable, Equatable {
    /// A business answer: one of the step's outcomes. Final: recorded, and repeated from then on.
    ///
    /// What the handler wrote is committed with it.
    case outcome(String, data: JSONValue)
    /// A technical failure.
    ///
    /// With `retriable: true` nothing is recorded, what the handler wrote is rolled back, and the
    /// next delivery acts afresh. With `retriable: false` it asserts that the work is not done and
    /// never will be; it is final like an outcome, and what the handler wrote is committed.
    case error(code: String, message: String, retriable: Bool)

    /// An outcome without data.
    public static func outcome(_ name: String) -> Answer { .outcome(name, data: .object([:])) }

    /// What a compensation answers when there is nothing (left) to undo: `{"outcome": "done"}`.
    public static let done = Answer.outcome("done")
}

/// What a probe's handler knows of a command that has no record.
public enum ProbeAnswer: Sendable, Equatable {
    /// It was done, with this outcome; recorded as the original command's answer, too.
    case outcome(String, data: JSONValue)
    /// It was not done; from now on it is refused, should it still come.
    case never
    /// It is being worked on; nothing is recorded.
    case pending
}

extension Answer {
    var isFinal: Bool {
        switch self {
        case .outcome: true
        case .error(_, _, let retriable): !retriable
        }
    }

    var isOutcome: Bool {
        switch self {
        case .outcome: true
        case .error: false
        }
    }

    /// The body of the reply.
    var body: [UInt8] {
        switch self {
        case .outcome(let name, .object(let members)) where members.isEmpty:
            Self.outcomeBody(name, nil)
        case .outcome(let name, let data): Self.outcomeBody(name, data)
        case .error(let code, let message, let retriable):
            JSONValue.object([
                "error": [
                    "code": .string(code), "message": .string(message),
                    "retriable": .bool(retriable),
                ]
            ]).bytes
        }
    }

    /// The usual body, written without a dictionary: every command has one.
    private static func outcomeBody(_ name: String, _ data: JSONValue?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        bytes.append(UInt8(ascii: "{"))
        if let data {
            bytes += #""data":"#.utf8
            data.write(to: &bytes)
            bytes.append(UInt8(ascii: ","))
        }
        bytes += #""outcome":"#.utf8
        JSONValue.string(name).write(to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// The answer to a command that comes after its compensation, or after a probe said `never`.
    static let compensated = Answer.error(
        code: "compensated", message: "this command was compensated or given up before it came",
        retriable: false)
}
