import CockroachStore
import EmbeddedStore
import Logging
import SagaRuntime

/// Opens the store that the settings name: the one place that knows the kinds of database.
enum StoreChoice {
    /// - Parameter isGuest: whether a daemon may have the same SQLite file in use.
    static func open(
        _ settings: Settings, logger: Logger, isGuest: Bool = false
    ) throws -> any Store {
        switch settings.database.url {
        case .sqlite(let path):
            do {
                return try EmbeddedStore(path: path, isGuest: isGuest)
            } catch let fault as StoreError {
                throw Exit(.refused, fault.message)
            }
        case .postgresql(let url):
            return try CockroachStore(
                url: url, pool: settings.database.pool,
                connectTimeout: settings.database.connectTimeout)
        }
    }
}

/// The command `sagad migrate`.
enum Migration {
    static func run(_ settings: Settings) async throws {
        let logger = Logger(label: "sagad")
        let store = try StoreChoice.open(settings, logger: logger)
        do {
            try await store.migrate()
        } catch let fault as StoreError {
            throw Exit(fault.kind == .refused ? .refused : .failed, fault.message)
        }
        await store.close()
        logger.notice("the tables are up to date")
    }
}

/// The command `sagad rebuild-views`.
enum ViewsRebuilding {
    static func run(_ settings: Settings) async throws {
        let logger = Logger(label: "sagad")
        let store = try StoreChoice.open(settings, logger: logger, isGuest: true)
        do {
            try await store.check()
            let rebuild = ViewRebuild(
                store: store, startedAt: try await store.now(), logger: logger)
            let count = try await rebuild.run()
            logger.notice("the views are rebuilt", metadata: ["views": "\(count)"])
        } catch let fault as StoreError {
            await store.close()
            throw Exit(fault.kind == .refused ? .refused : .failed, fault.message)
        }
        await store.close()
    }
}
