import Hummingbird
import NIOCore
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/watch`: the sagas of a filter as they are, oldest first, then each again whenever
    /// it has changed.
    ///
    /// The newest of them are followed, as many as `limit` says, and whatever was shown until it has
    /// ended, `APILimits.watchFollowed` at most.
    func watch(_ target: RequestTarget, over channel: any Channel) async throws -> Response {
        let filter = try SagaFilter(parameters: try target.parameters(), paging: ["limit"])
        return try stream(ListWatch(api: self, filter: filter), over: channel)
    }

    /// How many sagas are loaded at once.
    private static let loadPage = 256

    /// The sagas of those identities.
    fileprivate func loaded(_ ids: [SagaID]) async throws -> [SagaRecord] {
        var records: [SagaRecord] = []
        for first in stride(from: 0, to: ids.count, by: Self.loadPage) {
            records += try await store.load(Array(ids[first...].prefix(Self.loadPage)))
        }
        return records
    }
}

/// One watcher's view of many sagas.
private struct ListWatch: Watched {
    let api: SagaAPI
    let filter: SagaFilter
    /// What the watcher has seen.
    private var seen: [SagaID: Seen] = [:]

    private struct Seen {
        var version: Int64
        var startedAt: Instant
        var hasEnded: Bool
    }

    init(api: SagaAPI, filter: SagaFilter) {
        self.api = api
        self.filter = filter
    }

    mutating func look(_ events: inout EventText) async throws -> NextLook {
        let (api, filter) = (api, filter)
        guard let page = try await api.look(&events, { try await api.page(filter) }) else {
            return .later
        }
        let shown = Set(page.sagas.map(\.identity.id))
        let others = seen.keys.filter { !shown.contains($0) }
        guard let rest = try await api.look(&events, { try await api.loaded(others) }) else {
            return .later
        }
        let found = (page.sagas + rest).sorted {
            ($0.startedAt, $0.identity.id) < ($1.startedAt, $1.identity.id)
        }
        for record in found where seen[record.identity.id]?.version != record.version {
            events.add("saga", api.sagaSummary(record))
            seen[record.identity.id] = Seen(
                version: record.version, startedAt: record.startedAt,
                hasEnded: record.endedAt != nil)
        }
        forget(except: shown)
        return .later
    }

    /// Forgets what has ended and is not on the page, and the oldest beyond the limit.
    private mutating func forget(except shown: Set<SagaID>) {
        seen = seen.filter { shown.contains($0.key) || !$0.value.hasEnded }
        let beyond = seen.count - max(api.limits.watchFollowed, shown.count)
        guard beyond > 0 else { return }
        let oldest = seen.filter { !shown.contains($0.key) }
            .sorted { ($0.value.startedAt, $0.key) < ($1.value.startedAt, $1.key) }
        for (id, _) in oldest.prefix(beyond) { seen[id] = nil }
    }
}
