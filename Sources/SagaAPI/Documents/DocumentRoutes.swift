import HTTPTypes
import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET <intake path>/{key}`: the aggregate's document now.
    func document(
        _ entry: Catalog.Entry, key: String, _ request: Request, _ target: RequestTarget
    ) async throws -> Response {
        var reading = try ParameterReading(try target.parameters(), known: ["min_version"])
        let version = reading.version("min_version")
        try reading.finish()
        let document = try await document(of: entry.definition, key: key, atLeast: version)
        guard let document else {
            throw Problem(
                .unknownKey, "nothing is known of the key '\(key)' at \(entry.intakePath)")
        }
        let tag = EntityTag.text(document.version)
        if EntityTag.matches(request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        var fields = Answer.jsonFields
        fields[.eTag] = tag
        return Answer.bytes(document.value.jsonBytes, fields: fields)
    }

    /// `GET <intake path>`: documents, newest first.
    func documents(_ entry: Catalog.Entry, _ target: RequestTarget) async throws -> Response {
        guard let aggregate = entry.definition.aggregate else {
            preconditionFailure("An intake without an aggregate has no list.")
        }
        let query = try ViewQuery(
            collection: aggregate.type, parameters: try target.parameters())
        let page = try await store.views(query)
        return Answer.list(
            page.views.map(\.document), after: page.after.map(ViewCursorText.text))
    }

    /// The document of a key once it has that version, or as it is when the wait for that ends; nil
    /// where nothing is known of the key.
    private func document(
        of definition: SagaDefinition, key: String, atLeast version: Int64?
    ) async throws -> AggregateDocument? {
        let wanted = version ?? 0
        var document = try await currentDocument(of: definition, key: key)
        let looks = limits.documentWait / limits.documentPoll
        for _ in 0..<Int(looks) {
            guard let found = document, found.version < wanted else { break }
            try await clock.sleep(until: clock.now() + limits.documentPoll)
            document = try await currentDocument(of: definition, key: key)
        }
        return document
    }

    /// The document of a key now, or nil where nothing is known of it.
    private func currentDocument(
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
        return try await store.document(of: ViewKey(collection: aggregate.type, id: key))
    }
}
