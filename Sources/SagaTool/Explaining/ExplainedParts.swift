import SagaLanguage

// What several files, events and outcomes must keep.
extension Explanation {
    static let parts = own + children

    private static let own = [
        Explanation(
            .noContinuingOutcome, "No outcome of the step lets the saga go on.",
            why: "Such a saga could never complete: what comes after the step is unreachable.",
            wrong: .steps(
                """
                - step: one
                  command: a.b
                  outcomes: {refused: {then: reject}}
                  compensate: none
                """),
            right: .steps(
                """
                - step: one
                  command: a.b
                  outcomes: {done: {}, refused: {then: reject}}
                  compensate: none
                """)),
        Explanation(
            .eventWithoutAggregate, "An event is named, and no aggregate says whose it is.",
            why: "A domain event goes out on its aggregate's stream, in that aggregate's order.",
            wrong: .top("finish: {completed: {event: approved}}"),
            right: .top(
                "aggregate: {type: order, stream: ORDERS}\nfinish: {completed: {event: approved}}"
            )),
        Explanation(
            .ambiguousEvent, "One event is used with two meanings.",
            why: """
                Who reads the stream has only the event: it must say one thing. An event that a
                participant appends must also name one outcome.
                """,
            wrong: .top(
                """
                aggregate: {type: order, stream: ORDERS}
                finish: {completed: {event: ended}, compensated: {event: ended}}
                """),
            right: .top(
                """
                aggregate: {type: order, stream: ORDERS}
                finish: {completed: {event: approved}, compensated: {event: rejected}}
                """)),
        Explanation(
            .duplicateDefinition, "Another file has the same saga and version.",
            why: "A running instance is pinned to a name and a version; both must mean one file.",
            wrong: Example(files: [("a.yaml", small("order")), ("b.yaml", small("order"))]),
            right: Example(files: [
                ("a.yaml", small("order")), ("b.yaml", small("order", version: 2)),
            ])),
        Explanation(
            .duplicatePath, "Another definition has the intake path, or one above it.",
            why: "What is posted there would start one of two sagas, and nobody knows which.",
            wrong: Example(files: [
                ("a.yaml", small("order", path: "/api/x")),
                ("b.yaml", small("refund", path: "/api/x")),
            ]),
            right: Example(files: [
                ("a.yaml", small("order", path: "/api/orders")),
                ("b.yaml", small("refund", path: "/api/refunds")),
            ])),
        Explanation(
            .unknownSaga, "A saga is named that no file defines.",
            why: "An intake that was meant to count would be missing without a word.",
            wrong: Example(files: [("a.yaml", small("order"))], active: ["ordr"]),
            right: Example(files: [("a.yaml", small("order"))], active: ["order"])),
    ]

    private static func small(_ name: String, version: Int = 1, path: String? = nil) -> String {
        let intake = path.map { "intake: {path: \($0)}\n" } ?? ""
        return """
            saga: \(name)
            version: \(version)
            \(intake)steps:
              - {step: one, command: a.b, compensate: none}
            """
    }

    private static func parent(of child: String, _ key: String) -> String {
        """
        saga: order
        version: 1
        steps:
          - step: shipping
            saga: \(child)
            \(key)
        """
    }

    private static let pivoted = """
        saga: shipping
        version: 1
        steps:
          - {step: one, command: a.b, pivot: true, unknown: stuck}
        """

    private static let children = [
        Explanation(
            .unknownChild, "No file defines the child saga.",
            why: "The step could never start anything.",
            wrong: Example(files: [
                ("order.yaml", parent(of: "shiping", "compensate: none")),
                ("shipping.yaml", small("shipping")),
            ]),
            right: Example(files: [
                ("order.yaml", parent(of: "shipping", "compensate: none")),
                ("shipping.yaml", small("shipping")),
            ])),
        Explanation(
            .childReachesItself, "The saga starts itself by way of its children.",
            why: "Each would wait for the next, without end.",
            wrong: Example(files: [
                ("order.yaml", parent(of: "order", "compensate: none"))
            ]),
            right: Example(files: [
                ("order.yaml", parent(of: "shipping", "compensate: none")),
                ("shipping.yaml", small("shipping")),
            ])),
        Explanation(
            .childWithPivot, "A child saga with a pivot stands where it may have to be taken back.",
            why: "Once its pivot has completed, the child cannot be taken back.",
            wrong: Example(files: [
                ("order.yaml", parent(of: "shipping", "compensate: none")),
                ("shipping.yaml", pivoted),
            ]),
            right: Example(files: [
                ("order.yaml", parent(of: "shipping", "unknown: stuck\n    pivot: true")),
                ("shipping.yaml", pivoted),
            ])),
        Explanation(
            .childNotChecked, "Whether the child saga may stand here is not known from this file.",
            why: "A file that is read by itself cannot say what the files beside it define.",
            wrong: Example(
                files: [("order.yaml", parent(of: "shipping", "compensate: none"))],
                isReadAlone: true),
            right: Example(files: [
                ("order.yaml", parent(of: "shipping", "compensate: none")),
                ("shipping.yaml", small("shipping")),
            ])),
    ]
}
