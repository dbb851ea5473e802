// The tables of the nodes that are no steps.
extension KeyTable {
    static let parallel = KeyTable(
        "a `parallel`",
        [
            when,
            .required(
                "parallel", .branches,
                "Branches by their names, each a list of nodes; all run at the same time."),
        ])

    static let each = KeyTable(
        "an `each`",
        [
            when,
            .required("each", .expression, "The list, frozen when the node is entered."),
            .required("as", .name(.element), "The name of the element in expressions inside."),
            .optional(
                "at_most", .whole(1...1000),
                "How many elements are under way at once; 16 by default."),
            .optional(
                "max", .whole(1...10_000),
                "How many elements the list may have; 1000 by default."),
            .required("steps", .nodes, "The nodes of one element, in order; at least one."),
        ])

    static let wait = KeyTable(
        "a `wait`",
        [when, .required("wait", .duration(allowsZero: false), "How long the saga waits.")])

    static let until = KeyTable(
        "an `until`",
        [when, .required("until", .expression, "The time until which the saga waits.")])

    private static let when = Key.optional(
        "when", .condition, "Where this is false the node is skipped.")
}
