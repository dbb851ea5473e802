import LoadClient
import SagaCore
import Testing

/// What a caller is told whose request cannot be taken.
@Suite(.timeLimit(.minutes(5))) struct `A request that cannot be taken` {
    /// A request, and the problem that answers it.
    private struct Case {
        var name: String
        var request: HTTPRequest
        var status: Int
        var problem: String
        /// What the problem says besides.
        var says: [String] = []
    }

    private static let order = Order(
        .approved, items: [Order.Item("Soup", cents: 450)], customer: "c-1", restaurant: "r-1",
        idempotencyKey: "once")

    private static func post(
        _ body: String, type: String = "application/json", to target: String = "/api/orders",
        key: String? = nil
    ) -> HTTPRequest {
        let key = key.map { [("Idempotency-Key", $0)] } ?? []
        return HTTPRequest(
            "POST", target, fields: [("Content-Type", type)] + key, body: Array(body.utf8))
    }

    private static var cases: [Case] {
        let body = order.body.jsonText
        return [
            Case(
                name: "a body that is not JSON", request: post("{\"customer_id\": oops}"),
                status: 400, problem: "not-json", says: ["\"line\":1", "\"column\":17"]),
            Case(
                name: "a body that breaks the schema",
                request: post(body.replacing("\"quantity\":1", with: "\"quantity\":0")),
                status: 422, problem: "invalid-body", says: ["/order_items/0/quantity"]),
            Case(
                name: "a body of 10 MB",
                request: post(
                    "{\"customer_id\":\"\(String(repeating: "c", count: 10_000_000))\"}"),
                status: 413, problem: "body-too-large"),
            Case(
                name: "a body of another content type", request: post(body, type: "text/plain"),
                status: 415, problem: "unsupported-media-type"),
            Case(
                name: "an unknown route", request: post(body, to: "/api/odrers"), status: 404,
                problem: "unknown-route"),
            Case(
                name: "a used idempotency key with another body",
                request: post(
                    body.replacing("Soup", with: "Cake"), key: order.idempotencyKey),
                status: 422, problem: "idempotency-mismatch"),
        ]
    }

    @Test func `is answered by a problem, and nothing is stored`() async throws {
        try await Site.run("requests") { site in
            let daemon = try site.dev()
            try await daemon.startReady(within: Site.patience)
            let caller = Caller(port: daemon.port)
            let first = try await caller.call(Self.order.request(fields: [("Prefer", "wait=30")]))
            try #require(first.status == 201, "\(first.text)")
            let before = try await caller.call(.get("/api/sagas?limit=1000"))
            for one in Self.cases { try await check(one, caller) }
            let after = try await caller.call(.get("/api/sagas?limit=1000"))
            #expect(after.text == before.text)
            #expect(try after.json()["items"]?.elements?.count == 1)
            #expect(await daemon.stop() == .status(0))
        }
    }

    private func check(_ one: Case, _ caller: Caller) async throws {
        let response = try await caller.call(one.request)
        let what: Comment = "\(one.name): \(response.text.prefix(300))"
        #expect(response.status == one.status, what)
        #expect(response.field("content-type") == "application/problem+json", what)
        let problem = try response.json()
        #expect(problem["type"]?.text == "urn:sagad:problem:\(one.problem)", what)
        #expect(problem["status"] == .double(Double(one.status)), what)
        #expect(problem["title"]?.text?.isEmpty == false, what)
        for text in one.says { #expect(response.text.contains(text), what) }
    }
}
