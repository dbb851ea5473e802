package import SagaCore

/// The time that decisions are made by.
package protocol SagaClock: Sendable {
    /// The time now; never earlier than an answer before.
    func now() -> Instant

    /// The time since a moment that stays the same, by a clock that nobody corrects.
    func uptime() -> Duration

    /// Waits until that time; returns at once where it has passed, throws when the task is
    /// cancelled.
    func sleep(until instant: Instant) async throws
}
