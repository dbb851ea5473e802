import PostgreSQL
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `The check of all statements` {
    @Test func `finds nothing wrong where the tables are in order`() async throws {
        try await TestDatabase.with { database in
            let problems = try await database.withStore { await $0.unpreparable() }
            #expect(problems == [])
        }
    }

    @Test func `names each statement whose tables are missing`() async throws {
        try await TestDatabase.with(tables: false) { database in
            let problems = try await database.withStore { await $0.unpreparable() }
            let needless = ["now"]
            #expect(
                problems.map(\.statement)
                    == Statements.all.map(\.name).filter { !needless.contains($0) })
            #expect(problems.allSatisfy { $0.sqlstate == "42P01" })
        }
    }

    @Test func `says once that the server is away`() async throws {
        let store = try CockroachStore(url: "postgresql://nobody@127.0.0.1:1/nothing")
        let problems = await store.unpreparable()
        #expect(problems.count == 1)
        #expect(problems.first?.message.isEmpty == false)
        await store.close()
    }
}
