package import SagaCore

/// An aggregate's document: the fold of its events by JSON Merge Patch (RFC 7396), in the order of
/// their versions.
package struct AggregateDocument: Equatable, Sendable {
    /// The document.
    package private(set) var value: Value
    /// The version of the last event in it; 0 where there is none.
    package private(set) var version: Int64
    /// When its first event was recorded; nil where there is none.
    package private(set) var createdAt: Instant?
    /// When the last event in it was recorded; nil where there is none.
    package private(set) var updatedAt: Instant?

    /// The empty document.
    package init() { self.init(input: .map(Members())) }

    /// The document that a saga began with, for aggregates without events.
    package init(input: Value) {
        value = input
        version = 0
    }

    /// The document that a view holds; nil where the view holds no JSON.
    package init?(_ view: ViewRecord) {
        guard let value = try? Value(json: view.document) else { return nil }
        self.value = value
        version = view.version
        createdAt = view.createdAt
        updatedAt = view.updatedAt
    }

    /// Patches the document with the event that comes next; any other event changes nothing.
    ///
    /// First with its own data, then with what the definition adds to it. Data that is missing, or
    /// no JSON object, patches nothing; the version moves all the same.
    package mutating func apply(_ event: RecordedEvent) {
        guard event.version == version + 1 else { return }
        if version == 0 { createdAt = event.recordedAt }
        version = event.version
        updatedAt = event.recordedAt
        patch(with: event.event.body)
        patch(with: event.event.viewData)
    }

    private mutating func patch(with data: [UInt8]?) {
        guard let data, let patch = try? Value(json: data), case .map = patch else { return }
        value.merge(patch)
    }

    /// Patches the document with those of the events that follow it, which stand in the order of
    /// their versions.
    package mutating func apply(_ events: [RecordedEvent]) {
        for event in events { apply(event) }
    }
}

extension ViewStore {
    /// An aggregate's document as its events say now: its view, and where that is behind, with the
    /// events folded in that it lacks; nil where there is no event.
    package func document(of key: ViewKey) async throws -> AggregateDocument? {
        let current = try await view(key)
        guard current.aggregateVersion > 0 else { return nil }
        var document = current.view.flatMap { AggregateDocument($0) } ?? AggregateDocument()
        while document.version < current.aggregateVersion {
            let position = AggregatePosition(key: key, version: document.version)
            let before = document.version
            document.apply(try await events(behind: [position]))
            // Without this, an event store with a gap would be read for ever.
            if document.version == before { break }
        }
        return document
    }
}
