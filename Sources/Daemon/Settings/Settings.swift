import Logging

/// What sagad was told to do and how: one value for each row of `SettingsTable`, which says what
/// each of them means.
struct Settings: Equatable, Sendable {
    /// Which command the settings are for; the defaults of `dev` differ.
    enum Command: String, Sendable, CaseIterable {
        case serve
        case dev
        case migrate
        case rebuildViews = "rebuild-views"
        case republish

        /// Whether the command opens doors.
        var serves: Bool {
            switch self {
            case .serve, .dev: true
            case .migrate, .rebuildViews, .republish: false
            }
        }
    }

    struct Database: Equatable, Sendable {
        var url: DatabaseURL
        var pool: Int
        var connectTimeout: Duration
    }

    struct NATS: Equatable, Sendable {
        /// None for `dev` where no server is given: it starts its own.
        var servers: [String]
    }

    struct Sagas: Equatable, Sendable {
        var directory: String
        /// None means all.
        var active: [String]
    }

    struct HTTP: Equatable, Sendable {
        var listen: ListenAddress
        /// In bytes.
        var bodyLimit: Int
    }

    struct GRPC: Equatable, Sendable {
        var listen: ListenAddress
        /// In bytes.
        var messageLimit: Int
        /// In bytes.
        var answerLimit: Int
        var calls: Int
        var streams: Int
        var tls: TLS
    }

    /// Paths of PEM files.
    struct TLS: Equatable, Sendable {
        var certificate: String?
        var key: String?
        var clients: String?
    }

    struct Log: Equatable, Sendable {
        var level: Logger.Level
        /// Nil: by whether the standard error output is a terminal.
        var format: LogFormat?
    }

    struct Coordinator: Equatable, Sendable {
        var batchTransitions: Int
        var batchBytes: Int
        var lanes: Int
        var queue: Int
        var cache: Int
        var resend: Duration
        var resendMax: Duration
    }

    struct Timers: Equatable, Sendable {
        var horizon: Duration
        var scan: Duration
    }

    struct Outbox: Equatable, Sendable {
        var sweep: Duration
        var age: Duration
    }

    struct Events: Equatable, Sendable {
        var queue: Int
        var poll: Duration
    }

    struct Bus: Equatable, Sendable {
        var publishWindow: Int
        var publishTimeout: Duration
        var fetchBatch: Int
    }

    struct Views: Equatable, Sendable {
        var enabled: Bool
        var gather: Duration
        var sweep: Duration
        var cache: Int
        var behindAfter: Duration
    }

    struct Dev: Equatable, Sendable {
        var workers: Bool
        var natsServer: String
    }

    struct Faults: Equatable, Sendable {
        var enabled: Bool
        /// A file of rules that are set at the start.
        var file: String?
    }

    var command: Command
    var database: Database
    var nats: NATS
    var sagas: Sagas
    var http: HTTP
    var grpc: GRPC
    var authMode: AuthMode
    var log: Log
    var intakeIdempotency: Duration
    var coordinator: Coordinator
    var timers: Timers
    var outbox: Outbox
    var events: Events
    var bus: Bus
    var views: Views
    var streamsCheck: Duration
    var debtAfter: Duration
    /// Whether what is settled by hand takes two people.
    var settleTwoPeople: Bool
    var faults: Faults
    var shutdownGrace: Duration
    var stateDirectory: String
    var dev: Dev
    /// What a person should know and nothing needs to stop for; one sentence each.
    var warnings: [String]
}

/// Who may call the API.
enum AuthMode: String, SettingChoice {
    /// Anyone who can reach it.
    case none
    /// Who has a token of the configuration.
    case token
    /// Who has a token of an identity provider.
    case oidcJWT = "oidc-jwt"
}

extension Settings {
    /// Takes each value from what was read; the order is the table's.
    init(command: Command, reading: inout SettingsReading) {
        typealias Table = SettingsTable
        self.command = command
        let url = reading.value(Table.databaseURL)
        let state = reading.value(Table.stateDirectory)
        database = Database(
            url: url ?? .sqlite(path: "\(state)/sagad.db"),
            pool: reading.value(Table.databasePool),
            connectTimeout: reading.value(Table.databaseConnectTimeout))
        nats = NATS(servers: reading.value(Table.natsURL))
        sagas = Sagas(
            directory: reading.value(Table.sagasDirectory),
            active: reading.value(Table.sagasActive))
        http = HTTP(
            listen: reading.value(Table.httpListen),
            bodyLimit: reading.value(Table.httpBodyLimit))
        grpc = GRPC(&reading)
        authMode = reading.value(Table.authMode)
        log = Log(level: reading.value(Table.logLevel), format: reading.value(Table.logFormat))
        intakeIdempotency = reading.value(Table.intakeIdempotency)
        coordinator = Coordinator(&reading)
        timers = Timers(
            horizon: reading.value(Table.timersHorizon), scan: reading.value(Table.timersScan))
        outbox = Outbox(
            sweep: reading.value(Table.outboxSweep), age: reading.value(Table.outboxAge))
        events = Events(
            queue: reading.value(Table.eventsQueue), poll: reading.value(Table.eventsPoll))
        bus = Bus(
            publishWindow: reading.value(Table.busPublishWindow),
            publishTimeout: reading.value(Table.busPublishTimeout),
            fetchBatch: reading.value(Table.busFetchBatch))
        views = Views(&reading)
        streamsCheck = reading.value(Table.streamsCheck)
        debtAfter = reading.value(Table.debtAfter)
        settleTwoPeople = reading.value(Table.settleTwoPeople)
        faults = Faults(
            enabled: reading.value(Table.faultsEnabled), file: reading.value(Table.faultsFile))
        shutdownGrace = reading.value(Table.shutdownGrace)
        stateDirectory = state
        dev = Dev(
            workers: reading.value(Table.devWorkers),
            natsServer: reading.value(Table.devNATSServer))
        warnings = []
        if command != .dev, url == nil { reading.addMissing(Table.databaseURL) }
    }
}

extension Settings.GRPC {
    fileprivate init(_ reading: inout SettingsReading) {
        typealias Table = SettingsTable
        listen = reading.value(Table.grpcListen)
        messageLimit = reading.value(Table.grpcMessageLimit)
        answerLimit = reading.value(Table.grpcAnswerLimit)
        calls = reading.value(Table.grpcCalls)
        streams = reading.value(Table.grpcStreams)
        tls = Settings.TLS(
            certificate: reading.value(Table.grpcTLSCertificate),
            key: reading.value(Table.grpcTLSKey), clients: reading.value(Table.grpcTLSClients))
    }
}

extension Settings.Coordinator {
    fileprivate init(_ reading: inout SettingsReading) {
        typealias Table = SettingsTable
        batchTransitions = reading.value(Table.coordinatorBatchTransitions)
        batchBytes = reading.value(Table.coordinatorBatchBytes)
        lanes = reading.value(Table.coordinatorLanes)
        queue = reading.value(Table.coordinatorQueue)
        cache = reading.value(Table.coordinatorCache)
        resend = reading.value(Table.coordinatorResend)
        resendMax = reading.value(Table.coordinatorResendMax)
    }
}

extension Settings.Views {
    fileprivate init(_ reading: inout SettingsReading) {
        typealias Table = SettingsTable
        enabled = reading.value(Table.viewsEnabled)
        gather = reading.value(Table.viewsGather)
        sweep = reading.value(Table.viewsSweep)
        cache = reading.value(Table.viewsCache)
        behindAfter = reading.value(Table.viewsBehindAfter)
    }
}
