import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

@Suite struct `The list of sagas` {
    private func item(_ number: Int, _ second: String) -> String {
        #"{"id":"00000000-0000-000a-0000-00000000000\#(number)","saga":"order","version":1,"key":"o-\#(number)","status":"running","failure":null,"started_at":"2026-01-02T03:04:\#(second)Z","updated_at":"2026-01-02T03:04:\#(second)Z","ended_at":null,"journal_version":1}"#
    }

    private func rigWithThree() -> Rig {
        let rig = Rig()
        for number in 1...3 {
            let identity = SagaIdentity(
                id: sagaID(UInt64(number)), name: "order", definitionVersion: 1, key: "o-\(number)")
            rig.store.put(
                identity, state: SagaState(started: identity),
                startedAt: noon + .seconds(number))
        }
        return rig
    }

    @Test func `goes page by page, newest first, without steps and open commands`() async throws {
        let rig = rigWithThree()
        let (first, second) = try await rig.serve { rig in
            let first = try await rig.send("GET", "/api/sagas?limit=2")
            let after = try #require(try Value(json: first.body)["after"]?.text)
            return (first, try await rig.send("GET", "/api/sagas?limit=2&after=\(after)"))
        }
        let after = try #require(try Value(json: first.body)["after"]?.text)
        #expect(
            first
                == .json(
                    200, #"{"items":[\#(item(3, "08")),\#(item(2, "07"))],"after":"\#(after)"}"#))
        #expect(second == .json(200, #"{"items":[\#(item(1, "06"))],"after":null}"#))
    }

    @Test func `lists a saga whose state is a newer daemon's`() async throws {
        let rig = rigWithThree()
        var record = try #require(try await rig.store.load([sagaID(3)]).first)
        record.state = Array(#"{"format":99}"#.utf8)
        rig.store.put(record)
        let answer = try await rig.serve { try await $0.send("GET", "/api/sagas?limit=1") }
        #expect(answer.body.hasPrefix(#"{"items":[\#(item(3, "08"))],"#))
        #expect(rig.log.all.count == 1)
    }

    @Test func `asks the store for what the query says`() async throws {
        let rig = Rig()
        let answer = try await rig.serve {
            try await $0.send(
                "GET",
                "/api/sagas?saga=order&key=o%2F1+x&status=running,stuck,running"
                    + "&since=2026-01-02T03:04:05Z&until=2026-01-03T00:00:00%2B01:00&limit=1000")
        }
        #expect(answer == .json(200, #"{"items":[],"after":null}"#))
        var query = SagaQuery()
        query.definition = "order"
        query.key = "o/1 x"
        query.statuses = [.running, .stuck]
        query.since = noon
        query.until = Instant("2026-01-02T23:00:00Z")
        query.limit = 1000
        #expect(rig.store.queries == [query])
    }

    @Test func `asks for a hundred where the query says nothing`() async throws {
        let rig = Rig()
        _ = try await rig.serve { try await $0.send("GET", "/api/sagas?") }
        #expect(rig.store.queries == [SagaQuery()])
    }

    @Test(arguments: [
        (
            "steps=payment", "/steps",
            "is unknown: there is saga, key, status, step, since, until, q, limit, after"
        ),
        (
            "query=x", "/query",
            "is unknown: there is saga, key, status, step, since, until, q, limit, after"
        ),
        ("limit=0", "/limit", "must be a whole number from 1 to 1000, is '0'"),
        ("limit=1001", "/limit", "must be a whole number from 1 to 1000, is '1001'"),
        ("limit=ten", "/limit", "must be a whole number from 1 to 1000, is 'ten'"),
        ("saga=", "/saga", "is empty"),
        ("key=a&key=b", "/key", "is given twice"),
        (
            "status=runing", "/status",
            "'runing' is unknown: there is running, compensating, stuck, completed, compensated, settled"
        ),
        (
            "since=yesterday", "/since",
            "must be a time such as 2026-01-31T12:00:00Z (a + is written %2B), is 'yesterday'"
        ),
        ("after=2", "/after", "is not what a list answered as 'after'"),
        (
            "after=01000647af8e5ec340000000000000000a0000000000000003ffff", "/after",
            "is not what a list answered as 'after'"
        ),
    ])
    func `names what is wrong with a query`(
        query: String, pointer: String, message: String
    ) async throws {
        let rig = Rig()
        let answer = try await rig.serve { try await $0.send("GET", "/api/sagas?\(query)") }
        #expect(
            answer
                == .problem(
                    422, "invalid-query", "The query is not what is expected",
                    #""detail":"\#(pointer): \#(message)","errors":[{"pointer":"\#(pointer)","message":"\#(message)"}]"#
                ))
        #expect(rig.store.queries.isEmpty)
    }

    @Test func `keeps a cursor whole through its text`() {
        let cursor = SagaCursor(
            startedAt: noon, id: SagaID(high: 0xFEDC_BA98_7654_3210, low: 0x0123_4567_89AB_CDEF))
        let text = CursorText.text(cursor)
        #expect(CursorText.cursor(text) == cursor)
        for place in text.indices {
            var changed = text
            changed.replaceSubrange(place...place, with: text[place] == "0" ? "1" : "0")
            #expect(CursorText.cursor(changed) == nil)
        }
        #expect(CursorText.cursor(text + "00") == nil)
        #expect(CursorText.cursor(String(text.dropLast())) == nil)
    }
}
