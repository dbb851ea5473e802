import EmbeddedStore
import SagaTestKit
import Testing

/// A kind of store that the suite runs on.
struct StoreBackend: Sendable, CustomTestStringConvertible {
    let name: String
    /// Makes an empty store without tables.
    let open: @Sendable () async throws -> StoreUnderTest

    var testDescription: String { name }

    /// The stores in this process, and those on the servers that the environment names.
    static let available = [inMemory, embedded] + ServerStores.backends

    static let inMemory = StoreBackend(name: "in memory") { StoreUnderTest(InMemoryStore()) }

    static let embedded = StoreBackend(name: "one SQLite file") {
        let folder = try TemporaryFolder()
        let store = try EmbeddedStore(path: folder.path("sagas.db"))
        return StoreUnderTest(store) { try folder.remove() }
    }
}
