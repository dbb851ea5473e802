// swift-tools-version: 6.2
import PackageDescription

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient = Target.Dependency.product(
    name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
// The module of Apple's Network framework, which off their systems brings the part of the transport
// that is common to all, and that alone: the module for Posix brings a second BoringSSL and X.509,
// ten minutes of building on two cores. Over which sockets, and how TLS, our own listener says.
let grpcTransport = Target.Dependency.product(
    name: "GRPCNIOTransportHTTP2TransportServices", package: "grpc-swift-nio-transport")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

/// The targets, bottom-up: each imports only from the lines above it.
let package = Package(
    name: "sagad",
    products: [
        .executable(name: "sagad", targets: ["sagad"]),
        .executable(name: "sagactl", targets: ["sagactl"]),
        .executable(name: "order-workers", targets: ["order-workers"]),
        .library(name: "SagaWorker", targets: ["SagaWorker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(
            url: "https://github.com/HdrHistogram/hdrhistogram-swift",
            .upToNextMinor(from: "0.2.0")),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Line 1: the C libraries, and the wrappers that alone import them.
        .systemLibrary(name: "Cpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "Cnats", pkgConfig: "libnats", providers: [.apt(["libnats-dev"])]),
        .systemLibrary(name: "Cyaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "PostgreSQL", dependencies: ["Cpq"]),
        .target(name: "NATS", dependencies: ["Cnats"]),
        .target(name: "EventLoops", dependencies: [nioCore]),
        // Line 2: what a saga is and what it decides next.
        .target(name: "SagaCore"),
        // Line 3: the language, and the coordinator with its ports.
        .target(name: "SagaLanguage", dependencies: ["SagaCore", "Cyaml"]),
        .target(name: "SagaRuntime", dependencies: ["SagaCore", logging, coreMetrics, lifecycle]),
        .target(
            name: "Schema", path: "schema", exclude: ["saga.schema.json"],
            resources: [.embedInCode("migrations"), .embedInCode("sqlite")]),
        // Line 4: drawings of definitions, and the adapters.
        .target(name: "SagaDrawing", dependencies: ["SagaCore", "SagaLanguage"]),
        .target(
            name: "CockroachStore",
            dependencies: ["SagaRuntime", "SagaCore", "PostgreSQL", "Schema", logging]),
        .target(
            name: "EmbeddedStore",
            dependencies: ["SagaRuntime", "SagaCore", "Schema", grdb, logging]),
        .target(name: "JetStreamBus", dependencies: ["SagaRuntime", "SagaCore", "NATS", logging]),
        .target(name: "Prometheus", dependencies: [coreMetrics]),
        .target(
            name: "SagaTestKit", dependencies: ["SagaRuntime", "SagaCore", logging],
            exclude: ["Simulation"]),
        // Line 5: the faces.
        .target(
            name: "SagaAPI",
            dependencies: [
                "SagaDrawing", "SagaRuntime", "SagaCore", "EventLoops", hummingbird,
                hummingbirdCore, httpTypes, nioCore, nioHTTP1, nioHTTPTypes, lifecycle, logging,
                metrics,
            ]),
        .target(
            name: "EventStoreRPC",
            dependencies: [
                "SagaRuntime", "SagaCore", grpcCore, grpcProtobuf, grpcTransport, protobuf, nioCore,
                nioPosix, nioSSL, lifecycle, logging, metrics,
            ],
            exclude: ["Protos"]),
        .target(name: "SagaCheck", dependencies: ["SagaCore", "SagaLanguage"]),
        .target(
            name: "SagaTool",
            dependencies: ["SagaCheck", "SagaDrawing", "SagaLanguage", "SagaCore", arguments]),
        // The operator's half of `sagactl`: over HTTP, and as a scripted participant over NATS.
        .target(
            name: "OperatorTool",
            dependencies: [
                "SagaTool", "SagaCheck", "SagaLanguage", "SagaCore", "LoadClient", "NATS",
                "OrderWorkers", arguments, httpClient, nioCore, nioHTTP1, unixSignals,
            ]),
        // The participant's kit and the order participants, apart from the daemon.
        .target(name: "SagaWorker", dependencies: ["NATS", logging]),
        .target(name: "OrderWorkers", dependencies: ["SagaWorker", grdb, logging, lifecycle]),
        // Daemons and participants on one thread and a clock of their own; the store in memory's.
        .target(
            name: "Simulation",
            dependencies: [
                "SagaTestKit", "SagaRuntime", "SagaLanguage", "SagaCore", "SagaWorker", logging,
            ],
            path: "Sources/SagaTestKit/Simulation"),
        .executableTarget(name: "sagad-simulate", dependencies: ["Simulation"]),
        // Line 6: the programs.
        .target(
            name: "Daemon",
            dependencies: [
                "CockroachStore", "EmbeddedStore", "EventStoreRPC", "JetStreamBus", "OrderWorkers",
                "Prometheus", "SagaAPI", "SagaCore", "SagaLanguage", "SagaRuntime", "NATS",
                configuration, lifecycle, unixSignals, logging, metrics, coreMetrics,
            ]),
        // How the allocator is set with which the installed daemon is linked.
        .target(name: "Allocator"),
        .executableTarget(name: "sagad", dependencies: ["Daemon", "Allocator"]),
        .executableTarget(name: "sagactl", dependencies: ["OperatorTool"]),
        .executableTarget(
            name: "order-workers",
            dependencies: [
                "OrderWorkers", "SagaWorker", arguments, lifecycle, unixSignals, logging,
            ]),
        // What tries the daemon from outside.
        .target(name: "FaultyWire", path: "Tests/FaultyWire"),
        .target(
            name: "LoadClient",
            dependencies: ["SagaCore", "EventLoops", nioCore, nioPosix, nioHTTP1, unixSignals]),
        .target(name: "SagaDemo", dependencies: ["LoadClient", "OrderWorkers", "SagaCore"]),
        .executableTarget(name: "sagad-demo", dependencies: ["SagaDemo"]),
        // The floor under the daemon: what a saga's rows and messages cost by themselves.
        .target(
            name: "BenchLimit",
            dependencies: [
                "CockroachStore", "EmbeddedStore", "OrderWorkers", "SagaRuntime", "SagaCore",
                "NATS", arguments,
            ]),
        .target(
            name: "BenchLoad",
            dependencies: [
                "BenchLimit", "LoadClient", "NATS", "PostgreSQL", "SagaCore", arguments, grdb,
                grpcCore, grpcTransport, histogram, nioCore, nioPosix,
            ]),
        .executableTarget(name: "sagad-bench", dependencies: ["BenchLoad"]),
        .executableTarget(name: "sagad-bench-limit", dependencies: ["BenchLimit"]),
        .target(
            name: "Survival",
            dependencies: [
                "LoadClient", "SagaCore", "NATS", "PostgreSQL", "FaultyWire", arguments, grdb,
            ]),
        .executableTarget(name: "sagad-survival", dependencies: ["Survival"]),
        // Tests: one target for each target of the program, and conformance suites for the ports.
        .target(name: "TestBroker", dependencies: ["LoadClient"], path: "Tests/TestBroker"),
        .testTarget(name: "ProjectTests", dependencies: ["SagaLanguage", "SagaCore"]),
        .testTarget(name: "DemoTests", dependencies: ["LoadClient", "sagad", "sagad-demo"]),
        .testTarget(
            name: "AcceptanceTests", dependencies: ["LoadClient", "SagaCore", "sagad"]),
        .testTarget(
            name: "SurvivalTests",
            dependencies: ["Survival", "LoadClient", "FaultyWire", "sagad", "order-workers"]),
        .testTarget(name: "SagaCoreTests", dependencies: ["SagaCore"]),
        .testTarget(
            name: "SagaLanguageTests", dependencies: ["SagaLanguage", "SagaCore"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "SagaCheckTests", dependencies: ["SagaCheck", "SagaLanguage", "SagaCore"]),
        .testTarget(
            name: "SagaToolTests",
            dependencies: ["SagaTool", "SagaDrawing", "SagaCheck", "SagaLanguage", "SagaCore"]),
        .testTarget(
            name: "OperatorToolTests",
            dependencies: [
                "OperatorTool", "SagaTool", "SagaCheck", "SagaLanguage", "SagaCore", "NATS",
                "TestBroker", "LoadClient", "sagad", "sagactl",
            ]),
        .testTarget(
            name: "SagaRuntimeTests",
            dependencies: ["SagaRuntime", "SagaTestKit", "SagaCore", logging]),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation"], path: "Tests/Simulation",
            exclude: ["Planted", "plant"]),
        .testTarget(name: "PostgreSQLTests", dependencies: ["PostgreSQL"]),
        .testTarget(name: "NATSTests", dependencies: ["NATS", "TestBroker"]),
        .testTarget(name: "PrometheusTests", dependencies: ["Prometheus", coreMetrics]),
        .testTarget(name: "DaemonTests", dependencies: ["Daemon", logging]),
        .testTarget(
            name: "StoreConformanceTests",
            dependencies: [
                "CockroachStore", "EmbeddedStore", "SagaTestKit", "SagaRuntime", "SagaCore",
                "PostgreSQL", grdb,
            ]),
        .testTarget(
            name: "CockroachStoreTests",
            dependencies: [
                "CockroachStore", "PostgreSQL", "SagaRuntime", "SagaCore", "SagaTestKit",
                "FaultyWire", logging,
            ]),
        .testTarget(name: "SQLTests", dependencies: ["CockroachStore", "PostgreSQL", "Schema"]),
        .testTarget(
            name: "BusConformanceTests",
            dependencies: [
                "JetStreamBus", "NATS", "SagaTestKit", "SagaRuntime", "SagaCore", "TestBroker",
                logging,
            ]),
        .testTarget(
            name: "SagaAPITests",
            dependencies: [
                "SagaAPI", "SagaTestKit", "SagaRuntime", "SagaCore", "EventLoops", nioCore,
                nioPosix, logging, lifecycle, httpTypes,
            ]),
        .testTarget(
            name: "EventStoreRPCTests",
            dependencies: [
                "EventStoreRPC", "SagaTestKit", "SagaRuntime", "SagaCore", grpcCore, grpcProtobuf,
                grpcTransport, protobuf, nioCore, nioPosix, nioSSL, logging, lifecycle, coreMetrics,
            ]),
        .testTarget(
            name: "BenchLoadTests",
            dependencies: [
                "BenchLimit", "BenchLoad", "EventStoreRPC", "LoadClient", "SagaCore", grpcCore,
                protobuf,
            ]),
        .testTarget(
            name: "SagaWorkerTests",
            dependencies: ["SagaWorker", "NATS", "TestBroker", logging]),
        .testTarget(
            name: "OrderWorkersTests",
            dependencies: [
                "OrderWorkers", "SagaWorker", "NATS", "TestBroker", grdb, logging, lifecycle,
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// One set of flags for all of our own code.
for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .treatAllWarnings(as: .error),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
            .enableUpcomingFeature("ExistentialAny"),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
            .enableUpcomingFeature("InternalImportsByDefault"),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
            .enableUpcomingFeature("MemberImportVisibility"),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
}
