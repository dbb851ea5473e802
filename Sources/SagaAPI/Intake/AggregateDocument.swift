import Logging
import SagaCore
import SagaRuntime

/// An aggregate's document: the fold of its events by JSON Merge Patch (RFC 7396), in the order of
/// their versions.
struct AggregateDocument: Equatable {
    /// The document.
    private(set) var value: Value = .map(Members())
    /// The version of the last event in it; 0 where there is none.
    private(set) var version: Int64 = 0

    /// Patches the document with an event's data; one without data, or whose data is no object,
    /// only moves the version.
    mutating func apply(_ event: RecordedEvent) throws(JSONError) {
        version = event.version
        guard let body = event.event.body, !body.isEmpty else { return }
        let patch = try Value(json: body)
        if case .map = patch { value.merge(patch) }
    }

    /// The document that a saga began with, for aggregates without events.
    init(input: Value) { value = input }

    /// The empty document.
    init() {}
}

extension Value {
    /// Applies a JSON Merge Patch (RFC 7396).
    mutating func merge(_ patch: Value) {
        guard case .map(let changes) = patch else {
            self = patch
            return
        }
        var members = Members()
        if case .map(let own) = self { members = own }
        // Otherwise every change would copy what is also held here.
        self = .null
        for change in changes {
            if case .null = change.value {
                members[change.name] = nil
            } else if case .map = change.value {
                var member = members[change.name] ?? .null
                member.merge(change.value)
                members[change.name] = member
            } else {
                members[change.name] = change.value
            }
        }
        self = .map(members)
    }
}

extension SagaAPI {
    /// How many events are read at once.
    private static let eventPage = 256

    /// The document of a key now, or nil where nothing is known of it.
    func currentDocument(
        of definition: SagaDefinition, key: String
    ) async throws -> AggregateDocument? {
        if let folded = try await foldedDocument(of: definition, key: key) { return folded }
        guard let record = try await store.find(definition: definition.name, key: key) else {
            return nil
        }
        return AggregateDocument(input: try Value(json: record.input))
    }

    /// The fold of a key's events, or nil where there are none.
    func foldedDocument(
        of definition: SagaDefinition, key: String
    ) async throws -> AggregateDocument? {
        guard let aggregate = definition.aggregate else { return nil }
        var document = AggregateDocument()
        while true {
            let events = try await store.events(
                aggregateType: aggregate.type, aggregateID: key, after: document.version,
                limit: Self.eventPage)
            for event in events { try document.apply(event) }
            if events.count < Self.eventPage { break }
        }
        return document.version > 0 ? document : nil
    }
}
