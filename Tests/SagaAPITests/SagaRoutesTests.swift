import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private let identity = SagaIdentity(id: sagaID(1), name: "order", definitionVersion: 1, key: "o-1")
private let path = "/api/sagas/00000000-0000-000a-0000-000000000001"

/// A saga whose payment was compensated after its review was rejected.
private func rejectedState() -> SagaState {
    var state = SagaState(started: identity)
    state.version = 4
    state.status = .compensating
    var payment = StepState(phase: .completed, attempt: 2, commandID: sagaID(8))
    payment.outcome = "debited"
    payment.result = ["payment_id": "p-1"]
    payment.compensation = .running
    var approval = StepState(phase: .rejected, attempt: 1, commandID: sagaID(9))
    approval.outcome = "rejected"
    state.steps = ["approval": approval, "payment": payment]
    state.failure = Failure(step: "approval", kind: .outcome, outcome: "rejected")
    state.open = [
        OpenCommand(
            id: sagaID(10), path: "payment", kind: .compensation, subject: "payments.void",
            body: .document, originalID: sagaID(8), since: noon, dueAt: noon + .seconds(30),
            resendAt: noon + .seconds(30))
    ]
    return state
}

private let failure =
    #"{"step":"approval","kind":"outcome","outcome":"rejected","code":null,"message":null,"data":null,"reason":"approval: rejected"}"#
private let head =
    #""id":"00000000-0000-000a-0000-000000000001","saga":"order","version":1,"key":"o-1","status":"compensating""#
private let tail =
    #""failure":\#(failure),"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","ended_at":null,"journal_version":4"#

@Suite struct `One saga` {
    @Test func `is shown with its steps, open commands and failure`() async throws {
        let rig = Rig()
        rig.store.put(identity, state: rejectedState())
        let answer = try await rig.serve { try await $0.send("GET", path) }
        let steps =
            #"{"payment":{"state":"completed","outcome":"debited","result":{"payment_id":"p-1"},"attempt":2,"compensation":"running"},"approval":{"state":"rejected","outcome":"rejected","result":null,"attempt":1}}"#
        let open =
            #"[{"command_id":"00000000-0000-000a-0000-00000000000a","step":"payment","kind":"compensation","attempt":1,"sent_at":"2026-01-02T03:04:05Z","due_at":"2026-01-02T03:04:35Z"}]"#
        #expect(answer == .json(200, "{\(head),\"steps\":\(steps),\"open\":\(open),\(tail)}"))
    }

