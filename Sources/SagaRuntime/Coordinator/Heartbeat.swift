import Synchronization

/// Counts the rounds of the work itself, so that a watchdog hears from the work and not from a
/// timer beside it.
package final class Heartbeat: Sendable {
    private let beats = Atomic<UInt64>(0)

    /// A heart that has not beaten yet.
    package init() {}

    /// How often it has beaten.
    package var count: UInt64 { beats.load(ordering: .relaxed) }

    /// Beats once.
    package func beat() { beats.add(1, ordering: .relaxed) }
}
