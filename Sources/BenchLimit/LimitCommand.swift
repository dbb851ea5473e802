package import ArgumentParser
import CockroachStore
import EmbeddedStore
import Glibc
import NATS
import OrderWorkers
import SagaCore
import SagaRuntime

/// The floor under the daemon: the rows and messages of order sagas, and nothing else.
package struct LimitCommand: AsyncParsableCommand {
    /// What the help says.
    package static let configuration = CommandConfiguration(
        commandName: "sagad-bench-limit",
        abstract: "Stores and sends what order sagas do, without deciding anything.",
        discussion: """
            A part of `sagad-bench --only limit`, which records an order's rows and messages and \
            starts both halves beside a database and a broker that a daemon has prepared.
            """,
        subcommands: [StoreHalf.self, ParticipantHalf.self])

    /// The arguments, all by default.
    package init() {}

    /// Runs as the process's arguments say, and ends the process with its exit status.
    package static func runAsProgram() async { await main() }
}

/// The half in the daemon's place.
struct StoreHalf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Commits and sends in the daemon's place.")

    @Option(help: "The database: postgresql://… or sqlite:FILE.")
    var databaseUrl: String

    @Option(help: "The broker.")
    var natsUrl: String

    @Option(help: "The file with the recorded order.")
    var recording: String

    @Option(help: "How many sagas.")
    var sagas: Int

    @Option(help: "The number of the first, so that several runs fit into one database.")
    var first = 0

    @Option(help: "The most sagas that are on their way.")
    var inFlight: Int

    @Option(help: "How many pipelines of commits run side by side.")
    var lanes: Int

    func run() async throws {
        let recording = try Recording(file: recording)
        let store = try store()
        try await store.check()
        let connection = try await Connection.connect(
            ConnectionOptions(servers: natsUrl, name: "sagad-bench-limit"))
        let floor = try await Floor(
            store: store, connection: connection, recording: recording,
            limits: Floor.Limits(
                sagas: sagas, first: first, inFlight: inFlight, lanes: lanes))
        // Whoever measures looks at the other processes when this line is there.
        try await floor.run { figures in
            print(figures.json.jsonText)
            fflush(nil)
        }
        await connection.close()
        await store.close()
    }

    private func store() throws -> any Store {
        let prefix = "sqlite:"
        if databaseUrl.hasPrefix(prefix) {
            return try EmbeddedStore(path: String(databaseUrl.dropFirst(prefix.count)))
        }
        return try CockroachStore(url: databaseUrl)
    }
}

/// The half in the participants' place.
struct ParticipantHalf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "participants", abstract: "Commits and replies in the participants' place.")

    @Option(help: "The broker.")
    var natsUrl: String

    @Option(help: "The ledger's SQLite file.")
    var ledger: String

    @Option(help: "The file with the recorded order.")
    var recording: String

    func run() async throws {
        let recording = try Recording(file: recording)
        let connection = try await Connection.connect(
            ConnectionOptions(servers: natsUrl, name: "sagad-bench-limit"))
        let file = try LedgerFile(path: ledger)
        try await withThrowingTaskGroup { group in
            for (role, reply) in zip([Role.payment, .review], recording.replies) {
                group.addTask {
                    try await BareParticipant(
                        connection: connection, writes: LedgerWrites(file, role: role),
                        reply: reply
                    ).run()
                }
            }
            try await group.waitForAll()
        }
    }
}
