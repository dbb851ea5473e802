import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

@Suite struct `The document of a key` {
    @Test func `is the fold of its events in the order of their versions`() async throws {
        let rig = Rig()
        rig.store.append(
            "created", #"{"order_id":"o-1","status":"Pending","a":{"b":1,"c":2}}"#, key: "o-1")
        rig.store.append(
            "paymentdebited", #"{"status":"PaymentDebited","a":{"b":null}}"#, key: "o-1")
        rig.store.append("noted", nil, key: "o-1")
        rig.store.append("noted", "[1]", key: "o-1")
        rig.store.append("noted", "", key: "o-1")
        rig.store.append("approved", #"{"status":"Approved"}"#, key: "o-1")
        rig.store.append("approved", #"{"status":"Of another key"}"#, key: "o-2")
        let answer = try await rig.serve { try await $0.send("GET", "/api/orders/o-1") }
        #expect(
            answer
                == .json(
                    200, #"{"order_id":"o-1","status":"Approved","a":{"c":2}}"#, ["etag": "\"6\""]))
    }

    @Test func `is folded over more than one page of events`() async throws {
        let rig = Rig()
        for number in 1...600 { rig.store.append("noted", #"{"n":\#(number)}"#, key: "o-1") }
        let answer = try await rig.serve { try await $0.send("GET", "/api/orders/o-1") }
        #expect(answer == .json(200, #"{"n":600}"#, ["etag": "\"600\""]))
    }

    @Test func `is found under a key with a slash and spaces`() async throws {
        let rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o/1 ü")
        let answer = try await rig.serve { try await $0.send("GET", "/api/orders/o%2F1%20%C3%BC") }
        #expect(answer == .json(200, #"{"status":"Pending"}"#, ["etag": "\"1\""]))
    }

    @Test(arguments: ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"])
    func `is not sent again to who has it`(tag: String) async throws {
        let rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o-1")
        let answer = try await rig.serve {
            try await $0.send("GET", "/api/orders/o-1", ["If-None-Match": tag])
        }
        #expect(answer.status == 304)
        #expect(answer.fields == ["etag": "\"1\""])
        #expect(answer.body == "")
    }

    @Test func `is sent again to who has an older one`() async throws {
        let rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o-1")
        rig.store.append("approved", #"{"status":"Approved"}"#, key: "o-1")
        let answer = try await rig.serve {
            try await $0.send("GET", "/api/orders/o-1", ["If-None-Match": "\"1\""])
        }
        #expect(answer == .json(200, #"{"status":"Approved"}"#, ["etag": "\"2\""]))
    }

    @Test func `is the input where the definition raises no events`() async throws {
        let answer = try await Rig().serve { rig in
            _ = try await rig.post("/api/notes", #"{"text":"x"}"#)
            return try await rig.send("GET", "/api/notes/o%2F1")
        }
        #expect(
            answer
                == .json(
                    200, #"{"text":"x","order_id":"o/1","status":"Pending"}"#, ["etag": "\"0\""]))
    }

    @Test func `is a 404 for an unknown key`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/api/orders/o-9") }
        #expect(
            answer
                == .problem(
                    404, "unknown-key", "No such key",
                    #""detail":"nothing is known of the key 'o-9' at /api/orders""#))
    }

    @Test func `is a 503 while the store is away`() async throws {
        let rig = Rig()
        rig.store.fail(.unavailable)
        let answer = try await rig.serve { try await $0.send("GET", "/api/orders/o-1") }
        #expect(
            answer
                == .problem(
                    503, "unavailable", "The store or the broker is away",
                    #""detail":"the store does not answer: try again later""#,
                    ["retry-after": "2"]))
    }

    @Test func `goes on from its view where that is behind`() async throws {
        let rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o-1")
        rig.store.append("approved", #"{"status":"Approved"}"#, key: "o-1")
        rig.store.putView("o-1", version: 1, #"{"status":"Pending","of":"the view"}"#)
        let answer = try await rig.serve { try await $0.send("GET", "/api/orders/o-1") }
        #expect(
            answer
                == .json(200, #"{"status":"Approved","of":"the view"}"#, ["etag": "\"2\""]))
    }

    @Test func `is folded anew where its view holds no JSON`() async throws {
        let rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o-1")
        rig.store.putView("o-1", version: 1, "nonsense")
        let answer = try await rig.serve { try await $0.send("GET", "/api/orders/o-1") }
        #expect(answer == .json(200, #"{"status":"Pending"}"#, ["etag": "\"1\""]))
    }

    @Test func `is waited for until it has the version asked for`() async throws {
        var rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o-1")
        let clock = WorkingClock { [store = rig.store] naps in
            if naps == 3 { store.append("approved", #"{"status":"Approved"}"#, key: "o-1") }
        }
        rig.use(clock)
        let answer = try await rig.serve {
            try await $0.send("GET", "/api/orders/o-1?min_version=2")
        }
        #expect(answer == .json(200, #"{"status":"Approved"}"#, ["etag": "\"2\""]))
        #expect(clock.naps == 3)
    }

    @Test func `is answered as it is where the version asked for does not come`() async throws {
        var rig = Rig()
        rig.store.append("created", #"{"status":"Pending"}"#, key: "o-1")
        let clock = WorkingClock { _ in }
        rig.use(clock)
        let answers = try await rig.serve { rig in
            let known = try await rig.send("GET", "/api/orders/o-1?min_version=1")
            let early = try await rig.send("GET", "/api/orders/o-1?min_version=7")
            let unknown = try await rig.send("GET", "/api/orders/o-9?min_version=7")
            return [known, early, unknown]
        }
        let pending = RawResponse.json(200, #"{"status":"Pending"}"#, ["etag": "\"1\""])
        #expect(answers.prefix(2) == [pending, pending])
        #expect(answers[2].status == 404)
        // Two seconds, every 50 ms; nobody waits for what is there, or for what nobody knows.
        #expect(clock.naps == 40)
    }

    @Test(arguments: [
        ("min_version=0", "min_version", "must be a whole number from 1, is '0'"),
        ("min_version=x", "min_version", "must be a whole number from 1, is 'x'"),
        ("minversion=1", "minversion", "is unknown: there is min_version"),
    ])
    func `is refused by a query that it does not take`(
        query: String, name: String, message: String
    ) async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/api/orders/o-1?\(query)") }
        #expect(answer == .invalidQuery([(name, message)]))
    }
}

@Suite struct `The list of documents` {
    @Test func `has the views, newest first, page by page`() async throws {
        let rig = Rig()
        for number in 1...3 {
            rig.store.putView(
                "o-\(number)", version: 1, #"{"order_id": "o-\#(number)"}"#,
                createdAt: noon + .seconds(number))
        }
        let (first, second) = try await rig.serve { rig in
            let first = try await rig.send("GET", "/api/orders?limit=2")
            let after = try #require(try Value(json: first.body)["after"]?.text)
            return (first, try await rig.send("GET", "/api/orders?limit=2&after=\(after)"))
        }
        let items = #"{"order_id": "o-3"},{"order_id": "o-2"}"#
        #expect(first.body.hasPrefix(#"{"items":[\#(items)],"after":"02"#))
        #expect(second.status == 200)
        let cursor = ViewCursor(createdAt: noon + .seconds(2), id: "o-2")
        #expect(rig.store.viewQueries.map(\.after) == [nil, cursor])
    }

    @Test func `filters by customer, status and time`() async throws {
        let rig = Rig()
        let answer = try await rig.serve {
            try await $0.send(
                "GET",
                "/api/orders?customer_id=c-1&status=Approved,Pending,Approved"
                    + "&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z&limit=7")
        }
        #expect(answer == .json(200, #"{"items":[],"after":null}"#))
        var query = ViewQuery(collection: "order")
        query.customerID = "c-1"
        query.statuses = ["Approved", "Pending"]
        query.since = Instant("2026-01-01T00:00:00Z")
        query.until = Instant("2026-01-02T00:00:00Z")
        query.limit = 7
        #expect(rig.store.viewQueries == [query])
    }

    @Test func `tells everything that is wrong with a query`() async throws {
        let answer = try await Rig().serve {
            try await $0.send(
                "GET", "/api/orders?customer=c-1&limit=1001&since=now&after=02ff&status=")
        }
        #expect(
            answer
                == .invalidQuery([
                    (
                        "customer",
                        "is unknown: there is customer_id, status, since, until, limit, after"
                    ),
                    ("status", "is empty"),
                    (
                        "since",
                        "must be a time such as 2026-01-31T12:00:00Z (a + is written %2B), is 'now'"
                    ),
                    ("limit", "must be a whole number from 1 to 1000, is '1001'"),
                    ("after", "is not what a list answered as 'after'"),
                ]))
    }

    @Test func `is not to be had of a definition without an aggregate`() async throws {
        let answer = try await Rig().serve { try await $0.send("GET", "/api/notes") }
        #expect(
            answer
                == .problem(
                    405, "method-not-allowed", "The route does not take this method",
                    #""detail":"GET is not for /api/notes: it takes POST; one document is at /api/notes/{key}""#,
                    ["allow": "POST"]))
    }

    @Test func `gives each cursor back as it was`() {
        for id in ["", "o-1", "o/1 ü 🧾", "e\u{301}"] {
            let cursor = ViewCursor(createdAt: Instant(microseconds: -7), id: id)
            let text = ViewCursorText.text(cursor)
            #expect(ViewCursorText.cursor(text) == cursor)
            #expect(ViewCursorText.cursor(String(text.dropLast()) + "g") == nil)
            #expect(ViewCursorText.cursor(String(text.dropFirst(2))) == nil)
        }
        #expect(CursorText.cursor(ViewCursorText.text(ViewCursor(createdAt: noon, id: "x"))) == nil)
    }
}

extension RawResponse {
    /// The problem of a query in which those parameters are wrong.
    fileprivate static func invalidQuery(_ errors: [(name: String, message: String)]) -> Self {
        let detail = errors.map { "/\($0.name): \($0.message)" }.joined(separator: "; ")
        let list = errors.map { #"{"pointer":"/\#($0.name)","message":"\#($0.message)"}"# }
        return .problem(
            422, "invalid-query", "The query is not what is expected",
            #""detail":"\#(detail)","errors":[\#(list.joined(separator: ","))]"#)
    }
}
