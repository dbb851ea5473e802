import GRPCCore
import Metrics
import Synchronization

/// How long calls take, by method and status: the timer `sagad_grpc_request_duration_seconds`.
///
/// A final class because the timers are shared by all calls; each is made once.
final class CallTimers: Sendable {
    /// The timer's label.
    static let label = "sagad_grpc_request_duration_seconds"

    private struct Series: Hashable {
        var method: MethodDescriptor
        var status: String
    }

    private let timers = Mutex<[Series: Metrics.Timer]>([:])
    /// Makes the timers; nil is the one that the process was set up with by the first call.
    private let factory: (any MetricsFactory)?

    init(factory: (any MetricsFactory)? = nil) { self.factory = factory }

    func record(_ duration: Duration, method: MethodDescriptor, status: String) {
        let series = Series(method: method, status: status)
        let timer = timers.withLock { timers in
            if let timer = timers[series] { return timer }
            let timer = Metrics.Timer(
                label: Self.label,
                dimensions: [("method", method.fullyQualifiedMethod), ("status", status)],
                factory: factory ?? MetricsSystem.factory)
            timers[series] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}
