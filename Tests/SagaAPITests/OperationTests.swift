import HTTPTypes
import Metrics
import SagaCore
import SagaRuntime
import Synchronization
import Testing

@testable import SagaAPI

@Suite struct `The routes of operation` {
    @Test func `tell that the process lives`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/healthz") }
        #expect(answer == .json(200, #"{"status":"alive"}"#))
    }

    @Test func `tell that it is ready, and what each part says`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/readyz") }
        #expect(
            answer
                == .json(
                    200,
                    #"{"status":"ready","checks":{"database":{"status":"up","detail":"PostgreSQL 15"},"nats":{"status":"up","detail":"connected"}}}"#
                ))
    }

    @Test func `tell with 503 that it is not ready`() async throws {
        let health = HealthReport(
            database: .init(name: "database", isUp: false, detail: "connection refused"),
            nats: .init(name: "nats", isUp: true, detail: "connected"))
        let answer = try await Rig(health: health).serve { try await $0.send("GET", "/readyz") }
        #expect(
            answer
                == .json(
                    503,
                    #"{"status":"not-ready","checks":{"database":{"status":"down","detail":"connection refused"},"nats":{"status":"up","detail":"connected"}}}"#
                ))
    }

    @Test(arguments: ViewsStatus.State.allCases)
    func `tell how the views stand, and are ready all the same`(
        state: ViewsStatus.State
    ) async throws {
        let health = HealthReport(
            database: .init(name: "database", isUp: true, detail: "d"),
            nats: .init(name: "nats", isUp: true, detail: "n"),
            views: ViewsStatus(state: state, lag: .milliseconds(1250)))
        let answer = try await Rig(health: health).serve { try await $0.send("GET", "/readyz") }
        #expect(
            answer
                == .json(
                    200,
                    #"{"status":"ready","checks":{"database":{"status":"up","detail":"d"},"nats":{"status":"up","detail":"n"},"views":{"status":"\#(state.rawValue)","lag_ms":1250}}}"#
                ))
    }

    @Test func `give the metrics as Prometheus reads them`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/metrics") }
        #expect(
            answer == RawResponse(200, ["content-type": "text/plain; version=0.0.4"], "up 1\n"))
    }

    @Test func `list the definitions`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/api/definitions") }
        let items = [
            #"{"name":"note","version":2,"description":null,"intake":"/api/notes","hash":"0aff"}"#,
            #"{"name":"order","version":1,"description":"Take the payment, then approve.","intake":"/api/orders","hash":"0aff"}"#,
            #"{"name":"refund","version":1,"description":null,"intake":null,"hash":"0aff"}"#,
        ]
        #expect(
            answer == .json(200, #"{"items":[\#(items.joined(separator: ","))],"after":null}"#))
    }

    @Test func `list the routes`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/") }
        let index = try Value(json: answer.body)
        let routes = (index["routes"]?.elements ?? []).map {
            "\($0["method"]?.text ?? "") \($0["path"]?.text ?? "")"
        }
        #expect(answer.status == 200)
        #expect(index["name"] == "sagad")
        #expect(
            routes == [
                "POST /api/notes", "GET /api/notes/{key}", "POST /api/orders",
                "GET /api/orders", "GET /api/orders/{key}", "POST /api/sagas/{name}",
                "GET /api/sagas",
                "GET /api/sagas/{id}", "GET /api/sagas/{id}/input", "GET /api/sagas/{id}/journal",
                "GET /api/sagas/{id}/events",
                "GET /api/sagas/{id}/compensation-plan", "GET /api/sagas/{id}/watch",
                "GET /api/watch",
                "POST /api/sagas/{id}/cancel", "POST /api/sagas/{id}/retry",
                "POST /api/sagas/{id}/settle", "POST /api/sagas/{id}/steps/{path}/outcome",
                "POST /api/sagas:bulk", "GET /api/tasks", "GET /api/debt", "GET /api/dead-letters",
                "POST /api/dead-letters/{id}/retry", "GET /api/cluster", "GET /api/faults",
                "POST /api/faults", "DELETE /api/faults/{name}", "GET /api/definitions",
                "GET /api/definitions/{name}", "GET /api/definitions/{name}/graph",
                "GET /healthz", "GET /readyz", "GET /metrics",
            ])
    }

    @Test(arguments: ["/", "/healthz", "/readyz", "/metrics", "/api/definitions", "/api/sagas"])
    func `answer HEAD as GET without the body`(path: String) async throws {
        let (head, get) = try await Rig().serve { rig in
            (try await rig.send("HEAD", path), try await rig.send("GET", path))
        }
        #expect(head.status == get.status)
        #expect(head.fields == get.fields)
        #expect(head.body == "")
    }
}

@Suite struct `The timers of requests` {
    @Test func `are kept by route, method and status`() async throws {
        let kept = KeptTimers()
        var rig = Rig()
        rig.api.timers = RequestTimers(factory: kept)
        try await rig.serve { rig in
            _ = try await rig.post("/api/orders", "{}")
            _ = try await rig.post("/api/orders", "nope")
            _ = try await rig.send("GET", "/api/orders/o-9")
            _ = try await rig.send("GET", "/api/sagas/nope/journal")
            _ = try await rig.send("PURGE", "/nowhere/at/all")
            _ = try await rig.send("GET", "/healthz")
            _ = try await rig.send("GET", "/healthz")
        }
        #expect(
            kept.counts == [
                "route=/api/orders method=POST status=201": 1,
                "route=/api/orders method=POST status=400": 1,
                "route=/api/orders/{key} method=GET status=404": 1,
                "route=/api/sagas/{id}/journal method=GET status=404": 1,
                "route=none method=other status=404": 1,
                "route=/healthz method=GET status=200": 2,
            ])
    }
}

/// Counts what timers recorded.
private final class KeptTimers: MetricsFactory {
    private let recorded = Mutex<[String: Int]>([:])
    var counts: [String: Int] { recorded.withLock { $0 } }

    private final class KeptTimer: TimerHandler {
        let record: @Sendable () -> Void
        init(record: @escaping @Sendable () -> Void) { self.record = record }
        func recordNanoseconds(_ duration: Int64) { record() }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        #expect(label == "sagad_http_request_duration_seconds")
        let series = dimensions.map { "\($0)=\($1)" }.joined(separator: " ")
        return KeptTimer { [weak self] in self?.recorded.withLock { $0[series, default: 0] += 1 } }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        NOOPMetricsHandler.instance
    }
    func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { NOOPMetricsHandler.instance }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
