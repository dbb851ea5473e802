import FoundationEssentials
package import SagaCore

/// What one order's saga stored and sent, recorded from a real run: the order's payment, its
/// review, its end.
package struct Recording: Sendable, Equatable {
    /// What one transition stored.
    package struct Row: Sendable, Equatable {
        /// The saga's status afterwards.
        package var status: SagaStatus
        /// The saga's encoded state afterwards.
        package var state: [UInt8]
        /// The journal row.
        package var journal: [UInt8]
        /// Whether the saga was to be looked at again.
        package var wakes: Bool
        /// Whether that was to be when it had been before.
        package var keepsWakeUp: Bool
        /// The domain event's type.
        package var eventType: String
        /// The domain event's body.
        package var eventBody: [UInt8]
    }

    /// A message that was sent.
    package struct Sent: Sendable, Equatable {
        /// The subject.
        package var subject: String
        /// Names and values.
        package var headers: [Header]
        /// The body.
        package var body: [UInt8]
    }

    /// A header of a message.
    package struct Header: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// Its value.
        package var value: String
    }

    /// How many transitions an order's saga has where all goes well.
    package static let transitions = 3

    /// The order's document.
    package var input: [UInt8]
    /// One for each transition.
    package var rows: [Row]
    /// The commands to the participants; one fewer than transitions.
    package var commands: [Sent]
    /// The domain events as messages; one for each transition.
    package var events: [Sent]
    /// The bodies of the replies; one for each command.
    package var replies: [[UInt8]]
    /// The document of the order's view.
    package var view: [UInt8]

    /// Reads a file that ``json`` was written to.
    init(file: String) throws {
        try self.init(json: Value(json: Array(try Data(contentsOf: URL(filePath: file)))))
    }

    /// Reads what ``json`` says.
    ///
    /// - Throws: ``RecordingProblem`` with the member that is not as expected.
    package init(json: Value) throws(RecordingProblem) {
        input = try Self.bytes(json, "input")
        view = try Self.bytes(json, "view")
        rows = try Self.list(json, "rows") { value throws(RecordingProblem) in
            guard let status = SagaStatus(rawValue: try Self.text(value, "status")) else {
                throw RecordingProblem(member: "status")
            }
            return Row(
                status: status, state: try Self.bytes(value, "state"),
                journal: try Self.bytes(value, "journal"),
                wakes: value["wakes"] == true, keepsWakeUp: value["keeps_wake_up"] == true,
                eventType: try Self.text(value, "event_type"),
                eventBody: try Self.bytes(value, "event_body"))
        }
        commands = try Self.list(json, "commands", Self.sent)
        events = try Self.list(json, "events", Self.sent)
        replies = try Self.list(json, "replies") { value throws(RecordingProblem) in
            guard let text = value.text else { throw RecordingProblem(member: "replies") }
            return Array(text.utf8)
        }
        guard rows.count == Self.transitions, events.count == rows.count,
            commands.count == rows.count - 1, replies.count == commands.count
        else { throw RecordingProblem(member: "rows") }
    }

    private static func sent(_ value: Value) throws(RecordingProblem) -> Sent {
        let headers = try list(value, "headers") { header throws(RecordingProblem) in
            Header(name: try text(header, "name"), value: try text(header, "value"))
        }
        return Sent(
            subject: try text(value, "subject"), headers: headers, body: try bytes(value, "body"))
    }

    private static func text(
        _ value: Value, _ name: String
    ) throws(RecordingProblem) -> String {
        guard let text = value[name]?.text else { throw RecordingProblem(member: name) }
        return text
    }

    private static func bytes(
        _ value: Value, _ name: String
    ) throws(RecordingProblem) -> [UInt8] { Array(try text(value, name).utf8) }

    private static func list<Element>(
        _ value: Value, _ name: String,
        _ element: (Value) throws(RecordingProblem) -> Element
    ) throws(RecordingProblem) -> [Element] {
        guard let elements = value[name]?.elements else { throw RecordingProblem(member: name) }
        var list: [Element] = []
        for one in elements { list.append(try element(one)) }
        return list
    }
}

/// Why a recording cannot be used.
package struct RecordingProblem: Error, Sendable, CustomStringConvertible {
    /// The member that is missing or is not as expected.
    package var member: String

    /// Where it is, and what to do.
    package var description: String {
        "the recording's member '\(member)' is not as expected: record the order anew with "
            + "`sagad-bench --only limit`"
    }
}

// MARK: - Writing

extension Recording {
    /// A recording with these parts.
    package init(
        input: [UInt8], rows: [Row], commands: [Sent], events: [Sent], replies: [[UInt8]],
        view: [UInt8]
    ) {
        self.input = input
        self.rows = rows
        self.commands = commands
        self.events = events
        self.replies = replies
        self.view = view
    }

    /// The recording as JSON; what is stored as bytes is text in it.
    package var json: Value {
        .map(
            Members([
                ("input", Self.text(input)), ("view", Self.text(view)),
                ("rows", .list(rows.map(\.json))), ("commands", .list(commands.map(\.json))),
                ("events", .list(events.map(\.json))), ("replies", .list(replies.map(Self.text))),
            ]))
    }

    fileprivate static func text(_ bytes: [UInt8]) -> Value {
        .string(String(decoding: bytes, as: UTF8.self))
    }
}

extension Recording.Row {
    /// A row with these parts.
    package init(
        _ status: SagaStatus, state: [UInt8], journal: [UInt8], wakes: Bool, keepsWakeUp: Bool,
        event: (type: String, body: [UInt8])
    ) {
        self.init(
            status: status, state: state, journal: journal, wakes: wakes,
            keepsWakeUp: keepsWakeUp, eventType: event.type, eventBody: event.body)
    }

    fileprivate var json: Value {
        let members = Members([
            ("status", .string(status.rawValue)), ("state", Recording.text(state)),
            ("journal", Recording.text(journal)), ("event_type", .string(eventType)),
            ("event_body", Recording.text(eventBody)), ("wakes", .bool(wakes)),
            ("keeps_wake_up", .bool(keepsWakeUp)),
        ])
        return .map(members)
    }
}

extension Recording.Sent {
    /// A message with these parts.
    package init(subject: String, _ headers: [(String, String)], body: [UInt8]) {
        self.init(
            subject: subject,
            headers: headers.map { Recording.Header(name: $0.0, value: $0.1) }, body: body)
    }

    fileprivate var json: Value {
        let headers = headers.map { header in
            Value.map(
                Members([("name", .string(header.name)), ("value", .string(header.value))]))
        }
        return .map(
            Members([
                ("subject", .string(subject)), ("headers", .list(headers)),
                ("body", Recording.text(body)),
            ]))
    }
}