    @Test(arguments: ["/api/sagas/nope", "/api/sagas/00000000-0000-000a-0000-000000000002"])
    func `is a 404 where there is none`(path: String) async throws {
        let id = path.split(separator: "/")[2]
        let answers = try await Rig().serve { rig in
            [
                try await rig.send("GET", path), try await rig.send("GET", "\(path)/journal"),
                try await rig.send("GET", "\(path)/events"),
                try await rig.post("\(path)/cancel", #"{"by":"me","reason":"x"}"#),
            ]
        }
        let problem = RawResponse.problem(
            404, "unknown-saga", "No such saga",
            #""detail":"there is no saga with the id '\#(id)'""#)
        #expect(answers == Array(repeating: problem, count: 4))
    }

    @Test func `is a 500 with an id where its stored state cannot be read`() async throws {
        let rig = Rig()
        rig.store.put(identity, state: rejectedState())
        var record = try #require(try await rig.store.load([identity.id]).first)
        record.state = Array(#"{"format":99}"#.utf8)
        rig.store.put(record)
        let answer = try await rig.serve { try await $0.send("GET", path) }
        #expect(answer.status == 500)
        #expect(!answer.body.contains("format"))
        #expect(rig.log.all.count == 1)
    }
}

@Suite struct `A saga's history` {
    @Test func `is its journal as it is stored, oldest first`() async throws {
        let rig = Rig()
        rig.store.put(identity, state: rejectedState())
        rig.store.addJournal(identity.id, version: 1, #"{"version":1, "input":{"kind":"start"}}"#)
        rig.store.addJournal(identity.id, version: 2, #"{"version":2}"#)
        rig.store.addJournal(identity.id, version: 3, #"{"version":3}"#)
        let answers = try await rig.serve { rig in
            [
                try await rig.send("GET", "\(path)/journal"),
                try await rig.send("GET", "\(path)/journal?limit=2"),
                try await rig.send("GET", "\(path)/journal?limit=2&after=2"),
            ]
        }
        #expect(
            answers == [
                .json(
                    200,
                    #"{"items":[{"version":1, "input":{"kind":"start"}},{"version":2},{"version":3}],"after":null}"#
                ),
                .json(
                    200,
                    #"{"items":[{"version":1, "input":{"kind":"start"}},{"version":2}],"after":"2"}"#
                ),
                .json(200, #"{"items":[{"version":3}],"after":null}"#),
            ])
    }

    @Test func `is its aggregate's events, their data byte for byte`() async throws {
        let rig = Rig()
        rig.store.put(identity, state: rejectedState())
        rig.store.append("created", #"{"a" : 1.50}"#, to: identity)
        rig.store.append("noted", nil, key: "o-1")
        rig.store.append("noted", "", key: "o-1")
        let answer = try await rig.serve { try await $0.send("GET", "\(path)/events") }
        let first =
            #"{"id":"o-1-1","type":"ORDERS.created","aggregate_type":"order","aggregate_id":"o-1","version":1,"saga_id":"00000000-0000-000a-0000-000000000001","recorded_at":"2026-01-02T03:04:05Z","data":{"a" : 1.50}}"#
        let second =
            #"{"id":"o-1-2","type":"ORDERS.noted","aggregate_type":"order","aggregate_id":"o-1","version":2,"saga_id":null,"recorded_at":"2026-01-02T03:04:05Z","data":null}"#
        let third = second.replacing("o-1-2", with: "o-1-3")
            .replacing(#""version":2"#, with: #""version":3"#)
        #expect(answer == .json(200, #"{"items":[\#(first),\#(second),\#(third)],"after":null}"#))
    }

    @Test func `has no events where the definition has no aggregate`() async throws {
        let rig = Rig()
        let refund = SagaIdentity(id: sagaID(1), name: "refund", definitionVersion: 1, key: "r")
        rig.store.put(refund, state: SagaState(started: refund))
        let answer = try await rig.serve { try await $0.send("GET", "\(path)/events") }
        #expect(answer == .json(200, #"{"items":[],"after":null}"#))
    }

    @Test func `refuses parameters that it does not have`() async throws {
        let rig = Rig()
        rig.store.put(identity, state: rejectedState())
        let answer = try await rig.serve {
            try await $0.send("GET", "\(path)/journal?after=-1&limit=1001&page=2")
        }
        #expect(
            answer
                == .problem(
                    422, "invalid-query", "The query is not what is expected",
                    #""detail":"/page: is unknown: there is limit, after; /limit: must be a whole number from 1 to 1000, is '1001'; /after: is not what a list answered as 'after'","errors":[{"pointer":"/page","message":"is unknown: there is limit, after"},{"pointer":"/limit","message":"must be a whole number from 1 to 1000, is '1001'"},{"pointer":"/after","message":"is not what a list answered as 'after'"}]"#
                ))
    }
}

@Suite struct `A start of any saga` {
    private let started =
        #"{"id":"00000000-0000-000a-0000-000000000001","saga":"refund","version":1,"key":"o/1","status":"running","steps":{},"open":[],"failure":null,"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","ended_at":null,"journal_version":1}"#
    private let fields = [
        "location": path, "saga-id": "00000000-0000-000a-0000-000000000001",
    ]

    @Test func `answers 201 with the saga, and 200 where it was there already`() async throws {
        let rig = Rig()
        let answers = try await rig.serve { rig in
            [
                try await rig.post("/api/sagas/refund", "{}", ["Idempotency-Key": "k"]),
                try await rig.post("/api/sagas/refund", "{}", ["Idempotency-Key": "k"]),
            ]
        }
        #expect(answers == [.json(201, started, fields), .json(200, started, fields)])
        #expect(rig.door.starts.map(\.definition) == ["refund", "refund"])
    }

    @Test func `is a 404 for an unknown definition, which names those that are known`() async throws
    {
        let rig = Rig()
        let answer = try await rig.serve { try await $0.post("/api/sagas/refnd", "{}") }
        #expect(
            answer
                == .problem(
                    404, "unknown-definition", "No such definition",
                    #""detail":"there is no definition 'refnd': there is note, order, refund""#))
        #expect(rig.door.starts.isEmpty)
    }

    @Test func `has the key that the caller chose, where the definition computes none`()
        async throws
    {
        let rig = Rig()
        let (chosen, empty, unknown) = try await rig.serve { rig in
            (
                try await rig.post("/api/sagas/refund?key=r%2F1", "{}"),
                try await rig.post("/api/sagas/refund?key=", "{}"),
                try await rig.post("/api/sagas/refund?kye=r", "{}")
            )
        }
        #expect([chosen.status, empty.status, unknown.status] == [201, 422, 422])
        #expect(rig.door.starts.map(\.key) == ["r/1"])
    }

    @Test func `refuses a key where the definition computes it`() async throws {
        let rig = Rig()
        var keyed = Definitions.refund
        keyed.key = .literal("k")
        rig.door.catalog.replace(
            entries: [.init(definition: keyed, hash: [])], offered: [keyed], active: nil)
        let answer = try await rig.serve { try await $0.post("/api/sagas/refund?key=r", "{}") }
        #expect(answer.status == 422)
        #expect(answer.body.contains("is not for 'refund', which computes its keys"))
        #expect(rig.door.starts.isEmpty)
    }

    @Test func `is a 409 where the key is taken`() async throws {
        let rig = Rig()
        rig.door.failStarts(StartProblem.keyTaken(key: "o-1", sagaID(7)))
        let answer = try await rig.serve { try await $0.post("/api/sagas/refund", "{}") }
        #expect(answer.status == 409)
    }

    @Test func `takes no bare text where the definition has an intake`() async throws {
        let rig = Rig()
        let (order, refund) = try await rig.serve { rig in
            (
                try await rig.post("/api/sagas/order", #""x""#),
                try await rig.post("/api/sagas/refund", #""x""#)
            )
        }
        #expect(order.status == 422)
        #expect(refund.status == 201)
        #expect(rig.door.starts.map(\.body) == ["x"])
    }
}
