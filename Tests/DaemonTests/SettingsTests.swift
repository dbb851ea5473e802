import Logging
import Testing

@testable import Daemon

/// Loads settings as `sagad` does, with files from a dictionary instead of the disk.
func load(
    _ command: Settings.Command = .serve,
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    files: [String: String] = [:]
) throws(SettingsProblems) -> Settings {
    try Settings.load(command: command, arguments: arguments, environment: environment) { path in
        files[path].map { .bytes(Array($0.utf8)) } ?? .missing
    }
}

/// The problems of settings that must not load, one text for each.
func problems(
    _ command: Settings.Command = .serve,
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    files: [String: String] = [:]
) -> [String] {
    do throws(SettingsProblems) {
        _ = try load(command, arguments, environment: environment, files: files)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

private let sqlite = "--database-url=sqlite:/tmp/x.db"

@Suite struct `Settings without any given` {
    @Test func `are the defaults of dev`() throws {
        let settings = try load(.dev)

        #expect(settings.database.url == .sqlite(path: ".sagad/sagad.db"))
        #expect(settings.nats.servers == [])
        #expect(settings.sagas == Settings.Sagas(directory: "sagas", active: []))
        #expect(settings.http.listen == ListenAddress(host: "127.0.0.1", port: 3000))
        #expect(settings.http.bodyLimit == 524_288)
        #expect(settings.faults.enabled)
        #expect(settings.dev == Settings.Dev(workers: true, natsServer: "nats-server"))
        #expect(settings.log == Settings.Log(level: .info, format: nil))
        #expect(settings.warnings == [])
    }

    @Test func `are the defaults of serve but for the database, which has none`() throws {
        #expect(
            problems() == [
                "settings: error: database.url: expected postgresql://USER@HOST:PORT/DATABASE or "
                    + "sqlite:PATH; found no value. Set --database-url, SAGAD_DATABASE_URL, or "
                    + "database: {url: …} in the file."
            ])
        let settings = try load(.serve, [sqlite])
        #expect(settings.nats.servers == ["nats://127.0.0.1:4222"])
        #expect(settings.sagas.directory == "/etc/sagad/sagas")
        #expect(settings.stateDirectory == "/var/lib/sagad")
        #expect(!settings.faults.enabled)
        #expect(
            settings.coordinator
                == Settings.Coordinator(
                    batchTransitions: 256, batchBytes: 4_194_304, lanes: 1, queue: 8192,
                    cache: 16_384, resend: .seconds(30), resendMax: .seconds(600)))
        #expect(settings.intakeIdempotency == .seconds(86_400))
    }
}

@Suite struct `Settings from several sources` {
    private static let file = """
        database:
          url: sqlite:/from/file.db
        http:
          listen: "127.0.0.1:1001"
        log: {level: debug, format: json}
        coordinator:
          queue: 11
        """
    private static let environment = [
        "SAGAD_HTTP_LISTEN": "127.0.0.1:1002", "SAGAD_LOG_LEVEL": "error",
        "CREDENTIALS_DIRECTORY": "/run/credentials/sagad.service",
    ]
    private static let files = [
        "/etc/sagad/sagad.yaml": file,
        "/run/credentials/sagad.service/database.url": "postgresql://u:p@db/sagad\n",
    ]

    @Test
    func `take the flag before the variable, that before the credential, that before the file`()
        throws
    {
        let settings = try load(
            .serve, ["--http-listen", "127.0.0.1:1003"], environment: Self.environment,
            files: Self.files)

        #expect(settings.http.listen.port == 1003)
        #expect(settings.log == Settings.Log(level: .error, format: .json))
        #expect(settings.database.url == .postgresql("postgresql://u:p@db/sagad"))
        #expect(settings.coordinator.queue == 11)
        #expect(settings.timers.scan == .seconds(1))
    }

    @Test func `read for dev only the file that is named`() throws {
        #expect(try load(.dev, files: Self.files).coordinator.queue == 8192)
        let named = try load(.dev, ["--config", "/etc/sagad/sagad.yaml"], files: Self.files)
        #expect(named.coordinator.queue == 11)
    }

