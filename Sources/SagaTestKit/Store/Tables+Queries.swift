import SagaCore
import SagaRuntime

extension Tables {
    func due(shards: [Int], until: Instant, limit: Int) -> [DueSaga] {
        var found: [DueSaga] = []
        for shard in shards {
            let ofShard = sagas.values.compactMap { saga -> DueSaga? in
                let id = saga.identity.id
                guard let wakeAt = saga.wakeAt, wakeAt <= until,
                    id.shard(of: StoreLimits.shards) == shard
                else { return nil }
                return DueSaga(id: id, wakeAt: wakeAt)
            }
            found += ofShard.sorted { ($0.wakeAt, $0.id) < ($1.wakeAt, $1.id) }
        }
        return Array(found.prefix(limit))
    }

    func unpublished(shards: [Int], before: Instant, limit: Int) -> [RecordedEvent] {
        var found: [RecordedEvent] = []
        for shard in shards {
            let ofShard = outbox.filter { $0.key.shard == shard && $0.key.recordedAt < before }
            found += ofShard.values.sorted { left, right in
                (left.recordedAt, left.version, left.event.id)
                    < (right.recordedAt, right.version, right.event.id)
            }
        }
        return Array(found.prefix(limit))
    }

    func page(_ query: SagaQuery) -> SagaPage {
        var found = sagas.values.filter { query.admits($0) }
        found.sort { ($0.startedAt, $0.identity.id) > ($1.startedAt, $1.identity.id) }
        let page = Array(found.prefix(query.limit))
        let isMore = found.count > page.count
        let last = page.last.map { SagaCursor(startedAt: $0.startedAt, id: $0.identity.id) }
        return SagaPage(sagas: page, after: isMore ? last : nil)
    }

    func countUnended(definition: String) -> [Int: Int] {
        let unended = sagas.values.filter {
            ByteText($0.identity.name) == ByteText(definition) && $0.endedAt == nil
        }
        return Dictionary(grouping: unended) { $0.identity.definitionVersion }.mapValues(\.count)
    }
}

extension SagaQuery {
    /// Whether a saga lies behind the cursor and passes the filters.
    fileprivate func admits(_ saga: SagaRecord) -> Bool {
        if let definition, ByteText(definition) != ByteText(saga.identity.name) { return false }
        if let key, ByteText(key) != ByteText(saga.identity.key) { return false }
        if !statuses.isEmpty, !statuses.contains(saga.status) { return false }
        if needsPerson, !saga.needsPerson { return false }
        if let since, saga.startedAt < since { return false }
        if let until, saga.startedAt >= until { return false }
        if let after, (saga.startedAt, saga.identity.id) >= (after.startedAt, after.id) {
            return false
        }
        return true
    }
}

// MARK: Text that no database keeps

extension SagaStart {
    /// Why a text of the start cannot be stored; nil where it can.
    var unstorableText: String? {
        let texts = [identity.name, identity.key, idempotency?.key ?? ""]
        return texts.compactMap(unstorable).first ?? transition.unstorableText
    }
}

extension Transition {
    /// Why a text of the transition cannot be stored; nil where it can.
    var unstorableText: String? {
        for event in events {
            let texts = [
                event.id, event.aggregateType, event.aggregateID, event.stream, event.type,
            ]
            if let reason = texts.compactMap(unstorable).first { return reason }
            guard let body = event.body else { continue }
            guard let text = String(validating: body, as: UTF8.self) else {
                return "the data of event \(event.id) is not UTF-8"
            }
            if let reason = unstorable(text) { return reason }
        }
        return nil
    }
}

/// PostgreSQL's and CockroachDB's TEXT hold no U+0000, so no store takes it.
private func unstorable(_ text: String) -> String? {
    text.utf8.contains(0) ? "a text holds U+0000, which no database keeps" : nil
}
