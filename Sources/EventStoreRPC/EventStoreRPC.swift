package import Logging
package import SagaRuntime

/// The gRPC face of the event store: the services `eventstore.EventStore` and
/// `grpc.health.v1.Health` over an ``EventDoor``.
package struct EventStoreRPC: Sendable {
    let door: any EventDoor
    let clock: any SagaClock
    let limits: RPCLimits
    let logger: Logger
    let readiness: Readiness
    var timers = CallTimers()
    /// The unary calls in hand.
    let calls: Seats
    /// The answers of `GetEvents` that are being put together.
    let readers: Seats
    /// The streams that are open.
    let streams: Seats

    /// The services over that door.
    ///
    /// - Parameters:
    ///   - isReady: whether the daemon can take work: what health checks answer.
    package init(
        door: any EventDoor, clock: any SagaClock, isReady: @escaping @Sendable () async -> Bool,
        limits: RPCLimits, logger: Logger
    ) {
        self.door = door
        self.clock = clock
        self.limits = limits
        self.logger = logger
        readiness = Readiness(freshness: limits.healthFreshness, ask: isReady)
        calls = Seats(limits.calls)
        readers = Seats(limits.readers)
        streams = Seats(limits.streams)
    }
}
