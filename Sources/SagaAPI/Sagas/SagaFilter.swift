import Logging
import SagaCore
import SagaRuntime

/// Which sagas a list shows: what the store looks for, and what is looked for in what it finds.
struct SagaFilter: Equatable {
    /// What the store looks for.
    var query = SagaQuery()
    /// Only sagas that wait at this step, or are stuck there; `pay` is any element's.
    var step: NodePath?
    /// Only sagas with this text in id, name, key, input or reason of failure, in any case.
    var text: String?

    /// The most bytes of a text that is looked for.
    static let textBytes = 255
    /// The parameters that say which sagas; a page has `limit` and `after` besides.
    static let names = ["saga", "key", "status", "step", "since", "until", "q"]

    /// The filter that those parameters ask for.
    ///
    /// - Parameter paging: the parameters that say which page; a watch has no `after`.
    /// - Throws: a problem that names every unknown parameter and unusable value.
    init(
        parameters: [(name: String, value: String)], paging: [String] = ["limit", "after"]
    ) throws(Problem) {
        var reading = try ParameterReading(parameters, known: Self.names + paging)
        query.definition = reading.text("saga")
        query.key = reading.text("key")
        query.statuses = reading.statuses()
        query.since = reading.instant("since")
        query.until = reading.instant("until")
        query.limit = reading.limit()
        query.after = reading.cursor()
        step = reading.text("step")
        text = reading.text("q")?.lowercased()
        if let text, text.utf8.count > Self.textBytes {
            reading.refuse("q", "must have at most \(Self.textBytes) bytes")
        }
        try reading.finish()
    }

    /// Whether the store's own filters say it all.
    var isOfStore: Bool { step == nil && text == nil }

    /// Whether a saga that the store found is meant.
    func admits(_ record: SagaRecord) -> Bool {
        if isOfStore { return true }
        // What a newer daemon wrote cannot be looked into.
        let state = try? SagaState(stored: record)
        if let step, !(state?.isAt(step) ?? false) { return false }
        guard let text else { return true }
        let identity = record.identity
        let words = [
            identity.id.description, identity.name, identity.key, state?.failure?.reason ?? "",
            String(decoding: record.input, as: UTF8.self),
        ]
        return words.contains { $0.lowercased().contains(text) }
    }
}

extension SagaState {
    /// Whether something waits at that step, or is stuck there.
    fileprivate func isAt(_ step: NodePath) -> Bool {
        func isMeant(_ path: NodePath) -> Bool { path == step || path.stepName == step }
        return open.contains { isMeant($0.path) } || waits.contains { isMeant($0.path) }
            || steps.contains { isMeant($0.key) && $0.value.needsOperator }
    }
}

extension SagaAPI {
    /// How many sagas are looked through at once.
    private static let scanPage = 500

    /// A page of the sagas that a filter means; where the store does not know the filter, a page may
    /// hold fewer than its limit although more follow.
    func page(_ filter: SagaFilter) async throws -> SagaPage {
        if filter.isOfStore { return try await store.list(filter.query) }
        var query = filter.query
        query.limit = Self.scanPage
        var found: [SagaRecord] = []
        var scanned = 0
        while scanned < limits.listScan {
            let page = try await store.list(query)
            for record in page.sagas {
                scanned += 1
                if filter.admits(record) { found.append(record) }
                guard found.count == filter.query.limit else { continue }
                let last = SagaCursor(startedAt: record.startedAt, id: record.identity.id)
                return SagaPage(sagas: found, after: last)
            }
            query.after = page.after
            if page.after == nil { break }
        }
        return SagaPage(sagas: found, after: query.after)
    }
}
