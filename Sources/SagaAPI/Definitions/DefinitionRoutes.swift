import HTTPTypes
import Hummingbird
import SagaCore
import SagaDrawing
import SagaRuntime

extension SagaAPI {
    /// `GET /api/definitions`: those that new sagas take.
    func definitions() -> Response {
        let items = door.catalog.offered.map { entry in
            Value.map(Self.head(of: entry.definition, hash: entry.hash)).jsonBytes
        }
        return Answer.list(items, after: nil)
    }

    /// `GET /api/definitions/{name}`: the definition that new sagas take, and every version that was
    /// ever recorded, with how many of its sagas have not ended.
    func definition(_ name: String) async throws -> Response {
        let records = try await recorded(name)
        let running = try await store.countUnended(definition: name)
        let offered = door.catalog.newest(name)
        let versions = records.sorted { $0.version > $1.version }.map { record in
            Value.map(
                Members([
                    ("version", .double(Double(record.version))),
                    ("hash", .string(Hexadecimal.text(record.hash))),
                    ("offered", .bool(record.version == offered?.definition.version)),
                    ("running", .double(Double(running[record.version] ?? 0))),
                ]))
        }
        let newest = records.map(\.version).max()
        let shown =
            offered ?? newest.flatMap { door.catalog.entry(name: name, version: $0) }
        var document = Members([("name", .string(name))])
        if let shown { document = Self.head(of: shown.definition, hash: shown.hash) }
        document["offered"] = .bool(offered != nil)
        document["versions"] = .list(versions)
        return Answer.bytes(Value.map(document).jsonBytes)
    }

    /// `GET /api/definitions/{name}/graph`: the drawing of a version, as JSON, or as SVG where the
    /// caller would rather have that.
    func graph(_ name: String, _ request: Request, _ target: RequestTarget) async throws -> Response
    {
        let wish = try GraphQuery(parameters: try target.parameters())
        let records = try await recorded(name)
        let version =
            wish.version ?? door.catalog.newest(name)?.definition.version
            ?? records.map(\.version).max()
        guard let record = records.first(where: { $0.version == version }),
            let entry = door.catalog.entry(name: name, version: record.version)
        else {
            let known = records.map { String($0.version) }.joined(separator: ", ")
            throw Problem(
                .unknownDefinition,
                "there is no version \(version ?? 0) of '\(name)': there is \(known)")
        }
        let graph = SagaGraph(entry.definition, canonical: try Value(json: record.source))
        let media = MediaPreference(request.headers[.accept])
        if media.prefers("image/svg+xml", to: "application/json") {
            return Answer.bytes(Array(graph.svg.utf8), fields: Answer.pictureFields)
        }
        return Answer.bytes(graph.value.jsonBytes, fields: Answer.graphFields)
    }

    /// What is recorded of that name, any version.
    ///
    /// - Throws: a problem where nothing is.
    private func recorded(_ name: String) async throws -> [DefinitionRecord] {
        let all = try await store.definitions()
        let found = all.filter { $0.name == name }
        if !found.isEmpty { return found }
        throw Problem.unknownDefinition(name, known: Set(all.map(\.name)).sorted())
    }

    private static func head(of definition: SagaDefinition, hash: [UInt8]) -> Members {
        Members([
            ("name", .string(definition.name)), ("version", .double(Double(definition.version))),
            ("description", definition.summary.map(Value.string) ?? .null),
            ("intake", (definition.intake?.path).map(Value.string) ?? .null),
            ("hash", .string(Hexadecimal.text(hash))),
        ])
    }
}

/// Which drawing is asked for.
private struct GraphQuery {
    /// The version; nil is the one that new sagas take.
    var version: Int?

    /// The query that those parameters ask for.
    init(parameters: [(name: String, value: String)]) throws(Problem) {
        var reading = try ParameterReading(parameters, known: ["version"])
        if let text = reading.text("version") {
            version = Int(text).flatMap { $0 >= 1 ? $0 : nil }
            if version == nil {
                reading.refuse("version", "must be a whole number from 1, is '\(text)'")
            }
        }
        try reading.finish()
    }
}
