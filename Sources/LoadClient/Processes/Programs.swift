import FoundationEssentials
import Glibc

/// Where the project's programs and definitions are.
package struct Programs: Sendable {
    /// The environment variable that names the folder of the programs.
    package static let variable = "SAGAD_PROGRAMS"

    /// The folder of the programs.
    package var folder: String
    /// The folder of the shipped definitions.
    package var sagas: String

    /// Finds both: the programs in the folder given, else the one that the environment names, else
    /// beside the running executable; the definitions in the nearest `sagas` above it.
    package static func find(folder: String? = nil, sagas: String? = nil) throws -> Programs {
        let named = folder ?? getenv(variable).map { String(cString: $0) }
        let beside = try ownFolder()
        let programs = named ?? beside
        let places = [programs, beside, FileManager.default.currentDirectoryPath]
        guard let sagas = sagas ?? places.lazy.compactMap(Self.sagas(above:)).first else {
            throw LaunchFailure(
                description: "no folder sagas with order.yaml was found above \(programs): "
                    + "name it with --sagas")
        }
        return Programs(folder: programs, sagas: sagas)
    }

    /// Finds both for tests: the programs beside the bundle of tests that runs, unless the
    /// environment names another folder.
    package static func findForTests() throws -> Programs {
        let named = getenv(variable).map { String(cString: $0) }
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        return try find(folder: named ?? bundle.map(parent))
    }

    /// The path of a program.
    package func path(_ name: String) throws(LaunchFailure) -> String {
        let path = "\(folder)/\(name)"
        guard access(path, X_OK) == 0 else {
            throw LaunchFailure(
                description: "\(path) was not found: build it with `swift build --product \(name)`")
        }
        return path
    }

    private static func ownFolder() throws -> String {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return parent(of: path)
    }

    private static func sagas(above folder: String) -> String? {
        var folder = folder
        while folder.count > 1 {
            let sagas = "\(folder)/sagas"
            if access("\(sagas)/order.yaml", R_OK) == 0 { return sagas }
            folder = parent(of: folder)
        }
        return nil
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }
}

/// The last lines of a log file, for messages.
package func tail(of path: String, lines: Int = 12) -> String {
    guard let bytes = FileManager.default.contents(atPath: path) else { return "(no \(path))" }
    let all = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return all.suffix(lines).joined(separator: "\n")
}
