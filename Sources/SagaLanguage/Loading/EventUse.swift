internal import SagaCore

/// One place where a file names a domain event.
struct EventUse {
    var event: String
    var place: YAMLSpan
    var role: Role

    /// What the event means there.
    enum Role: Equatable {
        /// The saga starts.
        case start
        /// A step has an outcome that leads there.
        case outcome(step: Int, Outcome.Direction)
        /// A step is taken back.
        case compensation
        /// The saga completed.
        case completed
        /// The saga is compensated.
        case compensated
    }
}

// What events mean.
extension DefinitionReader {
    mutating func use(_ event: String, at place: YAMLSpan, as role: EventUse.Role) {
        events.append(EventUse(event: event, place: place, role: role))
    }

    /// Events need an aggregate, and each has one meaning.
    mutating func checkEvents() {
        if !hasAggregate, let first = events.first {
            diagnostics.error(
                .eventWithoutAggregate, at: first.place,
                "the event `\(first.event)` belongs to no aggregate",
                fix: "add `aggregate: {type: TYPE, stream: STREAM}` at the top")
        }
        var first: [String: [EventUse]] = [:]
        for use in events {
            let clash = first[use.event]?.first { !mayShare($0.role, use.role) }
            first[use.event, default: []].append(use)
            guard let clash else { continue }
            diagnostics.error(
                .ambiguousEvent, at: use.place,
                "`\(use.event)` means here that \(meaning(use.role)), and at"
                    + " \(clash.place.start.line):\(clash.place.start.column) that"
                    + " \(meaning(clash.role))",
                fix: "give one of them another name")
        }
    }

    /// Whether one event may mean both.
    ///
    /// Outcomes of one step may share an event where they lead the same way. A finish event may be
    /// a participant's: it is then not raised again. Compensations are not told apart by events.
    private func mayShare(_ one: EventUse.Role, _ other: EventUse.Role) -> Bool {
        switch (one, other) {
        case (.outcome, .outcome), (.compensation, .compensation): one == other
        case (.outcome(_, .continue), .completed), (.completed, .outcome(_, .continue)),
            (.outcome(_, .reject), .compensated), (.compensated, .outcome(_, .reject)):
            true
        case (.start, _), (.outcome, _), (.compensation, _), (.completed, _), (.compensated, _):
            false
        }
    }

    private func meaning(_ role: EventUse.Role) -> String {
        switch role {
        case .start: "the saga started"
        case .outcome(let index, let direction):
            "`\(outline.nodes[index].name ?? "")` "
                + (direction == .continue ? "went well" : "was rejected")
        case .compensation: "a step was taken back"
        case .completed: "the saga completed"
        case .compensated: "the saga was compensated"
        }
    }
}
