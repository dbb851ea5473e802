import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private let identity = SagaIdentity(
    id: sagaID(1), name: "order", definitionVersion: 1, key: "o-1")
private let path = "/api/sagas/\(identity.id)/watch"

/// Looks often, so that a change is seen at once.
private func rig(_ change: (inout APILimits) -> Void = { _ in }) -> Rig {
    var limits = APILimits()
    limits.watchPoll = .milliseconds(5)
    change(&limits)
    return Rig(limits: limits)
}

extension Rig {
    /// Puts the saga there at a version, with the journal row that made it.
    fileprivate func put(version: Int64, _ status: SagaStatus, of identity: SagaIdentity = identity)
    {
        var state = SagaState(started: identity)
        state.version = version
        state.status = status
        if state.hasEnded { state.endedAt = noon }
        store.addJournal(identity.id, version: version, #"{"version":\#(version)}"#)
        store.put(identity, state: state)
    }

    /// Opens a watch, and runs the body on its connection.
    fileprivate func watch<Result>(
        _ target: String, _ fields: [String: String] = [:],
        _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        try await RawConnection.open(port: port) { connection in
            try await connection.send(wire("GET", target, fields))
            return try await body(&connection)
        }
    }
}

/// The lines of events, without the marks of chunks.
private func events(_ text: String) -> [Substring] {
    text.split(separator: "\r\n").flatMap { $0.split(separator: "\n") }.filter {
        $0.hasPrefix("event: ") || $0.hasPrefix("id: ")
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A watch of one saga` {
    @Test func `tells the journal, the saga and its end, then ends`() async throws {
        let rig = rig()
        rig.put(version: 1, .running)
        rig.put(version: 2, .completed)
        let text = try await rig.serve { rig in
            try await rig.watch(path) { try await $0.text(until: "\r\n0\r\n\r\n") }
        }
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("Content-Type: text/event-stream\r\n"))
        #expect(text.contains("Cache-Control: no-store\r\n"))
        #expect(text.contains("id: 2\ndata: {\"version\":2}\n\n"))
        #expect(text.contains("event: end\ndata: {\"status\":\"completed\"}\n\n"))
        #expect(
            events(text) == [
                "event: journal", "id: 1", "event: journal", "id: 2", "event: saga", "event: end",
            ])
    }

    @Test func `tells what changes while it goes on, whoever changed it`() async throws {
        let rig = rig()
        rig.put(version: 1, .running)
        try await rig.serve { rig in
            try await rig.watch(path) { connection in
                _ = try await connection.text(until: "event: saga")
                rig.put(version: 2, .compensating)
                let change = try await connection.text(until: #""status":"compensating""#)
                #expect(events(change) == ["event: journal", "id: 2", "event: saga"])
                rig.put(version: 3, .compensated)
                let end = try await connection.text(until: "\r\n0\r\n\r\n")
                #expect(events(end) == ["event: journal", "id: 3", "event: saga", "event: end"])
            }
        }
    }

    @Test func `goes on behind what a watcher has seen who comes again`() async throws {
        let rig = rig()
        rig.put(version: 1, .running)
        rig.put(version: 2, .completed)
        let (rest, nothing) = try await rig.serve { rig in
            (
                try await rig.watch(path, ["Last-Event-ID": "1"]) {
                    try await $0.text(until: "\r\n0\r\n\r\n")
                },
                try await rig.send("GET", path, ["Last-Event-ID": "2"])
            )
        }
        #expect(events(rest) == ["event: journal", "id: 2", "event: saga", "event: end"])
        #expect(nothing.status == 204)
    }

    @Test func `says that the store is away, and goes on when it answers`() async throws {
        let rig = rig()
        rig.put(version: 1, .running)
        try await rig.serve { rig in
            try await rig.watch(path) { connection in
                _ = try await connection.text(until: "event: saga")
                rig.store.fail(.unavailable)
                _ = try await connection.text(until: ": the store does not answer")
                rig.store.recover()
                rig.put(version: 2, .completed)
                _ = try await connection.text(until: "event: end")
            }
        }
    }

    @Test func `breaks a silence with a comment`() async throws {
        let rig = rig { $0.watchHeartbeat = .milliseconds(20) }
        rig.put(version: 1, .running)
        try await rig.serve { rig in
            try await rig.watch(path) { _ = try await $0.text(until: ": still there\n\n") }
        }
    }

    @Test func `is cut where its watcher takes nothing for too long`() async throws {
        let rig = rig { $0.watchPatience = .milliseconds(50) }
        rig.put(version: 1, .running)
        let large = String(repeating: "x", count: 1_000_000)
        for version in 2...64 {
            rig.store.addJournal(identity.id, version: Int64(version), "\"\(large)\"")
        }
        try await rig.serve { rig in
            try await rig.watch(path) { connection in
                while rig.log.all.isEmpty { await Task.yield() }
                #expect(rig.log.all == ["a watcher who was too slow was cut"])
                _ = try await connection.untilClosed()
            }
        }
    }

    @Test func `of which there are too many is refused, and may come again later`() async throws {
        let rig = rig { $0.watchers = 1 }
        rig.put(version: 1, .running)
        try await rig.serve { rig in
            try await rig.watch(path) { connection in
                _ = try await connection.text(until: "event: saga")
                let refused = try await rig.send("GET", "/api/watch")
                #expect(
                    refused
                        == .problem(
                            503, "overloaded", "Too much is waiting",
                            #""detail":"1 watch already, and no more may: try again later""#,
                            ["retry-after": "5"]))
                rig.put(version: 2, .completed)
                _ = try await connection.text(until: "event: end")
            }
            // The place is free again once the connection of the first is done with.
            while try await rig.send("HEAD", "/api/watch").status != 200 {}
        }
    }

    @Test func `ends when the daemon stops`() async throws {
        let rig = rig()
        rig.put(version: 1, .running)
        // The server waits for running requests: it would be cut after 10 s, with a warning.
        try await rig.serve { rig in
            try await RawConnection.open(port: rig.port) { connection in
                try await connection.send(wire("GET", path))
                _ = try await connection.text(until: "event: saga")
            }
        }
        #expect(rig.log.all == [])
    }

    @Test func `of a saga that is not there is a problem`() async throws {
        let answer = try await rig().serve { try await $0.send("GET", path) }
        #expect(answer.status == 404)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A watch of many sagas` {
    @Test func `tells each as it is, oldest first, then each that changes`() async throws {
        let rig = rig()
        let other = SagaIdentity(id: sagaID(2), name: "order", definitionVersion: 1, key: "o-2")
        rig.put(version: 1, .running)
        rig.put(version: 4, .stuck, of: other)
        try await rig.serve { rig in
            try await rig.watch("/api/watch?saga=order&limit=5") { connection in
                let first = try await connection.text(until: #""status":"stuck""#)
                #expect(first.contains(#""status":"running""#))
                rig.put(version: 2, .completed)
                let change = try await connection.text(until: #""status":"completed""#)
                #expect(events(change) == ["event: saga"])
                #expect(change.contains(#""key":"o-1""#))
            }
        }
        var query = SagaQuery()
        query.definition = "order"
        query.limit = 5
        #expect(rig.store.queries.allSatisfy { $0 == query })
    }

    @Test func `goes on with what was shown and has left the page`() async throws {
        let rig = rig()
        rig.put(version: 1, .running)
        try await rig.serve { rig in
            try await rig.watch("/api/watch?limit=1") { connection in
                _ = try await connection.text(until: #""key":"o-1""#)
                let newer = SagaIdentity(
                    id: sagaID(2), name: "order", definitionVersion: 1, key: "o-2")
                rig.store.put(
                    newer, state: SagaState(started: newer), startedAt: noon + .seconds(1))
                _ = try await connection.text(until: #""key":"o-2""#)
                rig.put(version: 2, .completed)
                _ = try await connection.text(until: #""status":"completed""#)
            }
        }
    }

    @Test func `takes no cursor`() async throws {
        let answer = try await rig().serve { try await $0.send("GET", "/api/watch?after=1") }
        #expect(answer.status == 422)
    }
}
