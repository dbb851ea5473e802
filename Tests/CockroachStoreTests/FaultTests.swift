import Foundation
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `A store that cannot answer` {
    private func changed(_ change: (inout URLComponents) -> Void) throws -> String {
        var parts = try #require(URLComponents(string: try TestDatabase.serverURL))
        change(&parts)
        return try #require(parts.string)
    }

    @Test func `says that it is refused`() async throws {
        let urls = [
            try changed { $0.user = "nobody_of_this_name" }, try changed { $0.path = "/no_such" },
        ]
        for url in urls {
            let store = try CockroachStore(url: url)
            let faults = [
                try await fault { try await store.check() },
                try await fault { try await store.migrate() },
                try await fault { try await store.start([Sample.start(1)]) },
            ]
            #expect(faults.map { $0?.kind } == [.refused, .refused, .refused])
            await store.close()
        }
    }

    @Test func `says that nobody is there`() async throws {
        let url = try changed { $0.port = 1 }
        let store = try CockroachStore(url: url, connectTimeout: .seconds(1))
        let found = try await fault { try await store.check() }
        #expect(found?.kind == .unavailable)
        await store.close()
    }

    @Test func `says that its tables are missing`() async throws {
        try await TestDatabase.with(tables: false) { database in
            try await database.withStore { store in
                let faults = [
                    try await fault { try await store.check() },
                    try await fault { try await store.start([Sample.start(1)]) },
                    try await fault {
                        try await store.commit([Sample.transition(1, expecting: 1)])
                    },
                    try await fault { try await store.load([Sample.sagaID(1)]) },
                ]
                #expect(faults.map { $0?.kind } == [.schema, .schema, .schema, .schema])
            }
        }
    }

    @Test func `says that its tables are older than itself`() async throws {
        try await TestDatabase.with { database in
            try await database.run(
                "DELETE FROM migrations WHERE number = \(Migrator.newest)")
            try await database.withStore { store in
                let found = try await fault { try await store.check() }
                #expect(found?.kind == .schema)
            }
        }
    }

    @Test func `is told when its caller gives up`() async throws {
        let url = try changed { $0.port = 1 }
        let store = try CockroachStore(url: url)
        let found = try await withThrowingTaskGroup(of: StoreError?.self) { group in
            group.addTask { try await fault { try await store.load([Sample.sagaID(1)]) } }
            group.cancelAll()
            return try await group.next()
        }
        #expect(found??.kind == .unavailable)
        await store.close()
    }
}
