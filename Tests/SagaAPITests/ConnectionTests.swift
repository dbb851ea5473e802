import SagaCore
import SagaRuntime
import ServiceLifecycle
import Testing

@testable import SagaAPI

@Suite struct `A connection` {
    @Test func `serves one request after another, also when they come at once`() async throws {
        let answers = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    wire("GET", "/healthz") + wire("POST", "/nope", body: "ignored")
                        + wire("GET", "/metrics"))
                return [
                    try await connection.response(), try await connection.response(),
                    try await connection.response(),
                ]
            }
        }
        #expect(answers.map(\.status) == [200, 404, 200])
    }

    @Test func `closes when the client asks for it`() async throws {
        let rest = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(wire("GET", "/healthz", ["Connection": "close"]))
                _ = try await connection.response()
                return try await connection.untilClosed()
            }
        }
        #expect(rest == "")
    }

    @Test func `answers 413 before the body has come`() async throws {
        let rig = Rig()
        let answer = try await rig.serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 10485760\r\n\r\n{\"a\":")
                return try await connection.response()
            }
        }
        #expect(answer == tooLarge)
        #expect(rig.door.starts.isEmpty)
    }

    @Test func `answers 413 to a chunked body that grows beyond the limit`() async throws {
        let answer = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n")
                let chunk = String(repeating: "x", count: 0x10000)
                for _ in 0..<9 { try await connection.send("10000\r\n\(chunk)\r\n") }
                return try await connection.response()
            }
        }
        #expect(answer == tooLarge)
    }

    @Test func `goes on after the rest of a body that was too large`() async throws {
        let answers = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                let body = String(repeating: "x", count: 2 * 1024 * 1024)
                try await connection.send(
                    wire("POST", "/api/orders", ["Content-Type": "application/json"], body: body))
                let first = try await connection.response()
                try await connection.send(wire("GET", "/healthz"))
                return [first, try await connection.response()]
            }
        }
        #expect(answers == [tooLarge, .json(200, #"{"status":"alive"}"#)])
    }

    @Test func `is closed when too much of an answered body keeps coming`() async throws {
        let limits = APILimits(lingerBytes: 1024 * 1024)
        let rest = try await Rig(limits: limits).serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /nope HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n")
                let answer = try await connection.response()
                #expect(answer.status == 404)
                let chunk = String(repeating: "x", count: 0x40000)
                do {
                    for _ in 0..<1000 { try await connection.send(chunk) }
                    Issue.record("the connection takes everything")
                } catch {}
                return try await connection.untilClosed()
            }
        }
        #expect(rest == "")
    }

    @Test func `is closed when the rest of an answered body does not come`() async throws {
        let limits = APILimits(linger: .milliseconds(50))
        let rest = try await Rig(limits: limits).serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /nope HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nx")
                #expect(try await connection.response().status == 404)
                return try await connection.untilClosed()
            }
        }
        #expect(rest == "")
    }

    @Test func `encourages a client that waits before it sends its body`() async throws {
        let answers = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                let first = try await connection.response()
                try await connection.send("{}")
                return [first, try await connection.response()]
            }
        }
        #expect(answers.map(\.status) == [100, 201])
    }

    @Test func `refuses such a client's body where it would be too large`() async throws {
        let answer = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 524289\r\nExpect: 100-continue\r\n\r\n")
                return try await connection.response()
            }
        }
        #expect(answer == tooLarge)
    }

    private let tooLarge = RawResponse.problem(
        413, "body-too-large", "The body is too large",
        #""detail":"a body may have at most 524288 bytes""#)
}

@Suite struct `What is no HTTP` {
    @Test(arguments: [
        "nonsense\r\n\r\n", "GET /healthz HTTP/1.1\r\nA b: c\r\n\r\n",
        "GET /\u{0} HTTP/1.1\r\nHost: h\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n",
        "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        "POST /api/orders HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ])
    func `is answered with a problem document, and closes its connection`(
        text: String
    ) async throws {
        let rig = Rig()
        try await rig.serve { rig in
            let (answer, rest) = try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(text)
                return (try await connection.response(), try await connection.untilClosed())
            }
            let detail = try Value(json: answer.body)["detail"]?.text ?? ""
            #expect(detail.hasPrefix("expected HTTP/1.1, found something else: "))
            #expect(
                answer
                    == .problem(
                        400, "malformed-request", "The request is not HTTP",
                        #""detail":"\#(detail)""#, ["connection": "close"]))
            #expect(rest == "")
            #expect(try await rig.send("GET", "/healthz").status == 200)
        }
    }

