import CoreMetrics
import Logging
import SagaCore

/// One batch of a round: fold, store, and fold again what another one overtook.
extension Projector {
    /// Brings views to the versions that a round wants of them.
    func bring(
        _ keys: [ViewKey], of round: ViewRound, _ shelf: inout ViewShelf
    ) async throws {
        let moved = keys.filter { (shelf[$0]?.version ?? 0) < round.version(of: $0) }
        var drafts = try await folded(moved, of: round, shelf)
        for _ in 0...limits.conflictRetries {
            let changes = drafts.compactMap(\.change)
            let stored = changes.isEmpty ? 0 : try await put(changes)
            ViewsMetrics.written.increment(by: stored)
            if stored == changes.count {
                for change in changes { shelf.keep(change) }
                return
            }
            // Somebody has newer ones, or a rebuild has been at them.
            ViewsMetrics.overtaken.increment(by: changes.count - stored)
            drafts = try await refolded(changes.map(\.key), of: round)
        }
        logger.notice(
            "views change faster than they can be written here; a sweep looks at them again",
            metadata: ["views": "\(drafts.count)"])
    }

    /// The views with the events at hand, and where these do not suffice, from what is stored.
    private func folded(
        _ keys: [ViewKey], of round: ViewRound, _ shelf: ViewShelf
    ) async throws -> [ViewDraft] {
        var drafts: [ViewDraft] = []
        var short: [ViewKey] = []
        for key in keys {
            var draft = shelf[key].map { ViewDraft($0) } ?? ViewDraft(key)
            draft.apply(round.events(of: key))
            if draft.version < round.version(of: key) {
                short.append(key)
            } else {
                drafts.append(draft)
            }
        }
        return short.isEmpty ? drafts : drafts + (try await refolded(short, of: round))
    }

    /// Those of the views that are behind, from what is stored, with the events at hand and those of
    /// the event store.
    private func refolded(_ keys: [ViewKey], of round: ViewRound) async throws -> [ViewDraft] {
        let stored = try await store.views(of: keys)
        let byKey = Dictionary(stored.map { ($0.key, $0) }) { first, _ in first }
        var drafts: [ViewDraft] = []
        for key in keys where (byKey[key]?.version ?? 0) < round.version(of: key) {
            var draft = byKey[key].map { ViewDraft($0) } ?? ViewDraft(key)
            draft.apply(round.events(of: key))
            drafts.append(draft)
        }
        try await drafts.complete(from: store) { round.version(of: $0.key) }
        return drafts
    }

    /// Stores views; answers how many, and counts one that the database refuses for itself with
    /// them, so that it holds up no other.
    private func put(_ views: [ViewRecord]) async throws -> Int {
        do {
            return try await store.put(views)
        } catch let fault as StoreError where fault.kind == .unexpected {
            guard views.count == 1 else {
                var stored = 0
                for view in views { stored += try await put([view]) }
                return stored
            }
            ViewsMetrics.failed.increment()
            logger.error(
                "a view cannot be stored and is left as it is",
                metadata: [
                    "collection": "\(views[0].key.collection)", "id": "\(views[0].key.id)",
                    "problem": "\(fault)",
                ])
            return 1
        }
    }
}

extension ViewRound {
    /// The version that is wanted of a view.
    fileprivate func version(of key: ViewKey) -> Int64 { wishes[key]?.version ?? 0 }

    /// The events at hand, in the order of their versions.
    fileprivate func events(of key: ViewKey) -> [RecordedEvent] { wishes[key]?.events ?? [] }
}
