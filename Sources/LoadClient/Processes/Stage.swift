import FoundationEssentials
import Glibc
import Synchronization

/// What one run sets up and takes down again: a scratch folder and child processes.
package final class Stage: Sendable {
    /// The scratch folder.
    package let folder: String
    private let children = Mutex<[ChildProcess]>([])
    private let isKept = Mutex(false)

    private init(folder: String) { self.folder = folder }

    /// Sets a stage up, runs the body on it, and takes it down whatever happens: children are
    /// stopped, the last one first, and the folder is removed.
    ///
    /// - Parameter keep: leaves the folder where it is.
    package static func run<Value: Sendable>(
        _ name: String, keep: Bool = false, _ body: (Stage) async throws -> Value
    ) async throws -> Value {
        let stage = try Stage(folder: makeFolder(name))
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(stage))
        } catch {
            result = .failure(error)
        }
        await stage.stopChildren()
        if !keep, !stage.isKept.withLock({ $0 }) {
            try? FileManager.default.removeItem(atPath: stage.folder)
        }
        return try result.get()
    }

    /// Leaves the folder where it is, for somebody to look into it.
    package func keep() { isKept.withLock { $0 = true } }

    /// Starts a child that ends with the stage.
    package func start(_ launch: Launch) async throws(LaunchFailure) -> ChildProcess {
        let child = try await ChildProcess.start(launch)
        children.withLock { $0.append(child) }
        return child
    }

    /// The path of a file in the scratch folder.
    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Makes a folder in the scratch folder.
    package func makeFolder(_ name: String) throws -> String {
        let path = path(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private func stopChildren() async {
        for child in children.withLock({ $0 }).reversed() where child.end == nil {
            await child.stop()
        }
    }

    /// A folder that other users may enter: a database server may run as one.
    private static func makeFolder(_ name: String) throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/sagad-\(name).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LaunchFailure(
                description: "no folder can be made in \(parent): set TMPDIR to a writable one")
        }
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
        return path
    }
}