    @Test func `refuse a named file that is not there`() {
        #expect(
            problems(.serve, ["--config=/x.yaml", sqlite]) == [
                "/x.yaml: error: expected a YAML file of settings; found no such file. Mend that, "
                    + "or name another file with --config."
            ])
    }

    @Test func `refuse a file and a credential that cannot be read`() {
        let environment = ["CREDENTIALS_DIRECTORY": "/c"]
        do throws(SettingsProblems) {
            _ = try Settings.load(command: .serve, arguments: [], environment: environment) {
                $0 == "/c/nats.url" ? .missing : .unreadable("Permission denied")
            }
            Issue.record("loaded")
        } catch {
            #expect(error.problems.map(\.place).contains(.credential("database.url")))
            #expect(error.problems.map(\.place).contains(.wholeFile("/etc/sagad/sagad.yaml")))
        }
    }

    @Test func `take the state directory of systemd where the file names none`() throws {
        let environment = ["STATE_DIRECTORY": "/var/lib/private/sagad:/other"]
        let settings = try load(.serve, [sqlite], environment: environment)
        #expect(settings.stateDirectory == "/var/lib/private/sagad")
        let named = try load(
            .serve, [sqlite], environment: environment,
            files: ["/etc/sagad/sagad.yaml": "state: {directory: /srv/sagad}"])
        #expect(named.stateDirectory == "/srv/sagad")
        #expect(try load(.dev, environment: environment).stateDirectory == ".sagad")
    }
}

@Suite struct `Wrong settings` {
    @Test func `are all told in one run, each with its place`() {
        let file = """
            http:
              body_limit: 12
            coordinator:
              lanes: 99
            """
        let found = problems(
            .serve, ["--log-level=inof", sqlite, "--bogus", "stray"],
            environment: ["SAGAD_TIMERS_SCAN": "soon"],
            files: ["/etc/sagad/sagad.yaml": file])

        #expect(
            found == [
                "--bogus: error: expected a flag of sagad; found an unknown one. `sagad help "
                    + "config` lists them.",
                "stray: error: expected flags only; found an argument that belongs to none. Put "
                    + "it behind its flag, or remove it.",
                "/etc/sagad/sagad.yaml:2:15: error: http.body_limit: expected a byte count from "
                    + "1KiB to 8MiB, such as 512KiB or 4MiB; found `12`, which has no unit. The "
                    + "units are B, KiB, MiB and GiB. Correct it, or remove it for the default "
                    + "(512KiB).",
                "--log-level: error: log.level: expected one of trace, debug, info, notice, "
                    + "warning, error, critical; found `inof`, which is none of them. Did you "
                    + "mean info? Correct it, or remove it for the default (info).",
                "/etc/sagad/sagad.yaml:4:10: error: coordinator.lanes: expected a whole number "
                    + "from 1 to 16; found `99`, which is too large. Correct it, or remove it for "
                    + "the default (1).",
                "SAGAD_TIMERS_SCAN: error: timers.scan: expected a duration from 100ms to 1m, "
                    + "such as 500ms, 30s or 1h30m; found `soon`, which is not a duration. The "
                    + "units are d, h, m, s and ms, the largest first. Correct it, or remove it "
                    + "for the default (1s).",
            ])
    }

    @Test func `never show what may hold a password`() {
        let found = problems(.serve, ["--database-url=mysql://u:geheim@db/x"])
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.contains("geheim") && $0.contains("not shown") })
    }

    @Test(arguments: ["0.0.0.0:3000", "[::]:3000", "192.168.1.2:3000", "sagad.example:3000"])
    func `are an address that others can reach while nobody is asked who calls`(address: String) {
        let found = problems(.serve, [sqlite, "--http-listen", address])
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("--http-listen: error: http.listen: expected a loopback") == true
        )
        #expect(problems(.dev, ["--http-listen", address]).count == 1)
        #expect(problems(.migrate, [sqlite, "--http-listen", address]) == [])
    }

    @Test func `are an address that others can reach without TLS`() {
        let found = problems(.serve, [sqlite, "--grpc-listen", "0.0.0.0:50051"])
        #expect(
            found == [
                "--grpc-listen: error: grpc.listen: expected a loopback address such as "
                    + "127.0.0.1:50051 while no grpc.tls_certificate is given; found "
                    + "`0.0.0.0:50051`. Anyone on the way could read and append events. Listen on "
                    + "loopback, or give grpc.tls_certificate and grpc.tls_key."
            ])
        #expect(problems(.migrate, [sqlite, "--grpc-listen", "0.0.0.0:50051"]) == [])
    }

    @Test(arguments: [
        (["--grpc-tls-key=/k"], "grpc.tls_certificate: expected the certificate of grpc.tls_key"),
        (["--grpc-tls-certificate=/c"], "grpc.tls_key: expected the key of grpc.tls_certificate"),
        (
            ["--grpc-tls-clients=/a"],
            "grpc.tls_clients: expected grpc.tls_certificate and grpc.tls_key beside it"
        ),
    ])
    func `are half of what TLS needs`(flags: [String], text: String) {
        let found = problems(.serve, [sqlite] + flags)
        #expect(found.count == 1)
        #expect(found.first?.contains(text) == true)
    }

    @Test(arguments: ["token", "oidc-jwt"])
    func `are the ways of asking that do not exist yet`(mode: String) {
        let found = problems(.serve, [sqlite, "--auth-mode", mode])
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("--auth-mode: error: auth.mode: expected none; found `\(mode)`")
                == true)
    }

    @Test func `are a longest resend shorter than the first one`() {
        let found = problems(.dev, ["--coordinator-resend=2m", "--coordinator-resend-max=1m"])
        #expect(
            found == [
                "--coordinator-resend-max: error: coordinator.resend_max: expected at least "
                    + "coordinator.resend (2m); found `1m`. Raise it, or lower coordinator.resend."
            ])
    }
}

