/// A saga definition: a named, versioned list of steps, each with what takes it back.
///
/// Made and checked by `SagaLanguage`; the core trusts what the loader's rules promise, and treats
/// a broken promise as a bug.
package struct SagaDefinition: Equatable, Sendable {
    /// The definition's name, `[a-z][a-z0-9-]*`.
    package var name: String
    /// The definition's version, from 1; immutable once an instance has run.
    package var version: Int
    /// What the saga does, for people.
    package var summary: String?
    /// Whose domain events the saga raises; present wherever any event is named.
    package var aggregate: Aggregate?
    /// How instances start over HTTP.
    package var intake: Intake?
    /// What the input must look like where there is no intake.
    package var inputSchema: Schema?
    /// The business key; nil gives every instance a fresh UUID.
    package var key: Template?
    /// The time from the start after which the saga is rejected, until its pivot has completed.
    package var deadline: Duration?
    /// How long a turned saga waits for the reply to a command in flight.
    package var turnGrace: Duration
    /// The forward work, in order.
    package var nodes: [Node]
    /// The events of the two good ends.
    package var finish: Finish
    /// What a parent saga sees as this one's result.
    package var output: Template?

    /// How long a turned saga waits for a command in flight where the definition does not say.
    package static let turnGraceDefault: Duration = .seconds(30)

    /// A definition with these parts.
    package init(
        name: String, version: Int, summary: String? = nil, aggregate: Aggregate? = nil,
        intake: Intake? = nil, inputSchema: Schema? = nil, key: Template? = nil,
        deadline: Duration? = nil, turnGrace: Duration = turnGraceDefault, nodes: [Node],
        finish: Finish = Finish(), output: Template? = nil
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.aggregate = aggregate
        self.intake = intake
        self.inputSchema = inputSchema
        self.key = key
        self.deadline = deadline
        self.turnGrace = turnGrace
        self.nodes = nodes
        self.finish = finish
        self.output = output
    }
}

/// Whose domain events a saga raises.
package struct Aggregate: Hashable, Sendable {
    /// The aggregate's type, such as `order`.
    package var type: String
    /// The JetStream stream its events go out on, such as `ORDERS`.
    package var stream: String

    /// The aggregate of that type on that stream.
    package init(type: String, stream: String) {
        self.type = type
        self.stream = stream
    }
}

/// How instances of a saga start over HTTP.
package struct Intake: Equatable, Sendable {
    /// The route that starts one saga a POST, such as `/api/orders`.
    package var path: String
    /// The document's member that takes the saga's key.
    package var idMember: String?
    /// What the posted body must look like.
    package var schema: Schema?
    /// Members computed when the saga starts, in file order.
    package var set: [Assignment]
    /// The event raised by a start; its data is the whole document.
    package var event: String?

    /// An intake with these parts.
    package init(
        path: String, idMember: String? = nil, schema: Schema? = nil, set: [Assignment] = [],
        event: String? = nil
    ) {
        self.path = path
        self.idMember = idMember
        self.schema = schema
        self.set = set
        self.event = event
    }
}

/// One computed member of a document.
package struct Assignment: Equatable, Sendable {
    /// The member's name.
    package var name: String
    /// What it is set to.
    package var value: Template

    /// The member of that name set to that value.
    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}

/// The events of a saga's two good ends.
package struct Finish: Equatable, Sendable {
    /// Raised when every step is done.
    package var completed: RaisedEvent?
    /// Raised when everything that may have happened is taken back.
    package var compensated: RaisedEvent?

    /// The two ends' events; nil raises none.
    package init(completed: RaisedEvent? = nil, compensated: RaisedEvent? = nil) {
        self.completed = completed
        self.compensated = compensated
    }
}

/// A domain event that a definition raises.
package struct RaisedEvent: Equatable, Sendable {
    /// The event's own name, such as `paymentdebited`; the stream is put before it.
    package var event: String
    /// The event's data.
    package var body: Template

    /// The event of that name with that data.
    package init(event: String, body: Template = .literal(.map(Members()))) {
        self.event = event
        self.body = body
    }
}
