import PostgreSQL
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `The isolation of a store on PostgreSQL` {
    private static let shown = Statement(
        name: "isolation", sql: "SELECT current_setting('transaction_isolation')")

    private func isolations(
        _ isolation: CockroachStore.Isolation?
    ) async throws -> (writing: String, reading: String) {
        let server = try TestDatabase.serverURL
        let option = "options=-c%20default_transaction_isolation%3Dserializable"
        let store = try CockroachStore(
            url: server + (server.contains("?") ? "&" : "?") + option, isolation: isolation)
        let writing = try await store.writing.execute(Self.shown)
        let reading = try await store.reading.execute(Self.shown)
        await store.close()
        return (try writing[0].text(0), try reading[0].text(0))
    }

    @Test func `is the server's where sagas are written, and no more than is needed elsewhere`()
        async throws
    {
        let found = try await isolations(nil)
        #expect(found == ("serializable", "read committed"))
    }

    @Test func `is everywhere the one that the store was given`() async throws {
        let found = try await isolations(.serializable)
        #expect(found == ("serializable", "serializable"))
    }
}
