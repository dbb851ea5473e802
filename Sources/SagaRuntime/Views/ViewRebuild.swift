package import Logging
package import SagaCore

/// Makes all views anew from the event store, while intake and projectors go on.
///
/// Each view is folded from its first event and takes the place of the one that is there, unless
/// that one is ahead: then it is folded again. From then on a projector that still holds the former
/// one is refused, and reads anew.
package struct ViewRebuild: Sendable {
    private let store: any Store
    private let number: Int64
    private let logger: Logger

    /// How often a view is folded that others keep overtaking.
    static let tries = 20
    /// After so many views the log tells how far it is.
    static let tellEvery = 100_000

    /// A rebuild in that store; the later one of two wins.
    package init(store: any Store, startedAt: Instant, logger: Logger) {
        self.store = store
        number = startedAt.microseconds
        self.logger = logger
    }

    /// Walks over all aggregates; answers how many have views now.
    package func run() async throws -> Int {
        var query = AggregateQuery()
        var count = 0
        repeat {
            let page = try await store.aggregates(query)
            let keys = page.aggregates.map(\.key)
            for start in stride(from: 0, to: keys.count, by: StoreLimits.batchViews) {
                let end = min(start + StoreLimits.batchViews, keys.count)
                try await rebuild(keys[start..<end].sorted())
            }
            if (count + keys.count) / Self.tellEvery > count / Self.tellEvery {
                logger.notice("rebuilding", metadata: ["views": "\(count + keys.count)"])
            }
            count += keys.count
            query.after = page.after
        } while query.after != nil
        return count
    }

    private func rebuild(_ keys: [ViewKey]) async throws {
        var keys = keys
        for _ in 0..<Self.tries where !keys.isEmpty {
            var drafts = keys.map { ViewDraft($0, rebuild: number) }
            try await drafts.complete(from: store) { _ in .max }
            let changes = drafts.compactMap(\.change)
            if try await store.put(changes) == changes.count { return }
            keys = try await store.views(of: keys).filter { $0.rebuild < number }.map(\.key)
        }
        guard keys.isEmpty else {
            throw StoreError(
                .unavailable,
                "\(keys.count) views change faster than they can be rebuilt, such as "
                    + "\(keys[0].collection) \(keys[0].id): try again when less is going on")
        }
    }
}
