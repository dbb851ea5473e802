import Logging

/// Every setting of sagad: flags, environment, file, help and the reference page follow it.
enum SettingsTable {
    /// All rows, in the order of the reference page.
    static let rows: [SettingRow] = [
        databaseURL.row, databasePool.row, databaseConnectTimeout.row,
        natsURL.row,
        sagasDirectory.row, sagasActive.row,
        httpListen.row, httpBodyLimit.row,
        grpcListen.row, grpcMessageLimit.row, grpcAnswerLimit.row, grpcCalls.row, grpcStreams.row,
        grpcTLSCertificate.row, grpcTLSKey.row, grpcTLSClients.row,
        authMode.row,
        logLevel.row, logFormat.row,
        intakeIdempotency.row,
        coordinatorBatchTransitions.row, coordinatorBatchBytes.row, coordinatorLanes.row,
        coordinatorQueue.row, coordinatorCache.row, coordinatorResend.row,
        coordinatorResendMax.row,
        timersHorizon.row, timersScan.row,
        outboxSweep.row, outboxAge.row,
        eventsQueue.row, eventsPoll.row,
        busPublishWindow.row, busPublishTimeout.row, busFetchBatch.row,
        viewsEnabled.row, viewsGather.row, viewsSweep.row, viewsCache.row, viewsBehindAfter.row,
        streamsCheck.row,
        debtAfter.row, settleTwoPeople.row, faultsEnabled.row, faultsFile.row,
        shutdownGrace.row, stateDirectory.row,
        devWorkers.row, devNATSServer.row,
    ]

    // MARK: The database and the broker

    static let databaseURL = Setting<DatabaseURL?>(
        "database.url", SettingKind<DatabaseURL>.database.optional(),
        standard: .described(
            others: nil, dev: nil, text: "none; dev: `sagad.db` in the state directory"),
        "Where the sagas are kept: CockroachDB or PostgreSQL (libpq's URL, with its options), or "
            + "one SQLite file.", isSecret: true)
    static let databasePool = Setting(
        "database.pool", .count(1...64), standard: .always(4),
        "The most connections to the database; SQLite has one writer whatever it says.")
    static let databaseConnectTimeout = Setting(
        "database.connect_timeout", .duration(.seconds(1) ... .seconds(300)),
        standard: .always(.seconds(5)), "How long one attempt to connect may take.")
    static let natsURL = Setting(
        "nats.url", .natsServers,
        standard: .described(
            others: ["nats://127.0.0.1:4222"], dev: [],
            text: "nats://127.0.0.1:4222; dev: a server of its own"),
        "The NATS servers, with JetStream.", isSecret: true)

    // MARK: Definitions

    static let sagasDirectory = Setting(
        "sagas.directory", .path, standard: .differs(others: "/etc/sagad/sagas", dev: "sagas"),
        "The folder of definitions: every `*.yaml` at its top level that is not `*.test.yaml`.")
    static let sagasActive = Setting(
        "sagas.active", .names("names of sagas, comma separated"),
        standard: .described(others: [], dev: [], text: "all"),
        "Which sagas own their intake path, where several claim the same one.")

    // MARK: The doors

