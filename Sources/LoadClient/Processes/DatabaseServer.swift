import FoundationEssentials
import Glibc

/// A private PostgreSQL cluster, with fsync as it comes (on); can be crashed and started again.
///
/// PostgreSQL does not run as root: there, the user postgres runs it.
package actor DatabaseServer {
    /// Where it listens on loopback.
    package nonisolated let port: Int
    private let folder: String
    private let programs: String
    private let owner: Owner?
    private let stage: Stage
    private var child: ChildProcess?

    /// The user that runs the server where we are root.
    private struct Owner {
        var user: uid_t
        var group: gid_t

        var privileges: [String] { ["--reuid=\(user)", "--regid=\(group)", "--init-groups"] }

        static func find() -> Owner? {
            guard getuid() == 0 else { return nil }
            for name in ["postgres", "nobody"] {
                if let entry = getpwnam(name)?.pointee {
                    return Owner(user: entry.pw_uid, group: entry.pw_gid)
                }
            }
            return nil
        }
    }

    /// Makes a cluster; it is not started yet.
    ///
    /// - Parameter port: where it will listen; nil takes a free port.
    package init(on stage: Stage, port: Int? = nil) async throws {
        let port = try port ?? Ports.free()
        self.port = port
        self.stage = stage
        programs = try Self.programFolder()
        owner = Owner.find()
        folder = stage.path("postgres-\(port)")
        try await makeCluster()
    }

    /// The URL of one of its databases.
    package nonisolated func url(database: String) -> String {
        "postgresql://sagad@127.0.0.1:\(port)/\(database)"
    }

    /// The server's main process.
    package var pid: Int32? { child?.end == nil ? child?.pid : nil }

    /// Starts it and waits until it accepts connections.
    package func start() async throws {
        var launch = Launch(
            "PostgreSQL",
            [
                "\(programs)/postgres", "-D", folder, "-p", "\(port)", "-k", folder,
                "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100",
            ],
            logFile: stage.path("postgres.log"))
        launch.directory = folder
        launch.stopSignal = SIGINT
        launch.orphanSignal = "QUIT"
        launch.privileges = owner?.privileges ?? []
        child = try await stage.start(launch)
        try await eventually(within: .seconds(60), "PostgreSQL accepts connections") {
            if let end = child?.end {
                throw LaunchFailure(
                    description: "PostgreSQL \(end); its log ends:\n"
                        + tail(of: stage.path("postgres.log")))
            }
            return try await isReady()
        }
    }

    /// What `pg_ctl restart -m immediate` does: it ends without writing anything down, as after a
    /// power failure, and recovers from its log when started again.
    package func crash() async throws {
        child?.send(SIGQUIT)
        await child?.wait()
        try await start()
    }

    /// Makes a database.
    package func createDatabase(_ name: String) async throws {
        try await run("createdb", ["-h", "127.0.0.1", "-p", "\(port)", "-U", "sagad", name])
    }

    // MARK: Programs

    private func isReady() async throws -> Bool {
        let arguments = ["-h", "127.0.0.1", "-p", "\(port)", "-U", "sagad", "-d", "postgres"]
        return try await status(of: "pg_isready", arguments + ["-q"]) == .status(0)
    }

    private func makeCluster() async throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        if let owner { chown(folder, owner.user, owner.group) }
        chmod(folder, 0o700)
        try await run(
            "initdb",
            [
                "-D", folder, "-A", "trust", "-U", "sagad", "-E", "UTF8", "--locale=C",
                "--no-sync", "--no-instructions",
            ])
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let end = try await status(of: program, arguments)
        if end != .status(0) {
            throw LaunchFailure(
                description:
                    "\(program) \(end); it says:\n\(tail(of: stage.path("\(program).log")))")
        }
    }

    private func status(
        of program: String, _ arguments: [String]
    ) async throws -> ChildProcess.End {
        var launch = Launch(
            program, ["\(programs)/\(program)"] + arguments,
            logFile: stage.path("\(program).log"))
        launch.directory = folder
        launch.privileges = owner?.privileges ?? []
        return try await stage.start(launch).wait()
    }

    private static func programFolder() throws(LaunchFailure) -> String {
        var folders: [String] = []
        if let named = getenv("SAGAD_TEST_PG_BIN") { folders.append(String(cString: named)) }
        for parent in ["/usr/lib/postgresql", "/usr"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
            let kept = parent == "/usr" ? names.filter { $0.hasPrefix("pgsql-") } : names
            folders += kept.sorted().reversed().map { "\(parent)/\($0)/bin" }
        }
        if let found = folders.first(where: { access("\($0)/postgres", X_OK) == 0 }) {
            return found
        }
        throw LaunchFailure(
            description: "PostgreSQL's server programs were not found: install the package "
                + "postgresql, or name their folder in SAGAD_TEST_PG_BIN")
    }
}
