package import Logging
package import SagaRuntime

/// The HTTP interface: the routes that callers, operators and probes use.
///
/// A value without state of its own but its metrics; `service(host:port:)` runs it.
package struct SagaAPI: Sendable {
    let door: any Door
    let store: any Store
    let letters: any DeadLetterSource
    let clock: any SagaClock
    let health: @Sendable () async -> HealthReport
    let metrics: @Sendable () -> String
    let limits: APILimits
    let logger: Logger
    var timers = RequestTimers()
    let seats: WatcherSeats
    /// The rules by which failures are provoked; nil where none may be.
    var faultRules: FaultBoard?

    /// The interface to those sagas.
    ///
    /// - Parameters:
    ///   - door: starts sagas and takes operators' actions.
    ///   - store: what is read of sagas, journals and events.
    ///   - letters: what could not be used.
    ///   - clock: the time that waits are counted by.
    ///   - health: asks what the daemon needs; answers within a bound of its own.
    ///   - metrics: the metrics now, in Prometheus' text format 0.0.4.
    ///   - faults: the rules by which failures are provoked; nil where `faults.enabled` is false.
    ///   - limits: the bounds.
    ///   - logger: takes what went wrong; requests are logged at `debug` only.
    package init(
        door: any Door, store: any Store, letters: any DeadLetterSource, clock: any SagaClock,
        health: @escaping @Sendable () async -> HealthReport,
        metrics: @escaping @Sendable () -> String, faults: FaultBoard? = nil,
        limits: APILimits = APILimits(), logger: Logger
    ) {
        self.door = door
        self.store = store
        self.letters = letters
        self.clock = clock
        self.health = health
        self.metrics = metrics
        faultRules = faults
        self.limits = limits
        self.logger = logger
        seats = WatcherSeats(limits.watchers)
    }
}
