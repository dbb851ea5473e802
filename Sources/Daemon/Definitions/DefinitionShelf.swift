import Logging
import SagaCore
import SagaLanguage
import SagaRuntime

/// Brings definitions from files, and from the database, into the catalog.
struct DefinitionShelf: Sendable {
    let directory: String
    let active: [String]?
    let catalog: Catalog
    let logger: Logger

    init(_ settings: Settings, catalog: Catalog, logger: Logger) {
        directory = settings.sagas.directory
        active = settings.sagas.active.isEmpty ? nil : settings.sagas.active
        self.catalog = catalog
        self.logger = logger
    }

    /// The definitions of the directory.
    ///
    /// - Throws: ``Exit`` with all diagnostics of all files, or why the directory cannot be read.
    func load() throws(Exit) -> [LoadedDefinition] {
        switch DefinitionDirectory.load(directory, active: active) {
        case .failure(let unreadable): throw Exit(.usage, unreadable.message)
        case .success(let result):
            guard !result.diagnostics.hasErrors else {
                let rendered = result.diagnostics.map(\.rendered).joined(separator: "\n")
                throw Exit(.usage, "the definitions cannot be used\n\(rendered)")
            }
            if result.definitions.isEmpty {
                throw Exit(
                    .usage,
                    "expected definitions (*.yaml) in sagas.directory, found none in \(directory)")
            }
            return result.definitions
        }
    }

    /// Offers the definitions of the files before the database was asked, so that routes exist.
    func offer(_ loaded: [LoadedDefinition]) {
        catalog.replace(
            entries: loaded.map(\.entry), offered: loaded.map(\.definition), active: active)
    }

    /// Records the definitions in the database, and adds every version that it knows, so that
    /// sagas whose files are gone go on.
    ///
    /// - Throws: ``Exit`` where a version has run with other content; ``StoreError``.
    func register(_ loaded: [LoadedDefinition], in store: any Store) async throws {
        for one in loaded {
            let record = DefinitionRecord(
                name: one.definition.name, version: one.definition.version, hash: one.hash,
                source: one.canonicalText)
            switch try await store.register(record) {
            case .registered: break
            case .differs(let recorded): throw Exit(.usage, Self.conflict(one, recorded))
            }
        }
        var entries: [Catalog.Entry] = []
        for record in try await store.definitions() {
            let name = "\(record.name) version \(record.version), from the database"
            let result = DefinitionLoader.load(canonical: record.source, file: name)
            if let definition = result.definition {
                entries.append(Catalog.Entry(definition: definition, hash: record.hash))
            } else {
                logger.error(
                    "a recorded definition cannot be read; its sagas wait",
                    metadata: ["definition": "\(name)"])
            }
        }
        catalog.replace(
            entries: entries + loaded.map(\.entry), offered: loaded.map(\.definition),
            active: active)
    }

    private static func conflict(
        _ one: LoadedDefinition, _ recorded: DefinitionRecord
    ) -> String {
        let definition = one.definition
        var lines = [
            "\(one.file): error: version \(definition.version) of saga '\(definition.name)' has "
                + "run with other content, and a version that has run never changes"
        ]
        if let old = try? Value(json: recorded.source),
            let new = try? Value(json: one.canonicalText)
        {
            lines += CanonicalDifference.lines(from: old, to: new).map { "  \($0)" }
        }
        lines.append(
            "fix: write `version: \(definition.version + 1)`; running sagas stay on theirs")
        return lines.joined(separator: "\n")
    }
}

extension LoadedDefinition {
    var entry: Catalog.Entry { Catalog.Entry(definition: definition, hash: hash) }
}
