import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private func identity(_ number: UInt64, _ name: String = "order") -> SagaIdentity {
    SagaIdentity(id: sagaID(number), name: name, definitionVersion: 1, key: "o-\(number)")
}

/// Three sagas: one runs, one is stuck at its payment, one is stuck at two steps.
private func rig() -> Rig {
    let rig = Rig()
    func put(_ number: UInt64, stuck: [NodePath]) {
        var state = SagaState(started: identity(number))
        for path in stuck {
            state.status = .stuck
            state.steps[path] = StepState(phase: .stuck)
        }
        rig.store.put(
            identity(number), input: ["customer_id": .string("Customer-\(number)")], state: state,
            startedAt: noon + .seconds(-Int64(number)))
    }
    put(1, stuck: [])
    put(2, stuck: ["payment"])
    put(3, stuck: ["payment", "approval"])
    return rig
}

private func item(_ number: UInt64, _ status: String, _ result: String, _ detail: String?) -> String
{
    let detail = detail.map { "\"\($0)\"" } ?? "null"
    return
        #"{"id":"\#(sagaID(number))","saga":"order","key":"o-\#(number)","status":"\#(status)","result":"\#(result)","detail":\#(detail)}"#
}

private let ambiguous =
    "/step: is required unless exactly one step needs an operator: here it is approval, payment"

@Suite struct `An action on many sagas` {
    @Test func `reaches each that the filter means, and tells what came of each`() async throws {
        let rig = rig()
        let answer = try await rig.serve {
            try await $0.post(
                "/api/sagas:bulk",
                #"{"action":"retry","filter":{"status":["stuck"]},"reason":"bank is back","by":"ada"}"#
            )
        }
        let items = [
            item(2, "stuck", "done", nil), item(3, "stuck", "invalid-body", ambiguous),
        ]
        #expect(
            answer == .json(200, #"{"items":[\#(items.joined(separator: ","))],"after":null}"#))
        let action = OperatorAction(by: "ada", reason: "bank is back")
        #expect(rig.door.inputs == [.retry("payment", body: nil, action)])
        var query = SagaQuery()
        query.statuses = [.stuck]
        #expect(rig.store.queries == [query])
    }

    @Test func `tells in a dry run what would come of it, and does nothing`() async throws {
        let rig = rig()
        let answer = try await rig.serve {
            try await $0.post(
                "/api/sagas:bulk",
                #"{"action":"retry","filter":{"saga":"order"},"step":"payment","limit":2,"dry_run":true,"reason":"r","by":"ada"}"#
            )
        }
        let body = try Value(json: answer.body)
        let results = (body["items"]?.elements ?? []).map { $0["result"]?.text }
        #expect(answer.status == 200)
        #expect(results == ["action-refused", "possible"])
        #expect(body["after"]?.text != nil)
        #expect(rig.door.inputs == [])
    }

    @Test func `means what has not ended where it names no status`() async throws {
        let rig = rig()
        _ = try await rig.serve {
            try await $0.post(
                "/api/sagas:bulk",
                #"{"action":"cancel","filter":{"q":"CUSTOMER-1"},"reason":"r","by":"ada"}"#)
        }
        #expect(rig.store.queries.map(\.statuses) == [[.running, .compensating, .stuck]])
        #expect(rig.door.inputs == [.cancel(OperatorAction(by: "ada", reason: "r"))])
    }

    @Test(arguments: [
        (#"{"action":"drop","filter":{"saga":"order"}}"#, ["/action"]),
        (#"{"action":"cancel","filter":{},"reason":"r","by":"ada"}"#, ["/filter"]),
        (#"{"action":"cancel","reason":"r","by":"ada"}"#, ["/filter"]),
        (#"{"action":"cancel","filter":{"saga":"order"}}"#, ["/reason", "/by"]),
        (
            #"{"action":"cancel","filter":{"stauts":"stuck","since":"now"},"reason":"r","by":"a"}"#,
            ["/filter/stauts", "/filter/since"]
        ),
        (#"{"action":"cancel","filter":{"key":7},"reason":"r","by":"a"}"#, ["/filter/key"]),
        (
            #"{"action":"cancel","filter":{"key":"a"},"limit":0,"reason":"r","by":"a"}"#,
            ["/limit"]
        ),
        (
            #"{"action":"cancel","filter":{"key":"a"},"dry_run":"no","reason":"r","by":"a"}"#,
            ["/dry_run"]
        ),
        (
            #"{"action":"settle","filter":{"key":"a"},"reason":"r","by":"a"}"#,
            ["/body"]
        ),
    ])
    func `with a mistake is a problem that names its place`(
        body: String, pointers: [String]
    ) async throws {
        let rig = rig()
        let answer = try await rig.serve { try await $0.post("/api/sagas:bulk", body) }
        let errors = try Value(json: answer.body)["errors"]?.elements ?? []
        #expect(answer.status == 422)
        #expect(errors.compactMap { $0["pointer"]?.text } == pointers)
        #expect(rig.door.inputs == [])
    }
}

@Suite struct `A list of sagas` {
    private func keys(_ query: String) async throws -> [String] {
        let answer = try await rig().serve { try await $0.send("GET", "/api/sagas?\(query)") }
        try #require(answer.status == 200, "\(answer)")
        let items = try Value(json: answer.body)["items"]?.elements ?? []
        return items.compactMap { $0["key"]?.text }
    }

    @Test(arguments: [
        ("step=payment", ["o-2", "o-3"]), ("step=approval", ["o-3"]), ("step=shipping", []),
        ("q=customer-2", ["o-2"]), ("q=O-3", ["o-3"]), ("q=order", ["o-1", "o-2", "o-3"]),
        ("step=payment&q=CUSTOMER-3", ["o-3"]), ("step=payment&limit=1", ["o-2"]),
    ])
    func `may be of those at a step, or with a text`(
        query: String, expected: [String]
    ) async throws {
        #expect(try await keys(query) == expected)
    }

    @Test func `goes on where the page before ended`() async throws {
        let rig = rig()
        let (first, second) = try await rig.serve { rig in
            let first = try await rig.send("GET", "/api/sagas?step=payment&limit=1")
            let after = try Value(json: first.body)["after"]?.text ?? ""
            return (
                first, try await rig.send("GET", "/api/sagas?step=payment&limit=1&after=\(after)")
            )
        }
        #expect(first.body.contains(#""key":"o-2""#))
        #expect(second.body.contains(#""key":"o-3""#))
    }

    @Test func `looks through no more sagas than its limit, and says where to go on`()
        async throws
    {
        var limits = APILimits()
        limits.listScan = 1
        let rig = Rig(limits: limits)
        for number in 1...501 {
            let identity = identity(UInt64(number))
            rig.store.put(
                identity, state: SagaState(started: identity),
                startedAt: noon + .seconds(-Int64(number)))
        }
        let answer = try await rig.serve { try await $0.send("GET", "/api/sagas?q=o-501") }
        let page = try Value(json: answer.body)
        #expect(page["items"] == [])
        #expect(page["after"]?.text != nil)
        #expect(rig.store.queries.count == 1)
    }
}
