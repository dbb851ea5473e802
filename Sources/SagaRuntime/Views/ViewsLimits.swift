/// The bounds of a projector.
package struct ViewsLimits: Equatable, Sendable {
    /// The most events and news that wait to be folded: beyond it, this daemon's own events are left
    /// to their news, and news are held back.
    package var waiting = 32_768
    /// The longest that events gather before they are folded, so that several of one aggregate make
    /// one write.
    package var gather: Duration = .seconds(1)
    /// For how long events gather for each that came the time before: where fewer come, views
    /// follow at once.
    package var gatherPerEvent: Duration = .milliseconds(1)
    /// Where this daemon published more than so many events since the news before, news that tell only
    /// of its own events are read once in ``gather``: they can wait until less is going on.
    package var newsAtLeisure = 64
    /// The most views that are kept in memory.
    package var cache = 4096
    /// The time from one look for views that are behind their aggregates to the next; each looks at
    /// ``StoreLimits/pageAggregates`` aggregates.
    package var sweep: Duration = .seconds(1)
    /// How old an event is before its view counts as left behind.
    package var sweepAge: Duration = .seconds(10)
    /// How far views may lag behind before an operator is told.
    package var behindAfter: Duration = .seconds(30)
    /// How often a view is folded again at once that another one overtook.
    package var conflictRetries = 8
    /// The first wait after the store was away, doubled up to ``storeRetryMax``.
    package var storeRetry: Duration = .milliseconds(100)
    /// The longest wait after the store was away.
    package var storeRetryMax: Duration = .seconds(2)

    /// The bounds that suit two cores.
    package init() {}
}