    @Test(arguments: [
        "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nX: " + String(repeating: "a", count: 17_000) + "\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n"
            + (0..<40).map { "X-\($0): " + String(repeating: "a", count: 1000) + "\r\n" }.joined()
            + "\r\n",
        "GET /healthz HTTP/1.1\r\n" + (0..<101).map { "X-\($0): a\r\n" }.joined() + "\r\n",
    ])
    func `is a 431 where the headers are too large`(text: String) async throws {
        let (answer, rest) = try await Rig().serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(text)
                return (try await connection.response(), try await connection.untilClosed())
            }
        }
        #expect(
            answer
                == .problem(
                    431, "headers-too-large", "The headers are too large",
                    #""detail":"the request line or the headers are beyond the limits""#,
                    ["connection": "close"]))
        #expect(rest == "")
    }

    @Test func `does not harm the server, whichever byte of a request is wrong`() async throws {
        let rig = Rig()
        let request = Array(
            wire(
                "POST", "/api/sagas/%C3%BC?a=b&c", ["Content-Type": "application/json"],
                body: #"{"a": [1.5e3, "\u00fc", null]}"#
            ).utf8)
        try await rig.serve { rig in
            var seed: UInt64 = 1
            for place in request.indices {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                var broken = request
                broken[place] = UInt8(truncatingIfNeeded: seed >> 56)
                try await RawConnection.open(port: rig.port) { connection in
                    try await connection.send(broken)
                }
            }
            let answer = try await rig.send("GET", "/healthz")
            #expect(answer.status == 200)
        }
        #expect(rig.log.all.isEmpty)
    }

    @Test func `starts nothing where a body breaks off`() async throws {
        let rig = Rig()
        try await rig.serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(
                    "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 100\r\n\r\n{}")
            }
            #expect(try await rig.send("GET", "/healthz").status == 200)
        }
        #expect(rig.door.starts.isEmpty)
        #expect(rig.log.all.isEmpty)
    }
}

@Suite struct `A graceful shutdown` {
    @Test func `answers at once who waits for a saga`() async throws {
        let rig = Rig()
        let (waits, waiting) = AsyncStream<Void>.makeStream()
        rig.door.whenWaiting { _, _ in
            waiting.yield()
            // Ends only when its task is cancelled.
            for await _ in AsyncStream<Void>(unfolding: { () -> Void? in
                try? await Task.sleep(for: .seconds(3600))
                return Task.isCancelled ? nil : ()
            }) {}
            try Task.checkCancellation()
        }
        try await withThrowingTaskGroup(of: RawResponse?.self) { tasks in
            let (ports, listening) = AsyncStream<Int>.makeStream()
            tasks.addTask {
                try await rig.serve { rig in
                    listening.yield(rig.port)
                    _ = await waits.first { _ in true }
                }
                return nil
            }
            let port = try #require(await ports.first { _ in true })
            tasks.addTask {
                var client = rig
                client.port = port
                return try await client.post(
                    "/api/orders", #"{"customer_id":"c-1"}"#, ["Prefer": "wait=60"])
            }
            var answers: [RawResponse] = []
            for try await answer in tasks { answers += [answer].compactMap { $0 } }
            #expect(answers.map(\.status) == [201])
            #expect(answers.first?.fields["preference-applied"] == "wait=60")
        }
    }

    @Test func `does not wait longer than its limit for a request`() async throws {
        let rig = Rig(limits: APILimits(shutdown: .milliseconds(50)))
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let (heads, headCame) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await rig.serve { rig in
                    listening.yield(rig.port)
                    _ = await heads.first { _ in true }
                }
            }
            let port = try #require(await ports.first { _ in true })
            tasks.addTask {
                try await RawConnection.open(port: port) { connection in
                    try await connection.send(
                        "POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json"
                            + "\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{")
                    #expect(try await connection.response().status == 100)
                    headCame.yield()
                    _ = try await connection.untilClosed()
                }
            }
            try await tasks.waitForAll()
        }
        #expect(
            rig.log.all.contains(
                "connections were closed before their requests ended after=0.05 seconds"))
        #expect(rig.door.starts.isEmpty)
    }

    @Test func `that cannot begin, since the port is taken, says so`() async throws {
        try await Rig().serve { rig in
            let second = rig.api.service(host: "127.0.0.1", port: rig.port)
            let fault = await #expect(throws: ListenFault.self) { try await second.run() }
            #expect(
                fault?.description.hasPrefix("cannot listen on 127.0.0.1:\(rig.port): ") == true)
        }
    }
}
