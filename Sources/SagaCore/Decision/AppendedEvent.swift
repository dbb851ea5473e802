/// An event that a participant appended to the event store, about the aggregate of a saga's key.
package struct AppendedEvent: Hashable, Sendable {
    /// The event's identity.
    package var id: String
    /// The event's own name, such as `paymentdebited`.
    package var event: String
    /// The event's data; an empty map where it is no map.
    package var data: Value
    /// Whether it is stored already, and only the saga has not heard of it.
    package var isStored: Bool

    /// The event with these parts.
    package init(id: String, event: String, data: Value, isStored: Bool = false) {
        self.id = id
        self.event = event
        self.data = data.members == nil ? .map(Members()) : data.json
        self.isStored = isStored
    }
}

/// What a saga whose key others may know before it starts has to look at.
package struct EarlyEvents: Equatable, Sendable {
    /// The events that its aggregate has already, by version.
    package var events: [AppendedEvent]
    /// When it has to look again: by then whatever was appended without a look at the saga is stored.
    package var looksBackAt: Instant

    /// Those events, and that time.
    package init(events: [AppendedEvent], looksBackAt: Instant) {
        self.events = events
        self.looksBackAt = looksBackAt
    }
}

/// An outcome event that was appended before its step was open.
package struct KeptEvent: Hashable, Sendable {
    /// The event's identity.
    package var id: String
    /// The name of the step that it is an outcome of.
    package var step: String
    /// The outcome.
    package var outcome: String
    /// The event's data: the step's result once it opens.
    package var result: Value

    /// The event with these parts.
    package init(id: String, step: String, outcome: String, result: Value) {
        self.id = id
        self.step = step
        self.outcome = outcome
        self.result = result
    }
}

extension SagaState {
    /// How many events a saga keeps for steps that are not open yet.
    package static let keptEventsMax = 64

    /// Whether the saga has heard of that event, and what it says counts already.
    func knows(event id: String) -> Bool {
        kept.contains { $0.id.hasBytes(of: id) }
            || finishEvents.contains { $0.value.hasBytes(of: id) }
            || steps.contains { $0.value.eventID?.hasBytes(of: id) ?? false }
    }
}

extension String {
    /// Whether the texts are the same, byte for byte, as databases compare them.
    fileprivate func hasBytes(of other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