    static let httpListen = Setting(
        "http.listen", .listen, standard: .always(loopback(port: 3000)),
        "Where HTTP is served. While `auth.mode` is `none`, only on loopback.")
    static let httpBodyLimit = Setting(
        "http.body_limit", .bytes(1024...8 * mebibyte), standard: .always(512 * 1024),
        "The largest request body. A command made of it must fit the broker's largest message.")
    static let grpcListen = Setting(
        "grpc.listen", .listen, standard: .always(loopback(port: 50051)),
        "Where the gRPC event store is served. Without TLS only on loopback.")
    static let grpcMessageLimit = Setting(
        "grpc.message_limit", .bytes(1024...8 * mebibyte), standard: .always(512 * 1024),
        "The largest request. An event must fit the broker's largest message.")
    static let grpcAnswerLimit = Setting(
        "grpc.answer_limit", .bytes(64 * 1024...64 * mebibyte), standard: .always(4 * mebibyte),
        "The largest answer of `GetEvents`; clients take 4 MiB where nobody raised their limit.")
    static let grpcCalls = Setting(
        "grpc.calls", .count(1...100_000), standard: .always(1024),
        "The most calls in hand at once, those that wait for the store included; beyond it they "
            + "are answered `RESOURCE_EXHAUSTED`.")
    static let grpcStreams = Setting(
        "grpc.streams", .count(1...10_000), standard: .always(256),
        "The most streams at once: who follows events, and who watches the health.")
    static let grpcTLSCertificate = Setting<String?>(
        "grpc.tls_certificate", SettingKind<String>.path.optional(), standard: none,
        "The server's certificate, with those between it and its authority: a PEM file. With it "
            + "gRPC is served by TLS only.")
    static let grpcTLSKey = Setting<String?>(
        "grpc.tls_key", SettingKind<String>.path.optional(), standard: none,
        "The private key of that certificate: a PEM file.")
    static let grpcTLSClients = Setting<String?>(
        "grpc.tls_clients", SettingKind<String>.path.optional(), standard: none,
        "The authorities of clients, a PEM file: with it only a client that shows a certificate "
            + "of one of them is served.")
    static let authMode = Setting(
        "auth.mode", .choice, standard: .always(AuthMode.none),
        "Who may call: `none` asks nothing. `token` and `oidc-jwt` are refused in this version.")
    static let logLevel = Setting(
        "log.level", .choice, standard: .always(Logger.Level.info),
        "The least level that is logged.")
    static let logFormat = Setting<LogFormat?>(
        "log.format", SettingKind<LogFormat>.choice.optional(),
        standard: .described(others: nil, dev: nil, text: "text on a terminal, else json"),
        "How a log line is written, to the standard error output.")
    static let intakeIdempotency = Setting(
        "intake.idempotency", .duration(.seconds(60) ... .seconds(30 * day)),
        standard: .always(.seconds(day)), "How long an `Idempotency-Key` and its answer are kept.")

    // MARK: Bounds of the runtime

    static let coordinatorBatchTransitions = Setting(
        "coordinator.batch_transitions", .count(1...256), standard: .always(256),
        "The most transitions in one transaction.")
    static let coordinatorBatchBytes = Setting(
        "coordinator.batch_bytes", .bytes(64 * 1024...15 * mebibyte),
        standard: .always(4 * mebibyte), "The most bytes written in one transaction.")
    static let coordinatorLanes = Setting(
        "coordinator.lanes", .count(1...16), standard: .always(1),
        "Transactions in flight at once, beside one of starts; sagas are divided between them.")
    static let coordinatorQueue = Setting(
        "coordinator.queue", .count(1...1_000_000), standard: .always(8192),
        """
        The most inputs that wait in front of one lane, and the most starts, half of them of one \
        definition; beyond that its intake answers 503.
        """)
    static let coordinatorCache = Setting(
        "coordinator.cache", .count(0...10_000_000), standard: .always(16_384),
        "The most sagas whose state is kept in memory.")
    static let coordinatorResend = Setting(
        "coordinator.resend", .duration(.seconds(1) ... .seconds(3600)),
        standard: .always(.seconds(30)),
        "How long an open command goes unanswered before it is sent again the first time.")
    static let coordinatorResendMax = Setting(
        "coordinator.resend_max", .duration(.seconds(1) ... .seconds(day)),
        standard: .always(.seconds(600)), "The longest time between two sendings of one command.")
    static let timersHorizon = Setting(
        "timers.horizon", .duration(.seconds(1) ... .seconds(3600)),
        standard: .always(.seconds(60)),
        "How far ahead due times are held in memory.")
    static let timersScan = Setting(
        "timers.scan", .duration(.milliseconds(100) ... .seconds(60)),
        standard: .always(.seconds(1)),
        "How often the database is asked for sagas that are due.")
    static let outboxSweep = Setting(
        "outbox.sweep", .duration(.milliseconds(100) ... .seconds(60)),
        standard: .always(.seconds(1)),
        "How often the database is asked for domain events that were not published.")
    static let outboxAge = Setting(
        "outbox.age", .duration(.seconds(1) ... .seconds(600)), standard: .always(.seconds(5)),
        "How old such an event is before the sweep publishes it.")
    static let eventsQueue = Setting(
        "events.queue", .count(1...1_000_000), standard: .always(8192),
        "The most events that callers append and that wait for the store; beyond it they are told "
            + "to come again.")
    static let eventsPoll = Setting(
        "events.poll", .duration(.milliseconds(100) ... .seconds(60)),
        standard: .always(.seconds(1)),
        "How often a reader that follows events looks for those that other daemons recorded.")
    static let busPublishWindow = Setting(
        "bus.publish_window", .count(1...8192), standard: .always(512),
        "The most messages published and not yet acknowledged by JetStream.")
    static let busPublishTimeout = Setting(
        "bus.publish_timeout", .duration(.milliseconds(100) ... .seconds(60)),
        standard: .always(.seconds(5)), "How long JetStream may take to acknowledge a message.")
    static let busFetchBatch = Setting(
        "bus.fetch_batch", .count(1...4096), standard: .always(256),
        "The most replies asked for in one pull request.")

