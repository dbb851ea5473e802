/// The bounds of leases; the same in all daemons on one database.
///
/// A shard whose daemon crashed has another one after ``lasting`` and ``look`` at the latest.
package struct LeaseLimits: Equatable, Sendable {
    /// How long a lease lasts by the database's clock.
    package var lasting: Duration = .seconds(6)
    /// The time from one renewal to the next.
    package var renewal: Duration = .seconds(2)
    /// The time from one look at the other daemons to the next.
    package var look: Duration = .seconds(1)
    /// How much earlier than the database's clock this daemon's own ends a lease: what was begun
    /// under it has that long to end.
    package var margin: Duration = .seconds(1)
    /// How late, where there are several daemons, the owner of a shard looks for what is due: the
    /// daemon that wrote a saga last wakes it from memory, and two that do it at once conflict.
    package var headStart: Duration = .seconds(1)
    /// Where there are several daemons, the time from one look to the next whether a saga has ended
    /// that somebody waits for.
    package var endPoll: Duration = .milliseconds(500)

    /// The bounds that suit daemons near their database.
    package init() {}
}
