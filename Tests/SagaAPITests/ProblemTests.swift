import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

@Suite struct `A request for what is not there` {
    @Test(arguments: [
        "/nope", "/api", "/api/", "/api/sagas/", "/api/orders/", "/api/orders/a/b", "//",
        "/api/sagas/x/y",
        "/healthz/x", "*", "/%2Fapi/orders",
    ])
    func `is a 404 that says where the routes are listed`(path: String) async throws {
        let answer = try await Rig().serve { try await $0.send("GET", path) }
        let shown = path == "*" ? "/*" : path
        #expect(
            answer
                == .problem(
                    404, "unknown-route", "No such route",
                    #""detail":"nothing is at '\#(shown)': GET / lists the routes""#))
    }

    @Test(arguments: [
        ("DELETE", "/api/orders", "/api/orders", "GET, HEAD, POST"),
        ("PUT", "/api/orders/o-1", "/api/orders/{key}", "GET, HEAD"),
        ("POST", "/api/orders/o-1", "/api/orders/{key}", "GET, HEAD"),
        ("OPTIONS", "/api/orders/o-1", "/api/orders/{key}", "GET, HEAD"),
        ("DELETE", "/api/sagas/x", "/api/sagas/{id}", "GET, HEAD, POST"),
        ("POST", "/api/sagas", "/api/sagas", "GET, HEAD"),
        ("GET", "/api/sagas/x/cancel", "/api/sagas/{id}/cancel", "POST"),
        ("POST", "/metrics", "/metrics", "GET, HEAD"),
        ("PURGE", "/", "/", "GET, HEAD"),
    ])
    func `is a 405 that names the methods`(
        method: String, path: String, template: String, allow: String
    ) async throws {
        let answer = try await Rig().serve { try await $0.send(method, path) }
        #expect(
            answer
                == .problem(
                    405, "method-not-allowed", "The route does not take this method",
                    #""detail":"\#(method) is not for \#(template): it takes \#(allow)""#,
                    ["allow": allow]))
    }

    @Test(arguments: ["%zz", "%4", "%", "%00", "%C3%28", "%ff"])
    func `is a 400 where an escape is no text`(escape: String) async throws {
        let (path, query) = try await Rig().serve { rig in
            (
                try await rig.send("GET", "/api/orders/\(escape)"),
                try await rig.send("GET", "/api/sagas?key=\(escape)")
            )
        }
        let rest = "expected % with two hexadecimal digits each, UTF-8, no NUL"
        let title = "The path or query is not text"
        #expect(
            path
                == .problem(
                    400, "malformed-target", title,
                    #""detail":"'\#(escape)' in the path: \#(rest)""#))
        #expect(
            query
                == .problem(
                    400, "malformed-target", title,
                    #""detail":"'key=\#(escape)' in the query: \#(rest)""#))
    }

    @Test func `is found where a proxy sends the whole address`() async throws {
        let answer = try await Rig().serve {
            try await $0.send("GET", "http://shop.example:80/healthz?x#y")
        }
        #expect(answer == .json(200, #"{"status":"alive"}"#))
    }
}

@Suite struct `The words of the interface` {
    @Test func `have a status and a title for every problem`() {
        for kind in ProblemKind.allCases {
            #expect((400..<600).contains(kind.status))
            #expect(!kind.title.isEmpty)
            #expect(kind.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
        }
    }

    @Test(
        arguments: [
            ("wait=5", 5), ("Wait = \"7\"", 7), ("respond-async, wait=3;x=y", 3), ("wait=0", 0),
            ("wait=99", 60), ("wait=-1", nil), ("wait", nil), ("wait=", nil), ("", nil),
            ("waiting=5", nil), (",,wait=2", 2),
        ] as [(String, Int?)])
    func `read Prefer`(header: String, seconds: Int?) {
        #expect(WaitPreference(header, limit: .seconds(60))?.seconds == seconds)
    }

    @Test(arguments: [
        ("application/json", true), ("application/JSON ; charset=utf-8", true),
        ("application/problem+json", true), ("text/json", false), ("+json", false),
        ("application/jsonp", false), ("application/x+json;charset=utf-16", false), ("", false),
    ])
    func `read content types`(type: String, isJSON: Bool) {
        #expect(ContentType.isJSON(type) == isJSON)
    }

    @Test(arguments: [
        ("o-1", "o-1"), ("a b/c", "a%20b%2Fc"), ("ü", "%C3%BC"), ("50%", "50%25"), ("?#", "%3F%23"),
    ])
    func `encode keys as parts of a path`(key: String, part: String) {
        #expect(PercentCoding.encoded(key) == part)
        #expect(PercentCoding.decoded(Substring(part).utf8, plusIsSpace: false) == key)
    }
}
