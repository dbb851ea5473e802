// The tables of the file and its parts.
extension KeyTable {
    static let saga = KeyTable(
        "a saga",
        [
            .required("saga", .name(.saga), "The saga's name."),
            .required(
                "version", .whole(1...2_147_483_647),
                "The version; its content never changes once an instance has run."),
            .optional("description", .text, "What the saga does, shown by the tools."),
            .optional(
                "aggregate", .table(.aggregate),
                "Whose domain events these are; needed where any event is named."),
            .optional(
                "intake", .table(.intake),
                "How instances start over HTTP; a saga without it is started by name."),
            .optional(
                "input", .schemaOrFile,
                "What a saga without `intake` takes, as JSON Schema; anything by default."),
            .optional(
                "key", .expressionText,
                "The business key, one saga of this name per key; a new UUID by default."),
            .optional(
                "defaults", .table(.defaults), "What steps take that do not write their own."),
            .optional(
                "deadline", .duration(allowsZero: false),
                "When it has passed the saga is rejected, until its pivot has completed."),
            .optional(
                "turn_grace", .duration(allowsZero: true),
                "How long a turned saga awaits a command in flight; 30s by default."),
            .required("steps", .nodes, "The forward work, in order; at least one."),
            .optional("finish", .table(.finish), "The events of the two good ends."),
            .optional(
                "output", .templateMapping,
                "What a parent saga sees as this one's result; `{}` by default."),
        ])

    static let aggregate = KeyTable(
        "an aggregate",
        [
            .required("type", .name(.aggregateType), "The aggregate's type, such as `order`."),
            .required(
                "stream", .name(.stream),
                "The JetStream stream that its events go out on, such as `ORDERS`."),
        ])

    static let intake = KeyTable(
        "an intake",
        [
            .required("path", .path, "A POST here starts one saga."),
            .optional("id", .name(.member), "The document's member that takes the saga's key."),
            .optional(
                "schema", .schemaOrFile, "What the posted body must look like, as JSON Schema."),
            .optional(
                "set", .assignments,
                "Members computed at the start, in file order; they replace posted ones."),
            .optional(
                "event", .name(.event), "Raised by a start; its data is the whole document."),
        ])

    static let defaults = KeyTable(
        "the defaults",
        [
            .optional(
                "timeout", .duration(allowsZero: false),
                "The time from sending an attempt until its outcome; 30s by default."),
            .optional(
                "retry", .choiceOrTable(["none", "forever"], .retry),
                "How technical failures are tried again."),
        ])

    static let retry = KeyTable(
        "a retry",
        [
            .optional(
                "attempts", .whole(1...1_000_000),
                "How many attempts at most, the first included; 5 by default."),
            .optional(
                "initial", .duration(allowsZero: false),
                "The wait after the first failure; 200ms by default."),
            .optional(
                "factor", .number(atLeast: 1),
                "What each further wait is multiplied by; 2 by default."),
            .optional("max", .duration(allowsZero: false), "The longest wait; 30s by default."),
            .optional(
                "jitter", .percentage,
                "By how much a wait may be longer or shorter; 20% by default."),
        ])

    static let finish = KeyTable(
        "a finish",
        [
            .optional("completed", .table(.finishEvent), "Raised when every step is done."),
            .optional(
                "compensated", .table(.finishEvent),
                "Raised when everything that may have happened is taken back."),
        ])

    static let finishEvent = KeyTable(
        "a finish event",
        [
            .required("event", .name(.event), "The domain event that is raised."),
            .optional("data", .templateMapping, "The event's data; `{}` by default."),
        ])
}
