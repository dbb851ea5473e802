import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /`: the routes, those of the definitions included.
    func index() -> Response {
        var routes: [(String, String)] = []
        for entry in door.catalog.offered where entry.definition.intake != nil {
            routes.append(("POST", entry.intakePath))
            if entry.definition.aggregate != nil { routes.append(("GET", entry.intakePath)) }
            routes.append(("GET", "\(entry.intakePath)/{key}"))
        }
        routes += Self.fixedRoutes
        let values = routes.map { method, path in
            Value.map(Members([("method", .string(method)), ("path", .string(path))]))
        }
        let index = Members([("name", "sagad"), ("routes", .list(values))])
        return Answer.bytes(Value.map(index).jsonBytes)
    }

    private static let fixedRoutes = [
        ("POST", "/api/sagas/{name}"), ("GET", "/api/sagas"), ("GET", "/api/sagas/{id}"),
        ("GET", "/api/sagas/{id}/input"), ("GET", "/api/sagas/{id}/journal"),
        ("GET", "/api/sagas/{id}/events"),
        ("GET", "/api/sagas/{id}/compensation-plan"), ("GET", "/api/sagas/{id}/watch"),
        ("GET", "/api/watch"),
        ("POST", "/api/sagas/{id}/cancel"), ("POST", "/api/sagas/{id}/retry"),
        ("POST", "/api/sagas/{id}/settle"), ("POST", "/api/sagas/{id}/steps/{path}/outcome"),
        ("POST", "/api/sagas:bulk"), ("GET", "/api/tasks"), ("GET", "/api/debt"),
        ("GET", "/api/dead-letters"),
        ("POST", "/api/dead-letters/{id}/retry"), ("GET", "/api/cluster"),
        ("GET", "/api/faults"), ("POST", "/api/faults"), ("DELETE", "/api/faults/{name}"),
        ("GET", "/api/definitions"),
        ("GET", "/api/definitions/{name}"), ("GET", "/api/definitions/{name}/graph"),
        ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
    ]

    /// `GET /readyz`.
    func readiness() async -> Response {
        let report = await health()
        var checks = Members()
        for check in report.checks {
            checks[check.name] = .map(
                Members([
                    ("status", check.isUp ? "up" : "down"), ("detail", .string(check.detail)),
                ]))
        }
        if let views = report.views {
            checks["views"] = .map(
                Members([
                    ("status", .string(views.state.rawValue)),
                    ("lag_ms", .double(Double(views.lag.microseconds / 1000))),
                ]))
        }
        let document = Members([
            ("status", report.isReady ? "ready" : "not-ready"), ("checks", .map(checks)),
        ])
        return Answer.bytes(
            Value.map(document).jsonBytes, status: report.isReady ? .ok : .serviceUnavailable)
    }
}
