import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `The feed of all events` {
    private static let isolations: [CockroachStore.Isolation] = [.readCommitted, .serializable]

    private func ids(
        _ store: CockroachStore, _ place: inout FeedPlace, limit: Int = 100
    ) async throws -> [String] {
        let page = try await store.events(after: place, limit: limit)
        place = page.place
        return page.events.map(\.event.id)
    }

    @Test(arguments: isolations)
    func `shows what commits late, behind what was begun after it`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            let slow = try await database.connect()
            try await database.withStore(isolation) { store in
                _ = try await slow.execute("BEGIN")
                try await slow.prepare(Statements.append)
                _ = try await slow.execute(
                    Statements.append, CockroachStore.parameters([Sample.append("slow")], 1000))
                _ = try await store.append([Sample.append("quick", of: "order-2")])
                var place = FeedPlace()
                #expect(try await ids(store, &place) == ["quick"])
                #expect(try await ids(store, &place) == [])
                _ = try await slow.execute("COMMIT")
                #expect(try await ids(store, &place) == ["slow"])
                #expect(try await ids(store, &place) == [])
                _ = try await store.append([Sample.append("next")])
                #expect(try await ids(store, &place) == ["next"])
            }
            await slow.close()
        }
    }

    @Test func `keeps to an aggregate's order over feeds, however small the pages`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let connection = try await database.connect()
                try await connection.prepare(Statements.append)
                // The versions lie in two feeds in turn, many of the first before those of the second.
                for number in 1...12 {
                    let feed: Int16 = number <= 6 ? 900 : (number % 2 == 0 ? 901 : 900)
                    _ = try await connection.execute(
                        Statements.append,
                        CockroachStore.parameters([Sample.append("e-\(number)")], feed))
                }
                await connection.close()
                for limit in [1, 2, 3, 5, 50] {
                    var place = FeedPlace()
                    var found: [String] = []
                    while true {
                        let page = try await ids(store, &place, limit: limit)
                        if page.isEmpty { break }
                        found += page
                    }
                    #expect(found == (1...12).map { "e-\($0)" }, "limit \(limit)")
                }
            }
        }
    }

    @Test func `begins with the events of before there were feeds`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                _ = try await store.append(
                    (1...5).map { Sample.append("old-\($0)", of: "order-\($0 % 2)") })
                try await database.run("UPDATE events SET feed = NULL, feed_number = NULL")
                _ = try await store.append([
                    Sample.append("new-1", of: "order-0"), Sample.append("new-2", of: "order-7"),
                ])
                for limit in [1, 2, 100] {
                    var place = FeedPlace()
                    var found: [String] = []
                    while true {
                        let page = try await ids(store, &place, limit: limit)
                        if page.isEmpty { break }
                        found += page
                    }
                    #expect(
                        found == ["old-2", "old-4", "old-1", "old-3", "old-5", "new-1", "new-2"],
                        "limit \(limit)")
                }
            }
        }
    }

    @Test(arguments: isolations)
    func `misses nothing of many stores that record at a time`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await withThrowingTaskGroup { group in
                for writer in 0..<3 {
                    group.addTask {
                        try await database.withStore(isolation) { store in
                            for round in 0..<12 {
                                _ = try await store.append(
                                    (0..<5).map {
                                        Sample.append(
                                            "w-\(writer)-\(round)-\($0)",
                                            of: "order-\((writer + $0) % 4)")
                                    })
                            }
                        }
                    }
                }
                group.addTask {
                    try await database.withStore(isolation) { store in
                        var place = FeedPlace()
                        var versions: [String: Int64] = [:]
                        var count = 0
                        while count < 180 {
                            let page = try await store.events(after: place, limit: 9)
                            place = page.place
                            count += page.events.count
                            for event in page.events {
                                let key = event.event.aggregateID
                                #expect(event.version == versions[key, default: 0] + 1)
                                versions[key] = event.version
                            }
                            await Task.yield()
                        }
                        #expect(try await ids(store, &place) == [])
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

@Suite struct `The feeds of a process` {
    @Test func `are lent to one statement each, as far as they go`() {
        let feeds = Feeds()
        let taken = (0..<Feeds.ofProcess).map { _ in feeds.take() }
        #expect(Set(taken).count == Feeds.ofProcess)
        #expect(feeds.take() == taken.last)
        feeds.giveBack(taken[2])
        #expect(feeds.take() == taken[2])
    }
}
