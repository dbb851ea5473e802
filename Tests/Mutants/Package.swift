// swift-tools-version: 6.2
import PackageDescription

/// The core, the checker and their tests by themselves, for `make mutants`.
///
/// `mutants` puts the sources of the project beside a copy of this file, with its mutants in the
/// core; nothing here is built by the project's own package.
let package = Package(
    name: "mutants",
    targets: [
        .systemLibrary(name: "Cyaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "SagaCore"),
        .target(name: "SagaLanguage", dependencies: ["SagaCore", "Cyaml"]),
        .target(name: "SagaCheck", dependencies: ["SagaCore", "SagaLanguage"]),
        .executableTarget(
            name: "CheckSagas", dependencies: ["SagaCheck", "SagaLanguage", "SagaCore"]),
        .testTarget(name: "SagaCoreTests", dependencies: ["SagaCore"]),
        .testTarget(
            name: "SagaCheckTests", dependencies: ["SagaCheck", "SagaLanguage", "SagaCore"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