@Suite struct `Settings that are only worth a warning` {
    @Test func `are variables that look like settings and are none`() throws {
        let settings = try load(
            .dev,
            environment: [
                "SAGAD_HTTP_LISTN": "x", "SAGAD_ZZZ": "x", "SAGAD_TEST_NATS_URL": "x", "HOME": "/",
            ])
        #expect(
            settings.warnings == [
                "SAGAD_HTTP_LISTN is no setting of sagad and is ignored: did you mean "
                    + "SAGAD_HTTP_LISTEN?",
                "SAGAD_ZZZ is no setting of sagad and is ignored: `sagad help config` lists the "
                    + "known ones",
            ])
    }
}

@Suite struct `Settings of TLS` {
    private static let pair = ["--grpc-tls-certificate=/c", "--grpc-tls-key=/k"]
    private static let open = ["--grpc-listen=0.0.0.0:50051"]

    @Test func `open gRPC to others, with a warning where everyone is let in`() throws {
        let settings = try load(.serve, [sqlite] + Self.open + Self.pair)
        #expect(settings.grpc.listen.host == "0.0.0.0")
        #expect(settings.grpc.tls == Settings.TLS(certificate: "/c", key: "/k", clients: nil))
        #expect(
            settings.warnings == [
                "grpc.listen 0.0.0.0:50051: whoever reaches it can append events; set "
                    + "grpc.tls_clients to let in only clients with a certificate"
            ])
    }

    @Test func `let in those with a certificate`() throws {
        let clients = ["--grpc-tls-clients=/a"]
        let settings = try load(.serve, [sqlite] + Self.open + Self.pair + clients)
        #expect(settings.grpc.tls.clients == "/a")
        #expect(settings.warnings == [])
    }
}

@Suite struct `The table of settings` {
    @Test func `is read whole, each row once`() throws {
        var reading = SettingsReading(
            command: .dev, layers: [SettingsLayer(name: "nothing")])
        _ = Settings(command: .dev, reading: &reading)
        #expect(reading.keysRead.sorted() == SettingsTable.rows.map(\.key).sorted())
    }

    @Test func `gives each row a flag and a variable of its own`() {
        let rows = SettingsTable.rows
        #expect(Set(rows.map(\.flag)).count == rows.count)
        #expect(Set(rows.map(\.variable)).count == rows.count)
        #expect(rows.allSatisfy { $0.key.split(separator: ".").count == 2 })
    }

    @Test func `names a key the same way in each source`() {
        let row = SettingsTable.httpBodyLimit.row
        #expect(row.flag == "--http-body-limit")
        #expect(row.variable == "SAGAD_HTTP_BODY_LIMIT")
        #expect(row.yaml == "http: {body_limit: …}")
    }
}
