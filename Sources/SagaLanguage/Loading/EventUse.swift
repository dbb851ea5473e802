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
        warnOfElements()
        var first: [String: [EventUse]] = [:]
        for use in events {
            let clash = first[use.event]?.first { !mayShare($0.role, use.role) }
            first[use.event, default: []].append(use)
            guard let clash else { continue }
            diagnostics.error(
                .ambiguousEvent, at: use.place, ambiguity(of: use, beside: clash),
                fix: "give one of them another name")
        }
    }

    private func ambiguity(of use: EventUse, beside other: EventUse) -> String {
        let place = "\(other.place.start.line):\(other.place.start.column)"
        if use.role == other.role, case .outcome = use.role {
            return "`\(use.event)` is what tells that it was the outcome at \(place), so it cannot"
                + " tell of this one"
        }
        return "`\(use.event)` means here that \(meaning(use.role)), and at \(place) that"
            + " \(meaning(other.role))"
    }

    /// An event that a participant appends does not say which element it is about.
    private mutating func warnOfElements() {
        for use in events {
            guard case .outcome(let step, _) = use.role, outline.nodes[step].kind == .await,
                let each = outline.ancestors(of: step)
                    .first(where: { outline.nodes[$0].kind == .each })
            else { continue }
            diagnostics.warning(
                .ambiguousEvent, at: use.place,
                "`\(use.event)` does not say which element of `\(outline.nodes[each].name ?? "")`"
                    + " it is about",
                fix: "report the outcomes over HTTP by the step's path, or await the event once,"
                    + " after the `each`")
        }
    }

    /// Whether one event may mean both.
    ///
    /// Outcomes of one step may share an event where they lead the same way, unless the event
    /// itself is what tells them apart. A finish event may be
    /// a participant's: it is then not raised again. Compensations are not told apart by events.
    private func mayShare(_ one: EventUse.Role, _ other: EventUse.Role) -> Bool {
        switch (one, other) {
        case (.outcome(let step, _), .outcome):
            one == other && outline.nodes[step].kind != .await
        case (.compensation, .compensation): true
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
