/// Where the read model is kept, beside the event store that it is folded from.
package protocol ViewStore: Sendable {
    /// Stores views, each whole or not at all; answers how many were stored.
    ///
    /// A view takes the place of one that was made by the same rebuild and has a lower version, or
    /// that was made by an earlier rebuild and has no higher one; any other stays. A batch holds
    /// each view once, and at most ``StoreLimits/batchViews``.
    func put(_ views: [ViewRecord]) async throws -> Int

    /// The views of those keys, in any order; those that were not stored are left out.
    func views(of keys: [ViewKey]) async throws -> [ViewRecord]

    /// A view beside its aggregate.
    func view(_ key: ViewKey) async throws -> CurrentView

    /// Views, newest first.
    func views(_ query: ViewQuery) async throws -> ViewPage

    /// The events that follow those versions, in the order of their versions within an aggregate:
    /// of each at most ``StoreLimits/batchTail``.
    ///
    /// A batch holds each aggregate once, and at most ``StoreLimits/batchViews``.
    func events(behind positions: [AggregatePosition]) async throws -> [RecordedEvent]

    /// The next ``StoreLimits/pageAggregates`` of all aggregates, or those of them that are looked
    /// for, in an order that is the store's own and stays the same.
    func aggregates(_ query: AggregateQuery) async throws -> AggregatePage
}

extension StoreLimits {
    /// The most views in one call.
    package static let batchViews = 256
    /// The most events of one aggregate that one call of `events(behind:)` answers.
    package static let batchTail = 64
    /// How many aggregates one page of a walk over all of them looks at.
    package static let pageAggregates = 1024
}
