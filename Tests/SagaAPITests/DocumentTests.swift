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
                    503, "unavailable", "The store is away",
                    #""detail":"the store does not answer: try again later""#,
                    ["retry-after": "2"]))
    }

    @Test func `cannot be listed yet`() async throws {
        let answer = try await Rig().serve {
            try await $0.send("GET", "/api/orders?customer_id=c-1")
        }
        #expect(
            answer
                == .problem(
                    405, "method-not-allowed", "The route does not take this method",
                    #""detail":"GET is not for /api/orders: it takes POST; one document is at /api/orders/{key}""#,
                    ["allow": "POST"]))
    }
}

@Suite struct `A JSON merge patch` {
    /// The examples of RFC 7396, appendix A.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, #"null"#, #"null"#),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func `changes what it names`(target: String, patch: String, result: String) throws {
        var value = try Value(json: target)
        value.merge(try Value(json: patch))
        #expect(value.jsonText == result)
    }
}
