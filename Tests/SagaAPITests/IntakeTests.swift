import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private let sagaFields = [
    "location": "/api/orders/o%2F1", "saga-id": "00000000-0000-000a-0000-000000000001",
]
private let pending = #"{"customer_id":"c-1","order_id":"o/1","status":"Pending"}"#

@Suite struct `A POST to an intake` {
    @Test func `answers 201 with the document, where it is, and the saga's id`() async throws {
        let rig = Rig()
        let answer = try await rig.serve {
            try await $0.post("/api/orders", #"{"customer_id": "c-1"}"#)
        }
        #expect(answer == .json(201, pending, sagaFields))
        let start = try #require(rig.door.starts.first)
        #expect(start.definition == "order")
        #expect(start.body == ["customer_id": "c-1"])
        #expect(start.digest == SHA256.digest(of: Array(#"{"customer_id": "c-1"}"#.utf8)))
        #expect(start.idempotencyKey == nil)
    }

    @Test(arguments: [
        "application/json; charset=utf-8", "Application/JSON", "application/vnd.shop+json",
        "application/json;charset=\"UTF-8\"",
    ])
    func `takes every JSON content type`(type: String) async throws {
        let answer = try await Rig().serve {
            try await $0.post("/api/orders", #"{"customer_id":"c-1"}"#, ["Content-Type": type])
        }
        #expect(answer == .json(201, pending, sagaFields))
    }

    @Test func `is found although its definition came while the server runs`() async throws {
        let rig = Rig()
        try await rig.serve { rig in
            let later = SagaDefinition(
                name: "later", version: 1, intake: Intake(path: "/shop/later"), nodes: [])
            let before = try await rig.post("/shop/later", "{}")
            #expect(before.status == 404)
            rig.door.catalog.replace(
                entries: [.init(definition: later, hash: [])], offered: [later], active: nil)
            let after = try await rig.post("/shop/later", "{}")
            #expect(after.status == 201)
            let gone = try await rig.post("/api/orders", "{}")
            #expect(gone.status == 404)
        }
    }

    @Test func `answers a repeated Idempotency-Key as it did the first time`() async throws {
        let rig = Rig()
        let (first, second) = try await rig.serve { rig in
            let key = ["Idempotency-Key": "k-1"]
            let body = #"{"customer_id":"c-1"}"#
            return (
                try await rig.post("/api/orders", body, key),
                try await rig.post("/api/orders", body, key)
            )
        }
        #expect(first == .json(201, pending, sagaFields))
        #expect(second == first)
        #expect(rig.door.starts.map(\.idempotencyKey) == ["k-1", "k-1"])
    }

    @Test func `passes 400 for an Idempotency-Key that is too long`() async throws {
        let rig = Rig()
        let answer = try await rig.serve {
            try await $0.post(
                "/api/orders", "{}", ["Idempotency-Key": String(repeating: "k", count: 256)])
        }
        #expect(
            answer
                == .problem(
                    400, "invalid-header", "A header has an unusable value",
                    #""detail":"Idempotency-Key: expected 1 to 255 bytes, found 256""#))
        #expect(rig.door.starts.isEmpty)
    }
}

@Suite struct `A POST with Prefer wait` {
    @Test func `answers with the folded document once the saga has ended`() async throws {
        let rig = Rig()
        rig.door.whenWaiting { [store = rig.store] id, until in
            #expect(id == sagaID(1))
            #expect(until == noon + .seconds(5))
            store.append("approved", #"{"status":"Approved","note":null}"#, key: "o/1")
        }
        let answer = try await rig.serve {
            try await $0.post(
                "/api/orders", #"{"customer_id":"c-1","note":"x"}"#,
                ["Prefer": "respond-async, wait=5"])
        }
        let document = #"{"customer_id":"c-1","order_id":"o/1","status":"Approved"}"#
        #expect(
            answer
                == .json(
                    201, document, sagaFields.merging(["preference-applied": "wait=5"]) { $1 }))
    }

    @Test func `waits no longer than the limit`() async throws {
        let rig = Rig()
        rig.door.whenWaiting { _, until in #expect(until == noon + .seconds(60)) }
        let answer = try await rig.serve {
            try await $0.post("/api/orders", "{}", ["Prefer": "wait=3600"])
        }
        #expect(answer.fields["preference-applied"] == "wait=60")
    }

    @Test func `is answered although the wait fails, since the saga is durable`() async throws {
        let rig = Rig()
        rig.door.whenWaiting { [store = rig.store] _, _ in
            store.fail(.unavailable)
            throw StoreError(.unavailable, "away")
        }
        let answer = try await rig.serve {
            try await $0.post("/api/orders", #"{"customer_id":"c-1"}"#, ["Prefer": "wait=1"])
        }
        #expect(answer == .json(201, pending, sagaFields))
    }

    @Test func `ignores a preference that it cannot read`() async throws {
        let rig = Rig()
        rig.door.whenWaiting { _, _ in Issue.record("nothing is waited for") }
        let answer = try await rig.serve {
            try await $0.post("/api/orders", #"{"customer_id":"c-1"}"#, ["Prefer": "wait=soon"])
        }
        #expect(answer == .json(201, pending, sagaFields))
    }
}

/// A body or its headers, and the problem that it is.
struct BadPost: Sendable, CustomTestStringConvertible {
    var name: String
    var body: String
    var fields: [String: String] = [:]
    var answer: RawResponse
    var testDescription: String { name }
}

private let invalid = "The body is not what is expected"
private let badPosts = [
    BadPost(
        name: "not JSON", body: "{\"customer_id\":\n  nope}",
        answer: .problem(
            400, "not-json", "The body is not JSON",
            #""detail":"expected 'null', found 'n' (line 2, column 3)","line":2,"column":3"#)),
    BadPost(
        name: "no body", body: "",
        answer: .problem(
            400, "not-json", "The body is not JSON",
            #""detail":"expected a value, found the end of the text (line 1, column 1)","line":1,"column":1"#
        )),
    BadPost(
        name: "no UTF-8 and no JSON", body: "\u{0}\u{1}",
        answer: .problem(
            400, "not-json", "The body is not JSON",
            #""detail":"expected a value, found the byte 0x0 (line 1, column 1)","line":1,"column":1"#
        )),
    BadPost(
        name: "a whole number that a double cannot hold", body: #"{"n":9007199254740993}"#,
        answer: .problem(
            400, "not-json", "The body is not JSON",
            #""detail":"the whole number 9007199254740993 does not fit a double exactly: send it as text (line 1, column 6)","line":1,"column":6"#
        )),
    BadPost(
        name: "no object", body: "[1]",
        answer: .problem(
            422, "invalid-body", invalid,
            #""detail":"/: must be an object, is a list","errors":[{"pointer":"","message":"must be an object, is a list"}]"#
        )),
    BadPost(
        name: "text", body: "{}", fields: ["Content-Type": "text/plain"],
        answer: .problem(
            415, "unsupported-media-type", "The body is not sent as JSON",
            #""detail":"Content-Type 'text/plain': send JSON as application/json""#)),
    BadPost(
        name: "another charset", body: "{}",
        fields: ["Content-Type": "application/json; charset=latin1"],
        answer: .problem(
            415, "unsupported-media-type", "The body is not sent as JSON",
            #""detail":"Content-Type 'application/json; charset=latin1': send JSON as application/json""#
        )),
    BadPost(
        name: "compressed", body: "{}", fields: ["Content-Encoding": "gzip"],
        answer: .problem(
            415, "unsupported-media-type", "The body is not sent as JSON",
            #""detail":"Content-Encoding 'gzip': send the body uncompressed""#)),
    BadPost(
        name: "too large", body: "{\"a\":\"" + String(repeating: "a", count: 600) + "\"}",
        answer: .problem(
            413, "body-too-large", "The body is too large",
            #""detail":"a body may have at most 512 bytes""#)),
]

@Suite struct `A POST that cannot be taken` {
    @Test(arguments: badPosts)
    func `is a problem document, and nothing starts`(bad: BadPost) async throws {
        let rig = Rig(limits: APILimits(bodyBytes: 512))
        let answer = try await rig.serve { try await $0.post("/api/orders", bad.body, bad.fields) }
        #expect(answer == bad.answer)
        #expect(rig.door.starts.isEmpty)
    }

    @Test func `is 415 without a content type`() async throws {
        let answer = try await Rig().serve { try await $0.send("POST", "/api/orders", body: "{}") }
        #expect(
            answer
                == .problem(
                    415, "unsupported-media-type", "The body is not sent as JSON",
                    #""detail":"no Content-Type: send JSON as application/json""#))
    }
}

/// What the door says, and the problem that it is.
struct RefusedStart: Sendable, CustomTestStringConvertible {
    var name: String
    var problem: StartProblem
    var answer: RawResponse
    var testDescription: String { name }
}

private let refusedStarts = [
    RefusedStart(
        name: "a schema is broken",
        problem: .refused(
            .invalidInput([
                SchemaViolation(pointer: "/a", message: "must be text, is a number"),
                SchemaViolation(pointer: "", message: "must have 'b'"),
            ])),
        answer: .problem(
            422, "invalid-body", invalid,
            #""detail":"/a: must be text, is a number; /: must have 'b'","errors":[{"pointer":"/a","message":"must be text, is a number"},{"pointer":"","message":"must have 'b'"}]"#
        )),
    RefusedStart(
        name: "a member has no value",
        problem: .refused(.notComputable(["amount": "no such key: quantity"])),
        answer: .problem(
            422, "not-computable", "The definition cannot compute the document",
            #""detail":"/amount: no such key: quantity","errors":[{"pointer":"/amount","message":"no such key: quantity"}]"#
        )),
    RefusedStart(
        name: "another body came with the idempotency key", problem: .idempotencyMismatch("k-1"),
        answer: .problem(
            422, "idempotency-mismatch", "The idempotency key was used for another body",
            #""detail":"the Idempotency-Key 'k-1' came before with another body: use a new key for another request""#
        )),
    RefusedStart(
        name: "the key is taken", problem: .keyTaken(key: "o-1", sagaID(7)),
        answer: .problem(
            409, "key-taken", "The key is taken",
            #""detail":"a saga has the key 'o-1' already, with another input","saga_id":"00000000-0000-000a-0000-000000000007""#
        )),
    RefusedStart(
        name: "too much is waiting", problem: .overloaded(retryAfter: .milliseconds(1500)),
        answer: .problem(
            503, "overloaded", "Too much is waiting",
            #""detail":"too many requests are waiting: try again later""#, ["retry-after": "2"])),
    RefusedStart(
        name: "the store is away", problem: .unavailable("db.internal", retryAfter: .zero),
        answer: .problem(
            503, "unavailable", "The store or the broker is away",
            #""detail":"the store does not answer: try again later""#, ["retry-after": "1"])),
    RefusedStart(
        name: "the definition went away meanwhile",
        problem: .unknownDefinition("order", known: ["refund"]),
        answer: .problem(
            404, "unknown-definition", "No such definition",
            #""detail":"there is no definition 'order': there is refund""#)),
]

@Suite struct `A start that the door refuses` {
    @Test(arguments: refusedStarts)
    func `is a problem document`(refused: RefusedStart) async throws {
        let rig = Rig()
        rig.door.failStarts(refused.problem)
        let answer = try await rig.serve { try await $0.post("/api/orders", "{}") }
        #expect(answer == refused.answer)
        #expect(rig.log.all.isEmpty)
    }

    @Test func `is a 500 without internals where the fault is unexpected`() async throws {
        let rig = Rig()
        rig.door.failStarts(StoreError(.unexpected, "password secret at db.internal"))
        let answer = try await rig.serve { try await $0.post("/api/orders", "{}") }
        let document = try Value(json: answer.body)
        let instance = try #require(document["instance"]?.text)
        #expect(
            answer
                == .problem(
                    500, "unexpected", "Something went wrong here",
                    #""detail":"an unexpected fault: the daemon's log has it under this id","instance":"\#(instance)""#
                ))
        #expect(instance.hasPrefix("urn:uuid:"))
        let id = instance.dropFirst(9)
        #expect(
            rig.log.all == [
                "a request failed error=password secret at db.internal id=\(id) route=/api/orders"
            ])
    }
}
