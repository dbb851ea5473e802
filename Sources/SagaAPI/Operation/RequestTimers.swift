import HTTPTypes
import Metrics
import Synchronization

/// How long requests take, by route, method and status: the timer `sagad_http_request_duration_seconds`.
///
/// A final class because the timers are shared by all requests; each is made once.
final class RequestTimers: Sendable {
    /// The timer's label.
    static let label = "sagad_http_request_duration_seconds"

    private struct Series: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private let timers = Mutex<[Series: Timer]>([:])
    /// Makes the timers; nil is the one that the process was set up with by the first request.
    private let factory: (any MetricsFactory)?

    init(factory: (any MetricsFactory)? = nil) { self.factory = factory }

    func record(
        _ duration: Duration, route: String, method: HTTPRequest.Method, status: Int
    ) {
        let series = Series(route: route, method: Self.name(of: method), status: status)
        let timer = timers.withLock { timers in
            if let timer = timers[series] { return timer }
            let timer = Timer(
                label: Self.label,
                dimensions: [
                    ("route", series.route), ("method", series.method),
                    ("status", String(status)),
                ], factory: factory ?? MetricsSystem.factory)
            timers[series] = timer
            return timer
        }
        timer.record(duration: duration)
    }

    /// The method, or `other` for those that no route takes, so that callers cannot make series.
    private static func name(of method: HTTPRequest.Method) -> String {
        switch method {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        default: "other"
        }
    }
}