    // MARK: The read model

    static let viewsEnabled = Setting(
        "views.enabled", .toggle, standard: .always(true),
        "Whether this daemon keeps the read model up to date. Of several daemons one is enough.")
    static let viewsGather = Setting(
        "views.gather", .duration(.zero ... .seconds(60)), standard: .always(.seconds(1)),
        "The longest that events gather before they go into the views, where more than a thousand "
            + "come a second: several of one aggregate then make one write.")
    static let viewsSweep = Setting(
        "views.sweep", .duration(.milliseconds(100) ... .seconds(600)),
        standard: .always(.seconds(1)),
        "How often the next 1024 aggregates are compared with their views.")
    static let viewsCache = Setting(
        "views.cache", .count(0...1_000_000), standard: .always(4096),
        "The most views that are kept in memory.")
    static let viewsBehindAfter = Setting(
        "views.behind_after", .duration(.seconds(1) ... .seconds(86_400)),
        standard: .always(.seconds(30)),
        "From which lag on `/readyz` says that the views are behind.")

    static let streamsCheck = Setting(
        "streams.check", .duration(.milliseconds(100) ... .seconds(600)),
        standard: .always(.seconds(5)),
        "How often the broker's streams are looked at; what one lost is sent again from the "
            + "database.")

    // MARK: The operator's side

    static let debtAfter = Setting(
        "debt.after", .duration(.seconds(1) ... .seconds(30 * day)),
        standard: .always(.seconds(300)),
        "How long a compensation goes unanswered before it is listed as debt.")
    static let settleTwoPeople = Setting(
        "settle.two_people", .toggle, standard: .always(false),
        "Whether what is stuck is settled by hand only once two people say the same of it.")
    static let faultsEnabled = Setting(
        "faults.enabled", .toggle, standard: .differs(others: false, dev: true),
        "Lets rules provoke failures (docs/faults.md); elsewhere their routes answer 403.")
    static let faultsFile = Setting<String?>(
        "faults.file", SettingKind<String>.path.optional(), standard: none,
        "A YAML or JSON file with a list of rules of failures that are set at each start.")
    static let shutdownGrace = Setting(
        "shutdown.grace", .duration(.seconds(1) ... .seconds(600)), standard: .always(.seconds(20)),
        "How long work in hand may take to finish after a signal to stop.")
    static let stateDirectory = Setting(
        "state.directory", .path,
        standard: .described(
            others: "/var/lib/sagad", dev: ".sagad",
            text: "$STATE_DIRECTORY, else /var/lib/sagad; dev: .sagad"),
        "The folder of what a command keeps on disk.")

    // MARK: `sagad dev`

    static let devWorkers = Setting(
        "dev.workers", .toggle, standard: .always(true),
        "`dev` runs the order participants in its own process; `serve` never runs participants.")
    static let devNATSServer = Setting(
        "dev.nats_server", .path, standard: .always("nats-server"),
        "The program that `dev` starts as its broker where `nats.url` is not given; a bare name is "
            + "looked up in PATH and in /usr/sbin.")

    private static let none = Setting<String?>.Standard.described(
        others: nil, dev: nil, text: "none")
    private static let mebibyte = 1 << 20
    private static let day = 86_400

    private static func loopback(port: Int) -> ListenAddress {
        ListenAddress(host: "127.0.0.1", port: port)
    }
}
